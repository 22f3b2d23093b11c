//! What people see when an interface is wrong. A case is `ui/NAME.rpc`, with what is printed in `ui/NAME.stderr`
//! (no such file: nothing is printed). Files that it imports are in `ui/NAME/`,
//! those that several cases import in `ui/lib/`.

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::Result;
use libtest_mimic::{Arguments, Failed, Trial};
use rpcgen::diag::Diagnostics;
use rpcgen::diag::render::{Colours, render};
use rpcgen::load::{Reader, load};
use rpcgen::sema::analyze;
use rpcgen::source::SourceMap;
use rpcgen_tests::expect;

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    let mut cases = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rpc") {
            cases.push(path);
        }
    }
    cases.sort();
    let trials = cases.into_iter().map(|case| {
        let name = case.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Trial::test(name, move || run(&case).map_err(|error| Failed::from(format!("{error:#}"))))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit()
}

fn run(case: &Path) -> Result<()> {
    let folder = Folder(case.parent().unwrap_or(Path::new("")).to_owned());
    let name = case.file_name().map(PathBuf::from).unwrap_or_default();
    expect(&case.with_extension("stderr"), &messages(name, &folder))
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
