//! Unix sockets: who calls, who may, the socket's file from the first moment to the last, and servers that do not accept.

mod support;

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _, symlink};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use rpcgen_runtime::stub::{
    Caller, Context, Failure, Method, Packer, PendingCall, Service, ServiceInfo, Status, Unpacker,
};
use rpcgen_runtime::{Channel, ChannelOptions, Code, Endpoint, ProcessServer, Router, ThreadServer};
use support::servers::on_each;
use support::{Client, Sums};
use tempfile::TempDir;

/// No test waits longer than this for anything.
const PATIENCE: Duration = Duration::from_secs(60);

static WHO: Method = Method::new("test.Door/who", 1, 1);
static ENTER: Method = Method::new("test.Door/enter", 2, 2);
static DOOR: ServiceInfo = ServiceInfo::new("test.Door", &[&WHO, &ENTER]);

/// Says who calls, and lets one user in.
struct Door {
    only: u32,
}

impl Service for Door {
    fn info(&self) -> &'static ServiceInfo {
        &DOOR
    }

    fn call(
        &self,
        method: usize,
        context: &Context,
        _: &mut Unpacker<'_>,
        out: &mut Packer<'_>,
    ) -> Result<(), Failure> {
        let peer = context.peer_credentials();
        if method == 1 {
            return match peer {
                Some(peer) if peer.uid == self.only => Ok(()),
                _ => Err(Status::permission_denied("not you").into()),
            };
        }
        let known = peer.map_or([0; 4], |peer| [1, peer.uid, peer.gid, peer.pid.unwrap_or(0)]);
        known.iter().try_for_each(|number| out.fixed(number)).map_err(Failure::from_reply)
    }
}

fn who(caller: &Caller) -> [u32; 4] {
    let call: PendingCall<_, Status> = caller
        .start(&WHO, |_| Ok(()), |input| Ok([input.fixed()?, input.fixed()?, input.fixed()?, input.fixed()?]))
        .expect("starts");
    call.wait().expect("an answer")
}

fn enter(caller: &Caller) -> Result<(), Status> {
    let call: PendingCall<_, Status> = caller.start(&ENTER, |_| Ok(()), |_| Ok(()))?;
    call.wait()
}

/// A folder for a socket, and where it goes.
fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s");
    (folder, path)
}

fn url(path: &Path) -> String {
    format!("unix://{}", path.display())
}

fn with_mode(path: &Path, mode: u32) -> String {
    format!("unix://{}?mode={mode:04o}", path.display())
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).expect("a file").permissions().mode() & 0o7777
}

/// Whether a server at this address answers.
fn answers(url: &str) -> bool {
    Client(Caller::new(Channel::connect(url).expect("connects"))).add(2, 3) == Ok(5)
}

fn router() -> Router {
    Router::new().add(Sums::default())
}

fn refusal(url: &str) -> String {
    ThreadServer::bind(url).expect_err("refused").to_string()
}

/// The socket of a server that is gone.
fn leave_stale(path: &Path) {
    drop(UnixListener::bind(path).expect("binds"));
    assert!(path.exists());
}

#[test]
#[cfg(target_os = "linux")]
fn a_handler_knows_who_calls_over_a_unix_socket() {
    on_each(|on| {
        let (folder, path) = place();
        let server = on.bind(&url(&path)).expect("binds").start(Router::new().add(Door { only: 0 }));
        let server = server.expect("starts");
        let me = fs::metadata(folder.path()).expect("a folder");
        let caller = Caller::new(Channel::connect(&url(&path)).expect("connects"));
        assert_eq!(who(&caller), [1, me.uid(), me.gid(), std::process::id()]);
        server.shutdown(PATIENCE);
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_handler_can_refuse_other_users() {
    on_each(|on| {
        let (folder, path) = place();
        let me = fs::metadata(folder.path()).expect("a folder").uid();
        for (only, outcome) in [(me, Ok(())), (me + 1, Err(Code::PermissionDenied))] {
            let server = on.bind(&url(&path)).expect("binds").start(Router::new().add(Door { only }));
            let caller = Caller::new(Channel::connect(&url(&path)).expect("connects"));
            assert_eq!(enter(&caller).map_err(|status| status.code()), outcome);
            server.expect("starts").shutdown(PATIENCE);
        }
    });
}

#[test]
fn nobody_is_known_elsewhere() {
    on_each(|on| {
        let router = Router::new().add(Door { only: 0 });
        let server = on.bind("tcp://127.0.0.1:0").expect("binds").start(router.clone()).expect("starts");
        let tcp = Channel::connect(&server.endpoint().to_string()).expect("connects");
        for channel in [tcp, Channel::in_process(router).expect("a channel")] {
            let caller = Caller::new(channel);
            assert_eq!(who(&caller), [0; 4]);
            assert_eq!(enter(&caller).map_err(|status| status.code()), Err(Code::PermissionDenied));
        }
        server.shutdown(PATIENCE);
    });
}

#[test]
fn the_file_has_the_mode_asked_for_or_what_the_umask_leaves() {
    let (folder, path) = place();
    for asked in [0o600, 0o660, 0o666, 0o777, 0o000] {
        let server = ThreadServer::bind(&with_mode(&path, asked)).expect("binds");
        assert_eq!(mode(&path), asked);
        assert_eq!(server.endpoint().expect("known"), Endpoint::Unix { path: path.clone(), mode: None });
    }
    let other = folder.path().join("other");
    let _of_system = UnixListener::bind(&other).expect("binds");
    let _server = ThreadServer::bind(&url(&path)).expect("binds");
    assert_eq!(mode(&path), mode(&other));
}

#[test]
#[cfg(target_os = "linux")]
fn the_file_is_not_wider_even_for_a_moment() {
    const ROUNDS: usize = 3000;
    let (_folder, path) = place();
    let (begin, end) = (Barrier::new(2), Barrier::new(2));
    let first = || {
        begin.wait();
        let started = Instant::now();
        let mut found = fs::symlink_metadata(&path);
        while found.is_err() && started.elapsed() < PATIENCE {
            found = fs::symlink_metadata(&path);
        }
        end.wait();
        found.expect("a file").permissions().mode() & 0o777
    };
    let firsts: Vec<u32> = thread::scope(|scope| {
        let watcher = scope.spawn(|| (0..ROUNDS).map(|_| first()).collect());
        for _ in 0..ROUNDS {
            begin.wait();
            let server = ThreadServer::bind(&with_mode(&path, 0o600));
            end.wait();
            server.expect("binds");
        }
        watcher.join().expect("no panic")
    });
    assert!(firsts.iter().all(|mode| mode & !0o600 == 0), "{firsts:?}");
}

#[test]
fn the_socket_of_a_server_that_is_gone_is_taken_over() {
    on_each(|on| {
        let (_folder, path) = place();
        leave_stale(&path);
        let server = on.bind(&with_mode(&path, 0o600)).expect("binds").start(router()).expect("starts");
        assert!(answers(&url(&path)));
        assert_eq!(mode(&path), 0o600);
        server.shutdown(PATIENCE);
    });
}

#[test]
fn the_socket_of_a_server_at_work_is_left_to_it() {
    on_each(|on| {
        let (_folder, path) = place();
        let server = on.bind(&url(&path)).expect("binds").start(router()).expect("starts");
        let expected = format!("cannot listen on {}: another server listens there", url(&path));
        assert_eq!(refusal(&url(&path)), expected);
        assert_eq!(ProcessServer::bind(&url(&path)).expect_err("refused").to_string(), expected);
        assert!(answers(&url(&path)));
        server.shutdown(PATIENCE);
    });
}

#[test]
fn a_server_that_does_not_accept_is_no_server_that_is_gone() {
    let (_folder, path) = place();
    let (_listener, _waiting) = stuck(&path);
    assert!(refusal(&url(&path)).ends_with(": another server listens there"));
}

#[test]
fn what_is_no_socket_is_left_alone() {
    let (folder, path) = place();
    let stale = folder.path().join("stale");
    leave_stale(&stale);
    let problem = "what is there is no socket; it is left alone, so remove it or choose another path";
    let expected = format!("cannot listen on {}: {problem}", url(&path));

    fs::write(&path, "precious").expect("written");
    assert_eq!(refusal(&url(&path)), expected);
    assert_eq!(fs::read_to_string(&path).expect("there"), "precious");

    fs::remove_file(&path).and_then(|()| symlink(&stale, &path)).expect("a link");
    assert_eq!(refusal(&url(&path)), expected);
    assert!(path.is_symlink() && stale.exists());

    fs::remove_file(&path).and_then(|()| fs::create_dir(&path)).expect("a folder");
    assert_eq!(refusal(&url(&path)), expected);
    assert!(path.is_dir());
}

#[test]
fn of_servers_that_start_at_once_exactly_one_wins() {
    const SERVERS: usize = 8;
    let (_folder, path) = place();
    for round in 0..50 {
        if round % 2 == 0 {
            leave_stale(&path);
        }
        let start = Barrier::new(SERVERS);
        let bound: Vec<_> = thread::scope(|scope| {
            let bind = || {
                start.wait();
                ThreadServer::bind(&url(&path))
            };
            let threads: Vec<_> = (0..SERVERS).map(|_| scope.spawn(bind)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        let (won, lost): (Vec<_>, Vec<_>) = bound.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1, "{lost:?}");
        for error in lost.into_iter().filter_map(Result::err) {
            assert!(error.to_string().ends_with(": another server listens there"), "{error}");
        }
        let server = won.into_iter().flatten().next().expect("one").start(router()).expect("starts");
        assert!(answers(&url(&path)));
        server.shutdown(PATIENCE);
    }
}

#[test]
fn the_file_goes_with_its_server() {
    on_each(|on| {
        let (_folder, path) = place();
        let server = on.bind(&url(&path)).expect("binds").start(router()).expect("starts");
        assert!(fs::symlink_metadata(&path).expect("there").file_type().is_socket());
        server.shutdown(PATIENCE);
        assert!(!path.exists());
        drop(on.bind(&url(&path)).expect("binds"));
        assert!(!path.exists());
        drop(ProcessServer::bind(&url(&path)).expect("binds"));
        assert!(!path.exists());
    });
}

#[test]
fn a_file_that_has_become_anothers_stays() {
    on_each(|on| {
        let (_folder, path) = place();
        let server = on.bind(&url(&path)).expect("binds").start(router()).expect("starts");
        fs::remove_file(&path).expect("removed");
        let _other = UnixListener::bind(&path).expect("binds");
        server.shutdown(PATIENCE);
        UnixStream::connect(&path).expect("the other's");
    });
}

/// A server whose backlog is full, and the connections that fill it.
fn stuck(path: &Path) -> (UnixListener, Vec<std::os::fd::OwnedFd>) {
    use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, listen, socket_with};
    let listener = UnixListener::bind(path).expect("binds");
    listen(&listener, 1).expect("listens");
    let address = SocketAddrUnix::new(path).expect("an address");
    let mut waiting = Vec::new();
    loop {
        let socket =
            socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::NONBLOCK, None).expect("a socket");
        match connect(&socket, &address) {
            Ok(()) => waiting.push(socket),
            Err(error) => {
                assert_eq!(error, rustix::io::Errno::AGAIN);
                return (listener, waiting);
            }
        }
    }
}

#[test]
fn a_server_that_does_not_accept_is_given_up_in_time() {
    let (_folder, path) = place();
    let (_listener, _waiting) = stuck(&path);
    let begin = Instant::now();
    let connect_timeout = Duration::from_millis(50);
    let options = ChannelOptions { connect_timeout, ..ChannelOptions::default() };
    let status = Channel::connect_with(&url(&path), options).expect_err("given up");
    assert!(begin.elapsed() >= connect_timeout);
    assert_eq!((status.code(), status.may_have_run()), (Code::Unavailable, false));
    assert!(status.message().contains("the server has accepted no connection for 50ms"), "{status}");
}

#[test]
fn a_server_that_accepts_late_is_waited_for() {
    let (_folder, path) = place();
    let (listener, waiting) = stuck(&path);
    thread::scope(|scope| {
        let connecting = scope.spawn(|| Channel::connect(&url(&path)));
        for _ in 0..=waiting.len() {
            listener.accept().expect("a connection");
        }
        connecting.join().expect("no panic").expect("connects");
    });
}

#[test]
#[cfg(target_os = "linux")]
fn an_abstract_socket_has_a_name_and_no_file() {
    let (folder, _) = place();
    // The folder's path is nobody else's, so neither is the name.
    let url = format!("unix:@{}", folder.path().display());
    let server = ThreadServer::bind(&url).expect("binds").start(router()).expect("starts");
    assert_eq!(server.endpoint().to_string(), url);
    assert!(answers(&url));
    assert_eq!(refusal(&url), format!("cannot listen on {url}: another server listens there"));
    server.shutdown(PATIENCE);
    ThreadServer::bind(&url).expect("free again");
}

#[test]
fn what_no_socket_can_be_bound_to_is_told_why() {
    let (folder, _) = place();
    let long = folder.path().join("x".repeat(200));
    let problem = format!("the path has {} bytes", long.as_os_str().len());
    let error = refusal(&url(&long));
    assert!(error.contains(&problem), "{error}");
    let error = Channel::connect(&url(&long)).expect_err("too long").to_string();
    assert!(error.contains(&problem), "{error}");
    let error = refusal(&url(&folder.path().join("missing/s")));
    assert!(error.contains("missing` cannot be opened: "), "{error}");
}
