//! What a client thread does in a round.

use std::time::Duration;

use fastrand::Rng;
use rpcgen_runtime::stub::Method;

use crate::ledger::{AGAIN, AT_ONCE, Client, Made, ONCE, PANIC};
use crate::{PendingCall, connect};

/// The most calls under way together.
const TOGETHER: u64 = 16;

/// Bytes of a long call: more than one frame holds before the server's preface has come.
const LONG: usize = 100_000;

/// Makes about so many calls of all kinds, whose numbers begin with `first`.
pub(crate) fn make_calls(client: &Client, url: &str, count: usize, first: u64, mut random: Rng) -> Vec<Made> {
    let mut made = Vec::with_capacity(count + usize::try_from(TOGETHER).expect("small"));
    while made.len() < count {
        let id = first + made.len() as u64;
        let method = if random.bool() { &ONCE } else { &AGAIN };
        match random.u8(..100) {
            0..5 => made.push(dropped(client, method, id, random.u32(..3000))),
            5..10 => made.push(hurried(client, method, id, &mut random)),
            10..13 => made.push(client.make(method, id, random.u32(2000..20_000))),
            13 => made.push(client.make(method, id, PANIC)),
            14..17 => made.push(long(client, method, id, &vec![7; random.usize(..LONG)])),
            17 => short_lived(url, id, random.u64(1..=TOGETHER), &mut made),
            18..25 => made.push(client.note(id)),
            _ => together(client, id, random.u64(1..=TOGETHER), &mut made),
        }
    }
    made
}

/// One that is cancelled.
fn dropped(client: &Client, method: &'static Method, id: u64, manner: u32) -> Made {
    match client.start(method, id, manner) {
        Ok(call) => {
            drop(call);
            Made::dropped(method, id)
        }
        Err(status) => Made::new(method, id, Err(status)),
    }
}

/// One whose time may be over in any phase.
fn hurried(client: &Client, method: &'static Method, id: u64, random: &mut Rng) -> Made {
    let client = client.with_timeout(Duration::from_micros(random.u64(..3000)));
    client.make(method, id, random.u32(..3000))
}

fn long(client: &Client, method: &'static Method, id: u64, bytes: &[u8]) -> Made {
    Made::new(method, id, client.start_long(method, id, AT_ONCE, bytes).and_then(PendingCall::wait))
}

/// Several over a channel of their own; while the server is away there is none.
fn short_lived(url: &str, first: u64, count: u64, made: &mut Vec<Made>) {
    if let Ok(client) = connect(url) {
        together(&client, first, count, made);
    }
}

/// Several at once.
fn together(client: &Client, first: u64, count: u64, made: &mut Vec<Made>) {
    let methods = [&ONCE, &AGAIN].into_iter().cycle();
    let calls: Vec<_> =
        methods.zip(first..first + count).map(|(method, id)| (method, id, client.start(method, id, AT_ONCE))).collect();
    made.extend(calls.into_iter().map(|(method, id, call)| Made::new(method, id, call.and_then(PendingCall::wait))));
}
