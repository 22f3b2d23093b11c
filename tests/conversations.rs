//! What a server answers, as a state machine: every file in `conversations/` is sent to it whole and cut at every size,
//! and what comes back must be what stands in the `.out` beside it. `BLESS=1` renews those.
//!
//! A line of a file is one thing that the client sends (see [`bytes_of`]); `#` begins a comment. Method 1 of shape 1
//! gives its arguments back, method 2 declares an error that is its arguments, method 3 fails with a status, the
//! oneway method 4 does nothing, and methods 5 to 7 are as 1 to 3 but say metadata back, and the trace.

use std::fmt::Write as _;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use rpcgen_runtime::pack::Packed;
use rpcgen_runtime::proto::{Answer, Inbox, Incoming, IncomingCall, Limits, Outgoing, ServerConnection, Transmit as _};
use rpcgen_runtime::wire::{Code, Header, Kind, Metadata, Preface};
use rpcgen_tests::{hex, run_files, unhex};

fn main() {
    run_files("conversations", "txt", "out", |path, text| {
        let sent = parse(text)?;
        let heard = converse(&sent, sent.len().max(1));
        for step in [1, 2, 3, 7, 16, 17] {
            anyhow::ensure!(
                converse(&sent, step) == heard,
                "{}: cut into pieces of {step} bytes it differs",
                path.display()
            );
        }
        Ok(heard)
    });
}

fn parse(text: &str) -> Result<Vec<u8>> {
    let mut sent = Vec::new();
    for line in text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()) {
        if !line.is_empty() {
            sent.extend(bytes_of(line).with_context(|| format!("in `{line}`"))?);
        }
    }
    Ok(sent)
}

/// The bytes of a line:
///
/// - `preface` the minima; `preface CALLS FRAME WINDOW`
/// - `raw HEX`
/// - `KIND CALL ARGUMENT [more] [oneway] [ext=HEX] [ext-zeros=N] [zeros=N] [HEX]` a frame; KIND by its name, or as a number
/// - `repeat N: LINE` many times, with `CALL` counted up
fn bytes_of(line: &str) -> Result<Vec<u8>> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words[..] {
        ["preface"] => Ok(Preface { calls: 64, frame: 65_536, window: 16_384 }.encode().to_vec()),
        ["preface", calls, frame, window] => {
            Ok(Preface { calls: calls.parse()?, frame: frame.parse()?, window: window.parse()? }.encode().to_vec())
        }
        ["raw", ref digits @ ..] => unhex(&digits.concat()),
        ["repeat", count, ref rest @ ..] => repeat(count.trim_end_matches(':').parse()?, rest),
        [kind, call, argument, ref rest @ ..] => frame(kind, call.parse()?, argument.parse()?, rest),
        _ => bail!("what is it?"),
    }
}

fn repeat(count: u32, words: &[&str]) -> Result<Vec<u8>> {
    let [kind, first, argument, rest @ ..] = words else { bail!("a frame must follow") };
    let first: u32 = first.parse()?;
    let frames = (first..first + count).map(|call| frame(kind, call, argument.parse()?, rest));
    frames.collect::<Result<Vec<_>>>().map(|frames| frames.concat())
}

fn frame(kind: &str, call: u32, argument: u32, rest: &[&str]) -> Result<Vec<u8>> {
    let (mut flags, mut extension, mut payload) = (0, Vec::new(), Vec::new());
    for word in rest {
        match word.split_once('=') {
            Some(("ext", digits)) => extension.extend(unhex(digits)?),
            Some(("flags", number)) => flags = number.parse()?,
            Some(("ext-zeros", count)) => extension.resize(extension.len() + count.parse::<usize>()?, 0),
            Some(("zeros", count)) => payload.resize(payload.len() + count.parse::<usize>()?, 0),
            None if *word == "more" => flags |= 1,
            None if *word == "oneway" => flags |= 2,
            _ => payload.extend(unhex(word)?),
        }
    }
    let length = u32::try_from(extension.len() + payload.len())?;
    let mut bytes = Header { length, flags, ..Header::new(Kind::Call, call, argument) }.encode();
    bytes[4] = number_of(kind)?;
    bytes[6..8].copy_from_slice(&u16::try_from(extension.len())?.to_be_bytes());
    Ok([&bytes[..], &extension, &payload].concat())
}

fn number_of(kind: &str) -> Result<u8> {
    let named = (1..=10).filter_map(Kind::from_number).find(|known| format!("{known:?}").eq_ignore_ascii_case(kind));
    named.map_or_else(|| kind.parse().context("no kind of this name or number"), |kind| Ok(kind.number()))
}

/// Everything the server says, in words.
fn converse(sent: &[u8], step: usize) -> String {
    let limits = Limits { open_calls: 64, message: 200_000, frame: 65_536, ..Limits::default() };
    let mut inbox = Inbox::new(65_536);
    let mut server = ServerConnection::new(limits, Instant::now());
    let mut said = Vec::new();
    let mut end = "open";
    for piece in sent.chunks(step) {
        if !take(&mut inbox, &mut server, piece) {
            end = "closed";
            break;
        }
    }
    let mut bytes = Outgoing::default();
    while server.queued() > 0 {
        server.poll_transmit(&mut bytes);
        server.transmitted(bytes.len());
        said.append(&mut bytes.to_vec());
    }
    format!("{}{end}\n", in_words(&said))
}

/// Puts bytes in and answers calls; whether the connection goes on.
fn take(inbox: &mut Inbox, server: &mut ServerConnection, mut piece: &[u8]) -> bool {
    while !piece.is_empty() {
        let space = inbox.space();
        let count = space.len().min(piece.len());
        space[..count].copy_from_slice(&piece[..count]);
        inbox.filled(count);
        piece = &piece[count..];
        if let Err(broken) = handle(inbox, server) {
            server.close(&broken);
            return false;
        }
    }
    true
}

fn handle(inbox: &mut Inbox, server: &mut ServerConnection) -> Result<(), rpcgen_runtime::proto::Broken> {
    while let Some(incoming) = next(inbox)? {
        if let Some(call) = server.handle(incoming, Instant::now())? {
            answer(&call, server);
        }
    }
    server.place(inbox);
    Ok(())
}

fn next(inbox: &mut Inbox) -> Result<Option<Incoming<'_>>, rpcgen_runtime::proto::Broken> {
    inbox.next().map_err(Into::into)
}

fn answer(call: &IncomingCall<'_>, server: &mut ServerConnection) {
    let mut args = Packed::from(call.args().to_vec());
    match call.method {
        1 => server.reply(call.id, &mut args),
        2 => server.declared(call.id, &mut args),
        3 => server.fault(call.id, Code::NotFound, true, "nothing here"),
        5 => server.answer_with(call.id, &said(call), Answer::Reply(&mut args)),
        6 => server.answer_with(call.id, &said(call), Answer::Declared(&mut args)),
        7 => {
            let status = Answer::Status { code: Code::NotFound, ran: true, message: "nothing here" };
            server.answer_with(call.id, &said(call), status);
        }
        _ => assert!(call.oneway, "method 4 is oneway"),
    }
}

fn said(call: &IncomingCall<'_>) -> Metadata {
    let mut said = call.metadata.as_deref().cloned().unwrap_or_default();
    if let Some(trace) = call.trace {
        said.append("traceparent", trace.to_string());
    }
    said
}

/// Prefaces and frames, one a line.
fn in_words(mut bytes: &[u8]) -> String {
    let mut words = String::new();
    if let Ok(Some(preface)) = Preface::decode(bytes) {
        writeln!(words, "{preface:?}").expect("a string takes all");
        bytes = &bytes[Preface::SIZE..];
    }
    while let Some((head, rest)) = bytes.split_first_chunk() {
        let header = Header::decode(head, u32::MAX).expect("the server sends good frames");
        let (payload, rest) = rest.split_at(header.length as usize);
        writeln!(words, "{}", frame_in_words(&header, payload)).expect("a string takes all");
        bytes = rest;
    }
    assert!(bytes.is_empty(), "the server sent half a frame");
    words
}

fn frame_in_words(header: &Header, payload: &[u8]) -> String {
    let (block, payload) = payload.split_at(header.extension.into());
    let text = |at: usize| String::from_utf8_lossy(payload.get(at..).unwrap_or_default()).into_owned();
    let Header { kind, call, argument, .. } = header;
    let more = if header.has_more() { " more" } else { "" };
    let more = match block.len() {
        0 => more.to_owned(),
        1..=100 => format!("{more} ext={}", hex(block)),
        long => format!("{more} ext=({long} bytes)"),
    };
    match kind {
        Kind::Fault if *argument > 0 => {
            let ran = if payload[0] == 1 { "did not run" } else { "may have run" };
            format!("Fault {call} {}{more} {ran}: {}", Code::from_number(*argument), text(5))
        }
        Kind::GoAway => format!("GoAway after {argument}, code {}: {}", payload[3], text(8)),
        _ if payload.len() > 64 => format!("{kind:?} {call} {argument}{more} ({} bytes)", payload.len()),
        _ => format!("{kind:?} {call} {argument}{more} {}", hex(payload)).trim_end().to_owned(),
    }
}
