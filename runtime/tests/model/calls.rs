//! The model: what may become of each call.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rpcgen_runtime::Code;
use rpcgen_runtime::pack::Packed;
use rpcgen_runtime::proto::{CallId, Outcome, Streams};

use super::pair::limits;

/// Names a call for the test; the arguments begin with it.
pub(crate) type Tag = u32;

/// What a handler does.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Reply(usize),
    Declared(usize),
    Status,
    /// The same, but only after others were read.
    Later(Box<Answer>),
}

/// How a call ended at its caller.
#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Answered,
    /// With a status of the runtime's, which says whether it ran.
    Failed {
        may_have_run: bool,
    },
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Call {
    id: CallId,
    oneway: bool,
    streams: Streams,
    size: usize,
    deadline: Option<Instant>,
    answer: Answer,
    was_handed: bool,
    /// Its handler runs while others are read.
    runs: bool,
    was_cancelled: bool,
    end: Option<End>,
}

/// What is known of a call from the start.
pub(crate) struct Opened {
    pub(crate) oneway: bool,
    pub(crate) streams: Streams,
    pub(crate) size: usize,
    pub(crate) deadline: Option<Instant>,
    pub(crate) answer: Answer,
}

#[derive(Default)]
pub(crate) struct Calls {
    all: BTreeMap<Tag, Call>,
    tags: Tag,
    pub(crate) is_going_away: bool,
    /// The server once had as many calls as it may.
    pub(crate) was_full: bool,
    /// Bytes of items that may be held at the server and at the client, and whether one was longer than may be.
    pub(crate) items: ((usize, bool), (usize, bool)),
}

impl Calls {
    /// Every call that was opened.
    pub(crate) fn tags(&self) -> Vec<Tag> {
        self.all.keys().copied().collect()
    }

    pub(crate) fn next_tag(&mut self) -> Tag {
        self.tags += 1;
        self.tags
    }

    /// The call of the tag that was given last is open.
    pub(crate) fn opened(&mut self, id: CallId, opened: Opened) {
        let Opened { oneway, streams, size, deadline, answer } = opened;
        let (was_handed, runs, was_cancelled, end) = (false, false, false, None);
        let call = Call { id, oneway, streams, size, deadline, answer, was_handed, runs, was_cancelled, end };
        assert!(self.all.values().all(|other| other.id < id), "call {id} is not new");
        self.all.insert(self.tags, call);
    }

    pub(crate) fn id(&self, tag: Tag) -> CallId {
        self.all[&tag].id
    }

    /// As its caller sees them.
    pub(crate) fn streams(&self, tag: Tag) -> Streams {
        self.all[&tag].streams
    }

    pub(crate) fn does_run(&self, tag: Tag) -> bool {
        self.all[&tag].runs
    }

    /// With what its handler meant to say, and not a status.
    pub(crate) fn has_ended_well(&self, tag: Tag) -> bool {
        let call = &self.all[&tag];
        call.end == Some(End::Answered) && matches!(call.answer.last(), Answer::Reply(_))
    }

    fn get(&mut self, tag: Tag) -> &mut Call {
        self.all.get_mut(&tag).expect("a call that was opened")
    }

    /// Its caller loses interest: its number, if it has not ended.
    pub(crate) fn cancelled(&mut self, tag: Tag) -> Option<CallId> {
        let call = self.get(tag);
        if call.oneway || call.end.is_some() {
            return None;
        }
        call.was_cancelled = true;
        Some(call.id)
    }

    pub(crate) fn handed(&mut self, id: CallId, oneway: bool, args: &[u8]) -> (Tag, Answer) {
        let tag = u32::from_be_bytes(*args.first_chunk().expect("the tag"));
        let call = self.get(tag);
        assert_eq!((call.id, call.oneway, call.size), (id, oneway, args.len() - 4));
        assert!(args[4..].iter().all(|byte| *byte == filler(tag)), "the arguments are those of another call");
        assert!(!call.was_handed, "{call:?} was handed out twice");
        let never_ran = matches!(call.end, Some(End::Failed { may_have_run: false }));
        assert!(!never_ran, "{call:?} was said never to run");
        call.was_handed = true;
        (tag, call.answer.clone())
    }

    pub(crate) fn runs(&mut self, tag: Tag) {
        self.get(tag).runs = true;
    }

    /// How many handlers run that owe an answer.
    pub(crate) fn running(&self) -> usize {
        self.all.values().filter(|call| call.runs && !call.oneway).count()
    }

    pub(crate) fn all_running(&self) -> Vec<Tag> {
        self.all.iter().filter(|(_, call)| call.runs).map(|(tag, _)| *tag).collect()
    }

    /// A handler returns, if it runs: number, whether oneway, and answer of its call.
    pub(crate) fn returned(&mut self, tag: Tag) -> Option<(CallId, bool, Answer)> {
        let call = self.get(tag);
        std::mem::take(&mut call.runs).then(|| (call.id, call.oneway, call.answer.clone()))
    }

    /// Only handlers are told that their calls were cancelled.
    pub(crate) fn handlers_told(&self, cancelled: &[CallId]) {
        for id in cancelled {
            let call = self.all.values().find(|call| call.id == *id).expect("a call");
            assert!(
                call.was_handed && (call.was_cancelled || call.deadline.is_some() || call.streams.any()),
                "{call:?} was cancelled"
            );
        }
    }

    fn end(&mut self, tag: Tag, end: End) {
        let call = self.get(tag);
        assert!(!call.oneway && !call.was_cancelled, "nobody is to hear how {call:?} ended");
        assert!(call.end.is_none(), "{call:?} ended twice");
        assert!(call.was_handed || end != End::Answered, "{call:?} was answered by nobody");
        assert!(!call.was_handed || end != End::Failed { may_have_run: false }, "{call:?} did run");
        call.end = Some(end);
    }

    pub(crate) fn ended(&mut self, tag: Tag, outcome: &Outcome<'_>, now: Instant) {
        let end = match outcome {
            Outcome::Reply(bytes) => self.answered(tag, bytes, |answer| matches!(answer, Answer::Reply(_))),
            Outcome::Declared(bytes) => self.answered(tag, bytes, |answer| matches!(answer, Answer::Declared(_))),
            Outcome::End => {
                assert!(self.streams(tag).incoming && matches!(self.get(tag).answer.last(), Answer::Reply(_)));
                End::Answered
            }
            Outcome::Status { code: Code::NotFound, ran: true, .. } => {
                assert!(matches!(self.get(tag).answer.last(), Answer::Status));
                End::Answered
            }
            Outcome::Status { code, ran, message } => {
                self.may_fail(tag, *code, *ran, now).unwrap_or_else(|| panic!("{:?}: {code} {message}", self.get(tag)));
                End::Failed { may_have_run: *ran }
            }
        };
        self.end(tag, end);
    }

    fn answered(&mut self, tag: Tag, bytes: &[u8], is_kind: impl Fn(&Answer) -> bool) -> End {
        let answer = self.get(tag).answer.last().clone();
        assert!(is_kind(&answer), "{answer:?} was to be answered");
        assert!(bytes == result(tag, answer.size()), "{} bytes, and not those of {answer:?}", bytes.len());
        End::Answered
    }

    /// Whether the runtime itself may fail a call with this.
    fn may_fail(&mut self, tag: Tag, code: Code, ran: bool, now: Instant) -> Option<()> {
        let (is_going_away, was_full) = (self.is_going_away, self.was_full);
        let (sent, most) = (self.held_at_most(|call| call.size), limits().held_by_connection);
        let answered = self.held_at_most(|call| call.answer.size());
        let ((to_server, too_long), (to_client, _)) = self.items;
        let (sent, answered) = (sent + to_server, answered + to_client);
        let call = self.get(tag);
        let may = match (code, ran) {
            (Code::DeadlineExceeded, _) => call.deadline.is_some_and(|deadline| deadline <= now),
            (Code::ResourceExhausted, true) => {
                let of_items = call.streams.any() && (too_long || sent > most);
                of_items || call.answer.size() > limits().message || answered > most
            }
            (Code::ResourceExhausted, false) => was_full || sent > most,
            (Code::Unavailable, false) => is_going_away,
            _ => false,
        };
        may.then_some(())
    }

    /// How many bytes of messages in parts there may have been at once.
    fn held_at_most(&self, size: impl Fn(&Call) -> usize) -> usize {
        self.all.values().map(size).filter(|size| *size > 60_000).sum()
    }

    /// The server said that it did not take a call.
    pub(crate) fn refused(&mut self, tag: Tag) {
        assert!(self.is_going_away, "call {tag} was refused by a server that stays");
        self.end(tag, End::Failed { may_have_run: false });
    }

    pub(crate) fn lost(&mut self, tag: Tag, never_sent: bool) {
        self.end(tag, End::Failed { may_have_run: !never_sent });
    }

    /// Each call has ended, but the oneway ones and those of which nobody is to hear.
    pub(crate) fn check(&self) {
        for call in self.all.values() {
            assert!(call.oneway || call.was_cancelled || call.end.is_some(), "{call:?} did not end");
            assert!(!call.runs);
        }
    }
}

impl Answer {
    fn last(&self) -> &Self {
        match self {
            Self::Later(answer) => answer.last(),
            answer => answer,
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Reply(size) | Self::Declared(size) => *size,
            Self::Status => 0,
            Self::Later(answer) => answer.size(),
        }
    }
}

const fn filler(tag: Tag) -> u8 {
    tag.to_be_bytes()[3]
}

/// What a call sends: the size of its extensions; these, the shape, the tag, and as many bytes as are asked for.
pub(crate) fn payload(tag: Tag, size: usize, timeout: Option<Duration>) -> (u16, Vec<u8>) {
    let mut payload = Vec::new();
    if let Some(timeout) = timeout {
        payload.extend([1, 0, 0, 8]);
        payload.extend(u64::try_from(timeout.as_micros()).expect("short").to_be_bytes());
    }
    let extension = u16::try_from(payload.len()).expect("short");
    payload.extend([0, 0, 0, 9]);
    payload.extend(tag.to_be_bytes());
    payload.resize(payload.len() + size, filler(tag));
    (extension, payload)
}

/// What a call gives back.
pub(crate) fn result(tag: Tag, size: usize) -> Vec<u8> {
    vec![filler(tag); size]
}

/// The same as it is answered with: of the larger ones in two pieces.
pub(crate) fn packed(tag: Tag, size: usize) -> Packed {
    let mut head = result(tag, size);
    let tail = head.split_off(size.min(7));
    if size.is_multiple_of(2) { Packed::from([head, tail]) } else { Packed::from(result(tag, size)) }
}
