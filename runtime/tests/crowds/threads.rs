//! A process that may have no further thread, for want of memory for its stack.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use rpcgen_runtime::stub::Caller;
use rpcgen_runtime::wire::Preface;
use rpcgen_runtime::{Channel, Router, ServerOptions, ThreadServer};

use crate::child::{Child, ask, is_child, limit_addresses, tell};
use crate::raw::{PREFACE, Raw, add};
use crate::support::servers::On;
use crate::support::{Client, NOTE, Sums};
use crate::{PATIENCE, serve_parent, start};

/// Bytes of a stack. Whoever lacks so much has enough for all that is smaller.
const STACK: usize = 32 << 20;

/// Stacks for which there is room, at most.
const STACKS: usize = 32;

#[test]
fn a_server_without_threads_drops_connections_and_goes_on_when_there_are_some() {
    if is_child() {
        limit_addresses((STACK * STACKS) as u64);
        return serve_parent(ServerOptions { stack: STACK, ..ServerOptions::default() });
    }
    let test = "threads::a_server_without_threads_drops_connections_and_goes_on_when_there_are_some";
    let (server, url) = start(test, On::Threads);
    let mut clients: Vec<_> = std::iter::repeat_with(|| connect(&url)).map_while(|client| client).take(100).collect();
    println!("{} connections with room for {STACKS} stacks", clients.len());
    assert!((2..STACKS).contains(&clients.len()), "{}", clients.len());
    for client in &mut clients {
        client.send(&add(2));
        assert_eq!(client.hear().1, [0, 0, 0, 5], "those that are served are served on");
    }
    clients.truncate(1);
    let begin = Instant::now();
    while connect(&url).is_none() {
        assert!(begin.elapsed() < PATIENCE, "there is room again");
    }
    server.finish();
}

#[test]
fn a_client_without_threads_goes_on_when_there_are_some() {
    if is_child() {
        return run_out(&ask().expect("an address"));
    }
    let notes = Arc::<AtomicU32>::default();
    let server = ThreadServer::bind("tcp://127.0.0.1:0").expect("binds");
    let server = server.start(Router::new().add(Sums(Arc::clone(&notes)))).expect("starts");
    let mut client = Child::start("threads::a_client_without_threads_goes_on_when_there_are_some");
    client.say(&server.endpoint().to_string());
    assert_eq!(client.hear(), "sent");
    let begin = Instant::now();
    while notes.load(Ordering::SeqCst) < 2 {
        assert!(begin.elapsed() < PATIENCE, "{notes:?} of 2 oneway calls have come");
        std::thread::yield_now();
    }
    client.finish();
    server.shutdown(PATIENCE);
}

/// Sends two oneway calls, which nobody waits for: the first while no thread can be had.
fn run_out(url: &str) {
    let client = Client(Caller::new(Channel::connect(url).expect("connects")));
    assert_eq!(client.add(1, 2), Ok(3));
    let note = || client.0.send(&NOTE, |out| out.fixed(&1_u32)).expect("queued");
    limit_addresses(1 << 20);
    // Two of them: what is alone is sent at once, by who starts it.
    let _open = [1, 2].map(|a| client.start_add(a, 2).expect("starts"));
    note();
    limit_addresses(1 << 40);
    note();
    tell("sent");
    while ask().is_some() {}
}

/// Connects, and makes one call; `None` if the server closes.
fn connect(url: &str) -> Option<Raw<UnixStream>> {
    let mut raw = Raw::unix(url, PATIENCE);
    let sent = raw.0.write_all(&[&PREFACE.encode()[..], &add(1)].concat());
    let answered = sent.and_then(|()| raw.0.read_exact(&mut [0; Preface::SIZE]));
    answered.ok().map(|()| {
        assert_eq!(raw.hear().1, [0, 0, 0, 5]);
        raw
    })
}
