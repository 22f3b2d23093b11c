//! The memory that connections take: of the server alone, whose clients are in another process.

use std::os::unix::net::UnixStream;

use rpcgen_runtime::ServerOptions;

use crate::child::{is_child, raise_descriptors};
use crate::raw::{Raw, add, echo};
use crate::support::servers::{On, on_each};
use crate::{PATIENCE, serve_parent, start};

/// Connections that do nothing, and those that have calls under way: `RPCGEN_CONNECTIONS` says how many idle ones, and a
/// tenth as many are active.
fn connections() -> usize {
    std::env::var("RPCGEN_CONNECTIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(500)
}

/// Calls under way on each active connection, and the bytes of each.
const CALLS: u32 = 16;
const SIZE: usize = 1024;

/// The most that an idle connection may take, in bytes, and the whole server. Without optimizations its thread may use a page of
/// stack more.
const fn most_idle(on: On) -> u64 {
    match on {
        On::Threads if cfg!(debug_assertions) => 24 << 10,
        On::Threads => 20 << 10,
        On::Tokio => 9 << 10,
    }
}
const WHOLE: u64 = 1 << 30;

/// Connects, and makes one call.
fn connect(url: &str) -> Raw<UnixStream> {
    let mut raw = Raw::unix(url, PATIENCE).greet();
    raw.send(&add(1));
    assert_eq!(raw.hear().1, [0, 0, 0, 5]);
    raw
}

#[test]
fn connections_take_little_memory() {
    if is_child() {
        raise_descriptors();
        return serve_parent(ServerOptions { connections: 20_000, ..ServerOptions::default() });
    }
    on_each(|on| {
        raise_descriptors();
        let (server, url) = start("memory::connections_take_little_memory", on);
        drop((0..8).map(|_| connect(&url)).collect::<Vec<_>>());
        let before = server.usage();
        let idle: Vec<_> = (0..connections()).map(|_| connect(&url)).collect();
        let with_idle = server.usage();
        let mut active: Vec<_> = (0..connections() / 10).map(|_| connect(&url)).collect();
        let mut most = server.usage().resident;
        let calls_of = |round: u32| (1..=CALLS).flat_map(move |call| echo(1 + round * CALLS + call, SIZE));
        for round in 0..20 {
            let calls: Vec<u8> = calls_of(round).collect();
            for raw in &mut active {
                raw.send(&calls);
            }
            most = most.max(server.usage().resident);
            for raw in &mut active {
                assert!((0..CALLS).all(|_| raw.hear().1.len() == SIZE + 4));
            }
        }
        let of_idle = (with_idle.resident - before.resident) / idle.len() as u64;
        let of_active = (most - with_idle.resident) / active.len() as u64;
        println!("{} idle connections: {} bytes each, {} threads", idle.len(), of_idle, with_idle.threads);
        println!("{} active ones: {} bytes each; the whole server: {} bytes", active.len(), of_active, most);
        assert!(of_idle <= most_idle(on), "an idle connection takes {of_idle} bytes");
        assert!(most <= WHOLE, "the server takes {most} bytes");
        drop((idle, active));
        server.finish();
    });
}
