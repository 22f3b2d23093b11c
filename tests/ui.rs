//! What people see when an interface is wrong. A case is `ui/NAME.rpc`, with what is printed in `ui/NAME.stderr`
//! (no such file: nothing is printed). Files that it imports are in `ui/NAME/`,
//! those that several cases import in `ui/lib/`.

use std::path::{Path, PathBuf};
use std::{fs, io};

use rpcgen::diag::Diagnostics;
use rpcgen::diag::render::{Colours, render};
use rpcgen::load::{Reader, load};
use rpcgen::sema::analyze;
use rpcgen::source::SourceMap;
use rpcgen_tests::run_files;

fn main() {
    run_files("ui", "rpc", "stderr", |case, _| Ok(run(case)));
}

fn run(case: &Path) -> String {
    let folder = Folder(case.parent().unwrap_or(Path::new("")).to_owned());
    messages(case.file_name().map(PathBuf::from).unwrap_or_default(), &folder)
}

/// What the compiler says about a file. The one place that knows how far the compiler goes.
fn messages(root: PathBuf, reader: &dyn Reader) -> String {
    let (mut sources, mut out) = (SourceMap::default(), Diagnostics::default());
    let files = load(&[root], &[], reader, &mut sources, &mut out);
    analyze(&files, &mut out);
    render(&out, &sources, Colours::Off)
}

/// The files of a folder, so that messages hold no path of this machine.
struct Folder(PathBuf);

impl Reader for Folder {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(self.0.join(path))
    }
}
