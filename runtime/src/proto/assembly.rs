//! Messages that arrive in parts.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::holding::{Holding, refuse};
use super::limits::Limits;
use crate::buffers::Filling;
use crate::wire::{Header, Kind};

/// A message whose parts have all arrived.
#[derive(Debug)]
pub(super) struct Message<'a> {
    /// Of its first part; the length means nothing.
    pub(super) header: Header,
    /// Extensions, then what was packed.
    pub(super) payload: Cow<'a, [u8]>,
}

/// What a part led to.
#[derive(Debug)]
pub(super) enum Part<'a> {
    /// It was the last one, or the only one.
    Last(Message<'a>),
    /// More are to come.
    Taken,
    /// The message is over a limit, which the text names; it is forgotten.
    Refused(String),
    /// Parts of one message disagree: the connection cannot go on.
    Inconsistent,
}

/// The unfinished messages of a connection, by call.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    unfinished: FxHashMap<u32, Unfinished>,
}

#[derive(Debug)]
struct Unfinished {
    /// Of the first part.
    header: Header,
    /// Empty while another part is received behind it.
    payload: Filling,
    /// Bytes that have come.
    came: usize,
}

/// What has come of a part.
#[derive(Debug)]
pub(super) enum Content<'a> {
    /// Its payload.
    Payload(&'a [u8]),
    /// The message, with the payload at its end.
    Message(Filling),
}

impl Content<'_> {
    /// All that has come of a message whose first part this is.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Payload(payload) => payload,
            Self::Message(message) => message.bytes(),
        }
    }
}

impl Assembly {
    /// Whether a message of this call is unfinished.
    pub(super) fn has(&self, call: u32) -> bool {
        self.unfinished.contains_key(&call)
    }

    /// How many messages are unfinished.
    pub(super) fn len(&self) -> usize {
        self.unfinished.len()
    }

    /// Takes a part. Whether its call may have one is for the caller to know.
    pub(super) fn take<'a>(
        &mut self,
        (header, content): (Header, Content<'a>),
        limits: &Limits,
        holding: &mut Holding,
    ) -> Part<'a> {
        // Most messages have one part: those need no look at the table.
        let unfinished = if self.unfinished.is_empty() { None } else { self.unfinished.remove(&header.call) };
        match (unfinished, content) {
            (None, Content::Payload(payload)) if !header.has_more() => {
                match check_message(&header, payload.len(), limits) {
                    Ok(()) => Part::Last(Message { header, payload: Cow::Borrowed(payload) }),
                    Err(refusal) => Part::Refused(refusal),
                }
            }
            (unfinished, content) => {
                let first = Unfinished { header, payload: Filling::default(), came: 0 };
                self.append(unfinished.unwrap_or(first), (header, content), limits, holding)
            }
        }
    }

    fn append<'a>(
        &mut self,
        mut message: Unfinished,
        (part, content): (Header, Content<'_>),
        limits: &Limits,
        holding: &mut Holding,
    ) -> Part<'a> {
        let (had, comes) = (message.came, part.length as usize);
        if had > 0 && !continues(&message.header, &part) {
            holding.release(had);
            return Part::Inconsistent;
        }
        let checked = check_message(&message.header, had + comes, limits).and_then(|()| holding.check(comes, limits));
        if let Err(refusal) = checked {
            holding.release(had);
            return Part::Refused(refusal);
        }
        match content {
            Content::Payload(payload) => message.payload.append(payload),
            Content::Message(whole) => message.payload = whole,
        }
        message.came += comes;
        if part.has_more() {
            holding.hold(comes);
            self.unfinished.insert(part.call, message);
            return Part::Taken;
        }
        holding.release(had);
        Part::Last(Message { header: message.header, payload: Cow::Owned(message.payload.into_bytes()) })
    }

    /// Leaves what there is of a message to who receives the next part, or the first, behind it; not if it will be refused.
    pub(super) fn leave(&mut self, part: &Header, limits: &Limits, holding: &Holding) -> Option<Filling> {
        let comes = part.length as usize;
        let unfinished = self.unfinished.get_mut(&part.call);
        let (first, had) = unfinished.as_ref().map_or((part, 0), |message| (&message.header, message.came));
        let fits = check_message(first, had + comes, limits).is_ok() && holding.check(comes, limits).is_ok();
        if !fits || (had > 0 && !continues(first, part)) {
            return None;
        }
        Some(unfinished.map(|message| std::mem::take(&mut message.payload)).unwrap_or_default())
    }

    /// Forgets an unfinished message, and gives the header of its first part.
    pub(super) fn forget(&mut self, call: u32, holding: &mut Holding) -> Option<Header> {
        let unfinished = self.unfinished.remove(&call)?;
        holding.release(unfinished.came);
        Some(unfinished.header)
    }

    /// A call whose message is unfinished, if there is one.
    pub(super) fn any(&self) -> Option<u32> {
        self.unfinished.keys().next().copied()
    }

    /// The kind of an unfinished message of this call.
    pub(super) fn kind(&self, call: u32) -> Option<Kind> {
        self.unfinished.get(&call).map(|unfinished| unfinished.header.kind)
    }
}

/// Checks the limit on a message, of which so many bytes have come. Its extensions do not count.
fn check_message(first: &Header, came: usize, limits: &Limits) -> Result<(), String> {
    let came = came.saturating_sub(first.extension.into());
    if came > limits.message { refuse("the message", "message", limits.message, came) } else { Ok(()) }
}

/// Whether a later part repeats what the first one said.
fn continues(first: &Header, next: &Header) -> bool {
    let says = |header: &Header| (header.kind, header.call, header.argument, header.is_oneway());
    says(first) == says(next) && next.extension == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::header::MORE;

    fn part(call: u32, flags: u8, payload: &[u8]) -> (Header, Content<'_>) {
        let length = u32::try_from(payload.len()).expect("short");
        (Header { length, flags, ..Header::new(Kind::Call, call, 5) }, Content::Payload(payload))
    }

    /// R22, R23: a message is its parts put together, whatever comes between.
    #[test]
    fn parts_of_several_messages_may_mix() {
        let (mut assembly, mut held, limits) = (Assembly::default(), Holding::default(), Limits::default());
        assert!(matches!(assembly.take(part(1, MORE, b"ab"), &limits, &mut held), Part::Taken));
        assert!(matches!(assembly.take(part(2, MORE, b"xy"), &limits, &mut held), Part::Taken));
        let whole = |part: Part<'_>| match part {
            Part::Last(message) => message.payload.into_owned(),
            other => panic!("{other:?}"),
        };
        assert_eq!(whole(assembly.take(part(3, 0, b"!"), &limits, &mut held)), b"!");
        assert_eq!(whole(assembly.take(part(1, 0, b"c"), &limits, &mut held)), b"abc");
        assert_eq!(whole(assembly.take(part(2, 0, b""), &limits, &mut held)), b"xy");
        assert_eq!((assembly.len(), held.bytes()), (0, 0));
    }

    /// R25, L2: the refusal names the limit, its value, and what came.
    #[test]
    fn a_message_over_the_limit_is_refused_and_forgotten() {
        let (mut assembly, mut held, limits) =
            (Assembly::default(), Holding::default(), Limits { message: 3, ..Limits::default() });
        assert!(matches!(assembly.take(part(1, MORE, b"ab"), &limits, &mut held), Part::Taken));
        let Part::Refused(text) = assembly.take(part(1, MORE, b"cd"), &limits, &mut held) else {
            panic!("must be refused")
        };
        assert_eq!(text, "the message comes to 4 bytes, and at most 3 are accepted (Limits::message)");
        assert_eq!(held.bytes(), 0);
        assert!(!assembly.has(1));
    }

    /// L2: extensions do not count.
    #[test]
    fn the_limit_holds_for_one_frame_too_and_extensions_do_not_count() {
        let (mut assembly, mut held, limits) =
            (Assembly::default(), Holding::default(), Limits { message: 3, ..Limits::default() });
        assert!(matches!(assembly.take(part(1, 0, b"abcd"), &limits, &mut held), Part::Refused(_)));
        for flags in [0, MORE] {
            let mut first = part(2, flags, b"eeabc");
            first.0.extension = 2;
            assert!(matches!(assembly.take(first, &limits, &mut held), Part::Last(_) | Part::Taken));
        }
        assert!(matches!(assembly.take(part(2, 0, b""), &limits, &mut held), Part::Last(_)));
    }

    /// L3: what is unfinished counts, and is given back.
    #[test]
    fn what_one_connection_holds_is_limited() {
        let (mut assembly, mut held, limits) =
            (Assembly::default(), Holding::default(), Limits { held_by_connection: 3, ..Limits::default() });
        assert!(matches!(assembly.take(part(1, MORE, b"ab"), &limits, &mut held), Part::Taken));
        assert!(matches!(assembly.take(part(2, MORE, b"cd"), &limits, &mut held), Part::Refused(_)));
        assert!(matches!(assembly.take(part(1, 0, b"c"), &limits, &mut held), Part::Last(_)));
    }

    /// L4: one count for the whole process, whichever connection holds; it falls when a connection goes.
    #[test]
    fn what_the_process_holds_is_limited() {
        const LARGE: &[u8] = &[0; 1 << 20];
        let limits = Limits { held_by_process: LARGE.len() * 3 / 2, ..Limits::default() };
        let (mut one, mut other) = (Assembly::default(), Assembly::default());
        let (mut held, mut held_by_other) = (Holding::default(), Holding::default());
        assert!(matches!(one.take(part(1, MORE, LARGE), &limits, &mut held), Part::Taken));
        let Part::Refused(text) = other.take(part(1, MORE, LARGE), &limits, &mut held_by_other) else {
            panic!("must be refused")
        };
        assert!(text.ends_with("at most 1572864 are accepted (Limits::held_by_process)"), "{text}");
        drop(held);
        assert!(matches!(other.take(part(2, MORE, LARGE), &limits, &mut held_by_other), Part::Taken));
    }

    /// R22: each part repeats kind, call, argument and ONEWAY.
    #[test]
    fn parts_that_disagree_are_inconsistent() {
        let (mut assembly, mut held, limits) = (Assembly::default(), Holding::default(), Limits::default());
        assert!(matches!(assembly.take(part(1, MORE, b"ab"), &limits, &mut held), Part::Taken));
        let mut other = part(1, 0, b"c");
        other.0.argument = 6;
        assert!(matches!(assembly.take(other, &limits, &mut held), Part::Inconsistent));
        assert_eq!(held.bytes(), 0);
    }
}
