//! The service.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::time::Duration;

use rpcgen_runtime::stream::{Receiver, Sender};
use rpcgen_runtime::{Context, Fault, Status};

use crate::contents::read;
use crate::folder::{Folder, open};
use crate::stubs::{Contents, Entry, FileError, Files, MAX_CHUNK};

/// How long a chunk may take to come. Until then the upload of one whose machine is gone keeps others from the same name.
const PATIENCE: Duration = Duration::from_secs(20);

impl Files for Folder {
    fn list(&self, _: &Context, items: Sender<Entry>) -> Result<(), Status> {
        items.send_all(self.entries()?)
    }

    fn stat(&self, context: &Context, name: &str) -> Result<(Option<Contents>, Option<Contents>), Fault<FileError>> {
        let (file, part) = self.paths(name)?;
        let contents = |file| read(Wanted { file, context });
        Ok((open(&file)?.map(contents).transpose()?, open(&part)?.map(contents).transpose()?))
    }

    fn download(&self, _: &Context, name: &str, offset: u64, items: Sender<[u8]>) -> Result<(), Fault<FileError>> {
        let mut file = self.read(name)?;
        file.seek(SeekFrom::Start(offset))?;
        let mut chunk = vec![0; MAX_CHUNK as usize];
        loop {
            match file.read(&mut chunk)? {
                0 => return Ok(()),
                count => items.send(&chunk[..count])?,
            }
        }
    }

    fn upload(
        &self,
        _: &Context,
        name: &str,
        offset: u64,
        whole: Contents,
        chunks: Receiver<Vec<u8>>,
    ) -> Result<(), Fault<FileError>> {
        let mut part = self.write(name)?;
        let size = part.size()?;
        if offset > size {
            return Err(FileError::TooFar { size }.into());
        }
        part.go_on(offset)?;
        // A `?` on a chunk leaves what has come: the connection is broken.
        for chunk in chunks.with_item_timeout(PATIENCE) {
            if part.write(&chunk?)? > whole.size {
                break;
            }
        }
        let is_whole = part.complete(&whole, &self.paths(name)?.0)?;
        if is_whole { Ok(()) } else { Err(FileError::Damaged.into()) }
    }
}

/// A file that is read for as long as somebody waits for what comes of it.
struct Wanted<'a> {
    file: File,
    context: &'a Context,
}

impl Read for Wanted<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.context.is_cancelled() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.file.read(into)
    }
}
