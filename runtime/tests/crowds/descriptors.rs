//! Processes that may open no further file.

use std::fs::File;
use std::thread;
use std::time::{Duration, Instant};

use rpcgen_runtime::stub::Caller;
use rpcgen_runtime::{Channel, ChannelOptions, Code, ServerOptions};

use crate::child::{Child, ask, is_child, limit_descriptors, tell};
use crate::raw::{PREFACE, Raw, add};
use crate::support::Client;
use crate::support::servers::{On, on_each};
use crate::{PATIENCE, serve, serve_parent, start};

/// Descriptors of a server: with its own ones, fewer than it has clients.
const FEW: u64 = 64;
const CLIENTS: usize = 100;

#[test]
fn a_server_without_descriptors_waits_without_spinning_and_goes_on_when_there_are_some() {
    if is_child() {
        limit_descriptors(FEW);
        return serve_parent(ServerOptions::default());
    }
    on_each(|on| {
        let test = "descriptors::a_server_without_descriptors_waits_without_spinning_and_goes_on_when_there_are_some";
        let (server, url) = start(test, on);
        // They connect all: as long as nobody accepts them, they wait at the server's door.
        let mut clients: Vec<_> = (0..CLIENTS).map(|_| Raw::unix(&url, PATIENCE)).collect();
        for client in &mut clients {
            client.send(&[&PREFACE.encode()[..], &add(1)].concat());
        }
        let full = || server.usage().descriptors as u64 >= FEW;
        let begin = Instant::now();
        while !full() {
            assert!(begin.elapsed() < PATIENCE, "the server takes all that it can");
            thread::yield_now();
        }
        let (ticks, time) = (server.usage().ticks, Duration::from_secs(1));
        // For so long there is nothing to do, and it must do nothing.
        thread::sleep(time);
        let spent = Duration::from_millis(10 * (server.usage().ticks - ticks));
        println!("with {CLIENTS} clients and {FEW} descriptors the server took {spent:?} of {time:?}");
        assert!(full() && spent < time / 5, "{spent:?} of {time:?}");
        let answers = clients.into_iter().map(|mut client| {
            client.greeting();
            client.hear().1
        });
        assert!(answers.into_iter().all(|answer| answer == [0, 0, 0, 5]), "each is served when those before have gone");
        server.finish();
    });
}

#[test]
fn a_client_without_descriptors_says_so_and_connects_when_there_are_some() {
    if is_child() {
        return run_out(&ask().expect("an address"));
    }
    let server = serve(On::Threads, "tcp://127.0.0.1:0", ServerOptions::default());
    let mut client = Child::start("descriptors::a_client_without_descriptors_says_so_and_connects_when_there_are_some");
    client.say(&server.endpoint().to_string());
    for what in ["cannot connect", "the call fails", "the channel goes on", "it connects"] {
        println!("{}", client.hear());
        assert_eq!(client.hear(), what);
    }
    client.finish();
    server.shutdown(PATIENCE);
}

/// What a client meets that has no descriptors, and then some again.
fn run_out(url: &str) {
    limit_descriptors(FEW);
    let options = ChannelOptions { connection_wait: Duration::from_millis(100), ..ChannelOptions::default() };
    let early = Client(Caller::new(Channel::connect(url).expect("connects")));
    assert_eq!(early.add(1, 2), Ok(3));
    let (one, lost) = cut_off(options.clone());
    let mut files = vec![one];
    files.extend(std::iter::from_fn(|| File::open("/dev/null").ok()));
    for (status, what) in [
        (Channel::connect_with(url, options.clone()).expect_err("no descriptor"), "cannot connect"),
        (lost.add(1, 2).expect_err("no descriptor"), "the call fails"),
    ] {
        tell(&status.to_string());
        assert_eq!((status.code(), status.may_have_run()), (Code::Unavailable, false), "{status}");
        assert!(status.message().contains("Too many open files"), "{status}");
        tell(what);
    }
    tell(&format!("{:?}", early.add(2, 2)));
    tell("the channel goes on");
    drop(files);
    let late = Client(Caller::new(Channel::connect_with(url, options).expect("connects")));
    tell(&format!("{:?}", late.add(2, 2)));
    tell("it connects");
}

/// A channel whose server has gone, and a file in place of its connection.
fn cut_off(options: ChannelOptions) -> (File, Client) {
    let before = descriptors();
    let server = serve(On::Threads, "tcp://127.0.0.1:0", ServerOptions::default());
    let client = Client(Caller::new(Channel::connect_with(&server.endpoint().to_string(), options).expect("connects")));
    assert_eq!(client.add(1, 2), Ok(3));
    server.shutdown(PATIENCE);
    // The server's threads give back theirs a little later. The client has one, of which it does not know that it is of no use.
    let until = Instant::now() + PATIENCE;
    while descriptors() > before + 1 {
        assert!(Instant::now() < until, "the server keeps descriptors");
        thread::sleep(Duration::from_millis(1));
    }
    (File::open("/dev/null").expect("opens"), client)
}

/// How many this process has.
fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("Linux").count()
}
