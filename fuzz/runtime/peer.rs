//! What a peer sends, as arbitrary bytes say it, and the limits that it meets.

use rpcgen_runtime::Limits;
use rpcgen_runtime::proto::{Inbox, Streams};
use rpcgen_runtime::wire::{Header, Kind};

use super::script::Script;

/// Low enough for a short run to reach them.
pub(crate) fn limits() -> Limits {
    Limits { message: 150_000, held_by_connection: 200_000, queued: 100_000, open_calls: 64, ..Limits::default() }
}

/// Some of the streams that there may be; most calls have none.
pub(crate) fn streams(choice: u8) -> Streams {
    Streams { incoming: choice & 5 == 5, outgoing: choice & 6 == 6 }
}

/// Puts bytes into an inbox. What was in it must have been taken, so that there is always room.
pub(crate) fn put(inbox: &mut Inbox, bytes: &[u8]) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let space = inbox.space();
        let count = space.len().min(rest.len());
        space[..count].copy_from_slice(&rest[..count]);
        inbox.filled(count);
        rest = &rest[count..];
    }
}

/// A frame, right or wrong. `last` is the highest call that was begun.
pub(crate) fn frame(script: &mut Script<'_>, kinds: &[u8], last: &mut u32) -> Vec<u8> {
    let number = script.choose(kinds);
    let choice = script.byte();
    let kind = Kind::from_number(number).unwrap_or(Kind::Call);
    let call = call(script, kind, choice, *last);
    let argument = argument(script, kind, choice);
    let has_extension = matches!(kind, Kind::Call | Kind::Reply | Kind::Fault) || choice & 8 != 0;
    let mut payload = if has_extension { extension(script, choice >> 6) } else { Vec::new() };
    let extension = u16::try_from(payload.len()).unwrap_or(u16::MAX);
    payload.extend(content(script, kind));
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let header = Header { length, kind, flags: flags(script), extension, call, argument };
    if kind == Kind::Call && call < 1 << 31 {
        *last = (*last).max(call);
    }
    [&head(script, header, number, choice)[..], &payload].concat()
}

/// One that the kind of the frame has, mostly, and often the next one.
fn call(script: &mut Script<'_>, kind: Kind, choice: u8, last: u32) -> u32 {
    match (kind, choice & 3) {
        (Kind::Ping | Kind::Pong | Kind::GoAway, _) => 0,
        (Kind::Call, 0 | 1) => last.saturating_add(1),
        (_, 0..=2) => script.byte().into(),
        _ => script.number(),
    }
}

fn argument(script: &mut Script<'_>, kind: Kind, choice: u8) -> u32 {
    match kind {
        Kind::Reply | Kind::End | Kind::Cancel if choice & 4 == 0 => 0,
        Kind::Item if choice & 4 == 0 => 1,
        _ => script.number(),
    }
}

fn flags(script: &mut Script<'_>) -> u8 {
    match script.byte() {
        flags @ 0..=3 => flags,
        0xff => script.byte(),
        other if other & 0x40 == 0 => 0,
        other => other & 1,
    }
}

/// A header as bytes, of which anything may be wrong.
fn head(script: &mut Script<'_>, header: Header, number: u8, choice: u8) -> [u8; Header::SIZE] {
    let mut head = header.encode();
    if choice == 0xff {
        head[usize::from(script.byte() % 16)] = script.byte();
    }
    head[4] = if choice == 0xfe { script.byte() } else { number };
    head
}

fn extension(script: &mut Script<'_>, choice: u8) -> Vec<u8> {
    match choice {
        0 => {
            let micros = u64::from(script.number()) * 1000;
            [&[1, 0, 0, 8], &micros.to_be_bytes()[..]].concat()
        }
        1 if script.byte() > 0x80 => {
            let size = script.byte();
            script.bytes(size.into()).to_vec()
        }
        _ => Vec::new(),
    }
}

/// Bytes of which the first are arbitrary.
fn content(script: &mut Script<'_>, kind: Kind) -> Vec<u8> {
    match kind {
        Kind::Cancel | Kind::End | Kind::Credit => return Vec::new(),
        Kind::Ping | Kind::Pong => return vec![7; usize::from(script.byte()) & 63],
        _ => {}
    }
    let size = script.size();
    let mut content = vec![0; size];
    let given = script.bytes(size.min(12));
    content[..given.len()].copy_from_slice(given);
    content
}
