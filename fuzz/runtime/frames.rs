//! What holds for the reader of frames: it gives the same however the bytes were cut, and exactly what was put in.

use rpcgen_runtime::proto::{Inbox, Incoming};
use rpcgen_runtime::wire::{Header, Kind, Preface};

use super::script::Script;

/// The most room ahead of what has arrived: L13.
const AHEAD: usize = 64 << 10;

/// What an inbox gave: things that arrived, and what is wrong at the end.
type Taken = (Vec<Thing>, Option<String>);

#[derive(Debug, PartialEq)]
enum Thing {
    Preface(Preface),
    Frame(Header, Vec<u8>),
}

impl Thing {
    fn of(incoming: Incoming<'_>) -> Self {
        match incoming {
            Incoming::Preface(preface) => Self::Preface(preface),
            Incoming::Frame(frame) => Self::Frame(frame.header, frame.payload.to_vec()),
            Incoming::Placed(placed) => Self::Frame(*placed.header(), placed.payload().to_vec()),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Preface(preface) => preface.encode().to_vec(),
            Self::Frame(header, payload) => [&header.encode()[..], payload].concat(),
        }
    }
}

/// The first bytes say how what follows is cut, and whether a good preface comes before it.
pub(crate) fn frames(bytes: &[u8]) {
    let mut script = Script::new(bytes);
    let limit = script.choose(&[65_536, 65_536, 100_000, 1 << 20, u32::MAX]);
    let preface = if script.byte() < 0xf0 { good_preface() } else { Vec::new() };
    let cuts = script.bytes(8).to_vec();
    let stream = [&preface[..], script.bytes(usize::MAX)].concat();
    let whole = take(&stream, limit, &[]);
    check(&whole, &stream);
    assert_eq!(take(&stream, limit, &cuts), whole, "cut by {cuts:?}");
    assert_eq!(take(&stream, limit, &[1]), whole, "cut into single bytes");
}

fn good_preface() -> Vec<u8> {
    Preface { calls: 64, frame: 65_536, window: 16_384 }.encode().to_vec()
}

/// Puts in the bytes in pieces, whose sizes come round and round, and takes out what there is behind each.
fn take(stream: &[u8], limit: u32, cuts: &[u8]) -> Taken {
    let (mut inbox, mut taken) = (Inbox::new(limit), Vec::new());
    let mut cuts = cuts.iter().cycle().map(|cut| usize::from(*cut).max(1));
    let mut rest = stream;
    while !rest.is_empty() {
        // Who shares the bytes that came before keeps them, whatever comes then.
        let (shared, before) = (inbox.share(), inbox.share().to_vec());
        let space = inbox.space();
        assert!((1..=AHEAD).contains(&space.len()), "room for {} bytes", space.len());
        let count = space.len().min(rest.len()).min(cuts.next().unwrap_or(usize::MAX));
        space[..count].copy_from_slice(&rest[..count]);
        inbox.filled(count);
        assert_eq!(*shared, before);
        rest = &rest[count..];
        if let Some(wrong) = drain(&mut inbox, &mut taken) {
            return (taken, Some(wrong));
        }
    }
    (taken, None)
}

/// Takes all there is, by both ways in turn; what is wrong with it.
fn drain(inbox: &mut Inbox, taken: &mut Vec<Thing>) -> Option<String> {
    loop {
        let shared = inbox.share();
        let holds_call = inbox.holds_call();
        let next = if taken.len().is_multiple_of(2) { inbox.next() } else { inbox.next_of(&shared) };
        match next {
            Ok(Some(incoming)) => {
                let is_call = matches!(&incoming, Incoming::Frame(frame) if frame.header.kind == Kind::Call);
                assert_eq!(holds_call, is_call, "what is next was foreseen");
                taken.push(Thing::of(incoming));
            }
            Ok(None) => return None,
            // The first wrong byte is enough; what the stranger looks like is a guess that gets better with more.
            Err(_) if taken.is_empty() => return Some("no preface".to_owned()),
            Err(wrong) => return Some(wrong.to_string()),
        }
    }
}

/// What was taken are the bytes that were put in, to the last whole frame.
fn check((taken, wrong): &Taken, stream: &[u8]) {
    let mut rest = stream;
    for (index, thing) in taken.iter().enumerate() {
        assert_eq!(matches!(thing, Thing::Preface(_)), index == 0, "a preface comes first, and once");
        let bytes = thing.bytes();
        let (these, after) = rest.split_at(bytes.len());
        // The flags of a preface are not looked at.
        assert!(index == 0 || these == bytes, "{thing:?} from {these:?}");
        rest = after;
    }
    let is_whole = rest.first_chunk().is_some_and(|length: &[u8; 4]| {
        !taken.is_empty() && rest.len() - 4 >= 12 + u32::from_be_bytes(*length) as usize
    });
    assert!(wrong.is_some() || !is_whole, "a whole frame is left: {rest:?}");
}
