//! A process that may have no further thread, for want of memory for its stack.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Instant;

use rpcgen_runtime::ServerOptions;
use rpcgen_runtime::wire::Preface;

use crate::child::{Child, is_child, limit_addresses};
use crate::raw::{PREFACE, Raw, add};
use crate::{PATIENCE, serve_parent};

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
    let mut server =
        Child::start("threads::a_server_without_threads_drops_connections_and_goes_on_when_there_are_some");
    let url = server.hear();
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
