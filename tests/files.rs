//! Upload and download as people use them: the command, broken connections, clients and servers that are killed, and names that
//! want to be elsewhere.

#[path = "../runtime/tests/support/proxy.rs"]
mod proxy;

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use files::contents;
use files::stubs::{Contents, FileError, FilesClient};
use proxy::{Fault, Plan, Proxy};
use rpcgen_runtime::{CallError, Channel};
use tempfile::TempDir;

const MIB: usize = 1 << 20;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A place for files of both sides, and a server.
struct Place {
    folder: TempDir,
    server: Process,
    url: String,
}

/// A process that is killed if it has not ended.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().unwrap_or_default();
        self.0.wait().expect("it ends");
    }
}

impl Place {
    /// With a server on a Unix socket, which may be started again at the same address.
    fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let url = format!("unix://{}", folder.path().join("socket").display());
        Self::serve(folder, &url)
    }

    /// With one on a free port.
    fn tcp() -> Result<Self> {
        Self::serve(tempfile::tempdir()?, "tcp://127.0.0.1:0")
    }

    fn serve(folder: TempDir, url: &str) -> Result<Self> {
        let mut server =
            run(&["serve", url, path_text(&folder.path().join("store"))?]).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(server.stdout.take().context("no output")?).read_line(&mut line)?;
        let url = line.trim().strip_prefix("listening on ").context("no address")?.to_owned();
        Ok(Self { folder, server: Process(server), url })
    }

    /// Kills the server, and starts another at the same address.
    fn restart(self) -> Result<Self> {
        let Self { folder, server, url } = self;
        drop(server);
        Self::serve(folder, &url)
    }

    fn client(&self) -> Result<FilesClient> {
        Ok(FilesClient::new(Channel::connect(&self.url)?))
    }

    /// A file of the client.
    fn here(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file of the server.
    fn there(&self, name: &str) -> PathBuf {
        self.folder.path().join("store").join(name)
    }

    /// What a client is told to do with a file here and there that are called so.
    fn put(&self, url: &str, name: &str) -> Result<Command> {
        Ok(run(&["put", url, path_text(&self.here(name))?]))
    }

    fn get(&self, url: &str, name: &str) -> Result<Command> {
        Ok(run(&["get", url, name, "--to", path_text(&self.here(&format!("{name}.copy")))?]))
    }
}

fn run(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_files"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn path_text(path: &Path) -> Result<&str> {
    path.to_str().context("the path is no text")
}

/// Does it, and fails if it fails.
fn done(command: &mut Command) -> Result<()> {
    ensure!(command.stdout(Stdio::null()).status()?.success());
    Ok(())
}

/// Makes a file of so many bytes, no two parts of which are the same.
fn make(path: &Path, size: usize) -> Result<()> {
    let mut block = vec![0; MIB];
    fastrand::Rng::with_seed(7).fill(&mut block);
    let mut file = File::create(path)?;
    for at in (0..size).step_by(MIB) {
        block[..8].copy_from_slice(&(at as u64).to_be_bytes());
        file.write_all(&block[..MIB.min(size - at)])?;
    }
    Ok(())
}

fn are_same(a: &Path, b: &Path) -> Result<()> {
    ensure!(contents(a)? == contents(b)?, "{} and {} differ", a.display(), b.display());
    Ok(())
}

fn wait_until(is_so: impl Fn() -> bool) -> Result<()> {
    let begun = Instant::now();
    while !is_so() {
        ensure!(begun.elapsed() < PATIENCE, "it takes too long");
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

#[test]
fn files_of_any_size_come_back_as_they_were() -> Result<()> {
    let place = Place::new()?;
    for size in [0, 1, 65_536, 65_537, 5 * MIB + 3] {
        let name = format!("of {size}");
        make(&place.here(&name), size)?;
        done(&mut place.put(&place.url, &name)?)?;
        done(&mut place.get(&place.url, &name)?)?;
        are_same(&place.here(&name), &place.there(&name))?;
        are_same(&place.here(&name), &place.here(&format!("{name}.copy")))?;
    }
    ensure!(fs::read_dir(place.there(".part"))?.next().is_none(), "parts are left");
    let list = run(&["list", &place.url]).output()?.stdout;
    let list = String::from_utf8(list)?;
    ensure!(list.lines().count() == 5 && list.contains("         65537  of 65537\n"), "{list}");
    Ok(())
}

/// Every connection ends within 5 MiB: who began anew would never be done.
#[test]
fn transfers_go_on_where_the_connection_broke() -> Result<()> {
    let place = Place::tcp()?;
    make(&place.here("file"), 12 * MIB)?;
    let server = place.url.strip_prefix("tcp://").context("no port")?.parse()?;
    let up = Proxy::start(server, |_| Plan::to_server(Fault::Cut(5 * MIB)));
    done(&mut place.put(&up.url(), "file")?)?;
    are_same(&place.here("file"), &place.there("file"))?;
    let down = Proxy::start(server, |_| Plan::to_client(Fault::Cut(5 * MIB)));
    done(&mut place.get(&down.url(), "file")?)?;
    are_same(&place.here("file"), &place.here("file.copy"))
}

/// Starts a transfer, and gives it when it has begun for good and is not near its end.
fn begin(mut command: Command, part: &Path) -> Result<Process> {
    let client = Process(command.stdout(Stdio::null()).spawn()?);
    wait_until(|| size(part) >= MIB as u64)?;
    Ok(client)
}

/// What is long enough to be killed in the middle.
const LONG: usize = 128 * MIB;

#[test]
fn transfers_go_on_after_the_client_was_killed() -> Result<()> {
    let place = Place::new()?;
    make(&place.here("file"), LONG)?;
    for (command, part) in [
        (Place::put as fn(&Place, &str, &str) -> Result<Command>, place.there(".part/file")),
        (Place::get, place.here("file.copy.part")),
    ] {
        drop(begin(command(&place, &place.url, "file")?, &part)?);
        ensure!((1..LONG as u64).contains(&size(&part)));
        // The server may not know yet that the first client is gone.
        wait_until(|| done(&mut command(&place, &place.url, "file").expect("as before")).is_ok())?;
        ensure!(!part.exists());
    }
    are_same(&place.here("file"), &place.there("file"))?;
    are_same(&place.here("file"), &place.here("file.copy"))
}

#[test]
fn clients_go_on_when_their_server_was_killed_and_is_there_again() -> Result<()> {
    let mut place = Place::new()?;
    make(&place.here("file"), LONG)?;
    for (command, part) in [
        (Place::put as fn(&Place, &str, &str) -> Result<Command>, place.there(".part/file")),
        (Place::get, place.here("file.copy.part")),
    ] {
        let mut client = begin(command(&place, &place.url, "file")?, &part)?;
        place.server.0.kill()?;
        ensure!((1..LONG as u64).contains(&size(&part)));
        place = place.restart()?;
        ensure!(client.0.wait()?.success());
    }
    are_same(&place.here("file"), &place.there("file"))?;
    are_same(&place.here("file"), &place.here("file.copy"))
}

#[test]
fn names_that_lead_elsewhere_are_refused() -> Result<()> {
    let place = Place::new()?;
    fs::write(place.here("secret"), "secret")?;
    let files = place.client()?;
    let long = "x".repeat(255) + "/";
    for name in ["", ".", "..", "../secret", "/etc/passwd", "a/../../secret", ".part", "a\0b", "a\nb", &long[1..]] {
        let bad = Err(CallError::Declared(FileError::BadName));
        assert_eq!(files.stat(name).map(|_| ()), bad, "{name:?}");
        assert_eq!(files.download(name, 0)?.next().transpose().map(|_| ()), bad, "{name:?}");
        assert_eq!(files.upload(name, 0, &Contents::default())?.finish(), bad, "{name:?}");
        let refused = run(&["get", &place.url]).args(["--", name]).stderr(Stdio::piped()).output();
        // The system takes no argument with a zero byte.
        ensure!(refused.map_or(name.contains('\0'), |refused| !refused.status.success()), "{name:?}");
    }
    ensure!(files.list()?.next().is_none());
    Ok(())
}

#[test]
fn what_is_no_file_is_neither_read_nor_written() -> Result<()> {
    let place = Place::new()?;
    fs::write(place.here("secret"), "secret")?;
    symlink(place.here("secret"), place.there("link"))?;
    fs::create_dir(place.there("folder"))?;
    ensure!(Command::new("mkfifo").arg(place.there("pipe")).status()?.success());
    let files = place.client()?;
    ensure!(files.list()?.next().is_none());
    for name in ["link", "folder", "pipe", "none"] {
        assert_eq!(files.stat(name)?, (None, None), "{name}");
        let none = CallError::Declared(FileError::NoSuchFile { name: name.to_owned() });
        assert_eq!(files.download(name, 0)?.next(), Some(Err(none)));
    }
    // A link is replaced, and what it leads to is left alone.
    make(&place.here("link"), 100)?;
    done(&mut place.put(&place.url, "link")?)?;
    are_same(&place.here("link"), &place.there("link"))?;
    ensure!(fs::read(place.here("secret"))? == b"secret");
    Ok(())
}

#[test]
fn of_two_uploads_of_one_name_the_second_is_refused() -> Result<()> {
    let place = Place::new()?;
    make(&place.here("file"), MIB)?;
    let (whole, files) = (contents(&place.here("file"))?, place.client()?);
    let mut first = files.upload("file", 0, &whole)?;
    first.send(b"not the beginning")?;
    wait_until(|| size(&place.there(".part/file")) > 0)?;
    let busy = Err(CallError::Declared(FileError::Busy { name: "file".to_owned() }));
    assert_eq!(files.upload("file", 0, &whole)?.finish(), busy);
    let refused = place.put(&place.url, "file")?.stderr(Stdio::piped()).output()?;
    let why = String::from_utf8_lossy(&refused.stderr);
    ensure!(!refused.status.success() && why.contains("`file` is being uploaded by somebody else"), "{why}");
    // Given up, it is in nobody's way; and another beginning is not gone on with.
    drop(first);
    wait_until(|| done(&mut place.put(&place.url, "file").expect("as before")).is_ok())?;
    are_same(&place.here("file"), &place.there("file"))
}

#[test]
fn what_is_not_as_announced_is_thrown_away() -> Result<()> {
    let place = Place::new()?;
    fs::write(place.here("file"), "right")?;
    let (whole, files) = (contents(&place.here("file"))?, place.client()?);
    let too_far = Err(CallError::Declared(FileError::TooFar { size: 0 }));
    assert_eq!(files.upload("file", 1, &whole)?.finish(), too_far);
    for wrong in [&b""[..], b"wrong", b"right and more"] {
        let mut upload = files.upload("file", 0, &whole)?;
        upload.send(wrong)?;
        assert_eq!(upload.finish(), Err(CallError::Declared(FileError::Damaged)));
        assert_eq!(files.stat("file")?, (None, None));
    }
    let mut upload = files.upload("file", 0, &whole)?;
    upload.send(b"right")?;
    upload.finish()?;
    assert_eq!(files.stat("file")?, (Some(whole), None));
    assert_eq!(files.download("file", 3)?.collect::<Result<Vec<_>, _>>()?, [b"ht"]);
    assert_eq!(files.download("file", 9)?.count(), 0);
    Ok(())
}

/// The most memory of both sides, in KiB. `RPCGEN_FILES_BYTES` says how large the file is.
#[test]
#[cfg(target_os = "linux")]
fn memory_is_flat_at_any_size() -> Result<()> {
    const MOST: u64 = 40 << 10;
    let size = std::env::var("RPCGEN_FILES_BYTES").map_or(Ok(64 * MIB), |size| size.parse())?;
    let place = Place::new()?;
    make(&place.here("file"), size)?;
    let whole = contents(&place.here("file"))?;
    for command in [place.put(&place.url, "file")?, place.get(&place.url, "file")?] {
        let begun = Instant::now();
        let client = peak_of(command)?;
        // Bytes in a microsecond.
        let speed = size as u128 / begun.elapsed().as_micros().max(1);
        let server = peak(place.server.0.id()).context("the server is gone")?;
        println!("{size} bytes at {speed} MB/s: client {client} KiB, server {server} KiB");
        ensure!(client < MOST && server < MOST, "client {client} KiB, server {server} KiB");
        // The disk need not hold it three times.
        fs::remove_file(place.here("file")).unwrap_or_default();
    }
    ensure!(contents(&place.here("file.copy"))? == whole);
    Ok(())
}

/// The most memory that a process had, as long as it runs.
#[cfg(target_os = "linux")]
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The same of a command, up to its end.
#[cfg(target_os = "linux")]
fn peak_of(mut command: Command) -> Result<u64> {
    let mut process = Process(command.stdout(Stdio::null()).spawn()?);
    let mut most = None;
    loop {
        most = peak(process.0.id()).or(most);
        match process.0.try_wait()? {
            Some(status) if status.success() => return most.context("it has ended too soon"),
            Some(status) => bail!("{status}"),
            None => thread::sleep(Duration::from_millis(1)),
        }
    }
}
