//! What both ends do with streams.

use super::{Half, Put, Streams, Taken};
use crate::proto::assembly::{Content, Part};
use crate::proto::inbox::Frame;
use crate::proto::link::{Broken, Link};
use crate::wire::preface::MINIMUM;
use crate::wire::{Code, Header, Kind};

/// The most bytes of an ITEM frame that is filled with several items.
const GATHERED: usize = 64 << 10;

/// Why a frame of a stream is not taken.
#[derive(Debug)]
pub(in crate::proto) enum Misfit {
    /// It is against the rules for its call: that call fails.
    Wrong(String),
    /// It passes a limit, which the text names: that call fails.
    TooMuch(String),
    /// The connection cannot go on.
    Broken(Broken),
}

impl Misfit {
    /// How its call fails; `wrong` is for what breaks a rule.
    pub(in crate::proto) fn status(self, wrong: Code) -> Result<(Code, String), Broken> {
        match self {
            Self::Wrong(why) => Ok((wrong, why)),
            Self::TooMuch(why) => Ok((Code::ResourceExhausted, why)),
            Self::Broken(broken) => Err(broken),
        }
    }
}

impl Link {
    /// A call with streams begins.
    pub(in crate::proto) fn begin_streams(&mut self, call: u32, streams: Streams) {
        if streams.any() {
            self.streams.begin(call, streams, self.peer.window);
        }
    }

    /// The peer's window is known.
    pub(in crate::proto) fn widen_streams(&mut self) {
        self.streams.widen(self.peer.window.saturating_sub(MINIMUM.window));
    }

    /// Takes an ITEM or END of a call that has streams.
    pub(in crate::proto) fn hear_stream(&mut self, frame: Frame<'_>) -> Result<(), Misfit> {
        let Header { call, kind, .. } = frame.header;
        let is_within = self.streams.has_parts(call);
        match self.streams.incoming(call) {
            None => return Err(Misfit::Wrong(format!("a frame of kind {kind:?} came against its call's streams"))),
            Some(incoming) if incoming.has_ended => {
                return Err(Misfit::Wrong(format!("a frame of kind {kind:?} came behind the END of its stream")));
            }
            Some(_) if kind == Kind::Item => return self.hear_items(frame),
            Some(_) if is_within => {
                let why = format!("the stream of call {call} ends within an item");
                return Err(Misfit::Broken(Broken::rule(why)));
            }
            Some(incoming) => incoming.has_ended = true,
        }
        self.streams.tell(call, Half::Incoming);
        Ok(())
    }

    fn hear_items(&mut self, frame: Frame<'_>) -> Result<(), Misfit> {
        let Header { call, argument: count, .. } = frame.header;
        let part = (frame.header, Content::Payload(frame.payload));
        let message = match self.streams.parts.take(part, &self.limits, &mut self.holding) {
            Part::Last(message) => message,
            Part::Taken => return Ok(()),
            Part::Refused(why) => return Err(Misfit::TooMuch(why)),
            Part::Inconsistent => {
                return Err(Misfit::Broken(Broken::rule(format!("the parts of an item of call {call} disagree"))));
            }
        };
        check_count(count, message.payload.len())?;
        if self.streams.incoming(call).is_some_and(|incoming| incoming.is_ignored) {
            self.consumed(call, message.payload.len());
            return Ok(());
        }
        self.holding.check(message.payload.len(), &self.limits).map_err(Misfit::TooMuch)?;
        self.holding.hold(message.payload.len());
        if let Some(incoming) = self.streams.incoming(call) {
            incoming.add(message.payload, count);
        }
        self.streams.tell(call, Half::Incoming);
        Ok(())
    }

    /// Takes credit; that for a call without such a stream means nothing.
    pub(in crate::proto) fn hear_credit(&mut self, header: &Header) -> Result<(), Broken> {
        let Some(outgoing) = self.streams.outgoing(header.call) else { return Ok(()) };
        match outgoing.credit(header.argument) {
            Some(true) => self.streams.tell(header.call, Half::Outgoing),
            Some(false) => {}
            None => {
                let why = format!("call {} got credit for more than 2,147,483,648 bytes", header.call);
                return Err(Broken::rule(why));
            }
        }
        Ok(())
    }

    pub(super) fn take_items(&mut self, call: u32) -> Taken {
        let is_over = self.streams.is_over(call);
        let Some(incoming) = self.streams.incoming(call) else { return Taken::Over };
        match incoming.take() {
            Taken::Nothing if is_over => Taken::Over,
            Taken::Items(items) => {
                self.holding.release(items.bytes.len());
                Taken::Items(items)
            }
            other => other,
        }
    }

    pub(super) fn consumed(&mut self, call: u32, bytes: usize) {
        // Early enough that the peer need not stop while the credit is on its way.
        let worth = self.limits.preface().window as usize / 2;
        if self.streams.is_over(call) {
            return;
        }
        if let Some(credit) = self.streams.incoming(call).and_then(|incoming| incoming.consumed(bytes, worth)) {
            self.outbox.frame(Header::new(Kind::Credit, call, credit), &[]);
        }
    }

    /// Drops the items that have come, and all that will.
    pub(super) fn ignore_items(&mut self, call: u32) {
        let Some(incoming) = self.streams.incoming(call) else { return };
        incoming.is_ignored = true;
        while let Taken::Items(items) = self.take_items(call) {
            self.consumed(call, items.bytes.len());
        }
    }

    pub(super) fn may_take(&self, call: u32) -> bool {
        self.streams.may_take(call)
    }

    /// Whether items would be taken now, or never; if neither, news will come.
    pub(super) fn may_put(&mut self, call: u32) -> bool {
        self.put_items(call, &mut Vec::new(), 0) != Put::Full
    }

    pub(super) fn put_items(&mut self, call: u32, items: &mut Vec<u8>, count: u32) -> Put {
        let is_full = self.outbox.items_waiting() > self.limits.queued / 2;
        let Some(outgoing) = self.streams.outgoing(call) else { return Put::Over };
        let may = outgoing.may_put();
        if may != Put::Queued {
            return may;
        }
        if is_full {
            self.streams.want_room(call);
            return Put::Full;
        }
        if count == 0 {
            return Put::Queued;
        }
        outgoing.charge(items.len());
        let most = GATHERED.min(self.peer.frame as usize).min(self.limits.message);
        self.outbox.items(call, items, count, most);
        Put::Queued
    }

    pub(super) fn end_items(&mut self, call: u32) {
        if let Some(outgoing) = self.streams.outgoing(call).filter(|outgoing| !outgoing.has_ended) {
            outgoing.has_ended = true;
            self.send(Header::new(Kind::End, call, 0), &mut Vec::new());
        }
    }

    pub(super) fn poll_news(&mut self) -> Option<(u32, Half)> {
        let has_room = self.outbox.items_waiting() <= self.limits.queued / 4;
        self.streams.poll_news(has_room)
    }

    /// Forgets the streams of a call.
    pub(in crate::proto) fn forget_streams(&mut self, call: u32) {
        self.streams.forget(call, &mut self.holding);
    }

    /// Forgets an item of which not all parts have come.
    pub(in crate::proto) fn forget_parts(&mut self, call: u32) {
        self.streams.parts.forget(call, &mut self.holding);
    }

    /// A call has ended; what came of its items may be taken until it is forgotten.
    pub(in crate::proto) fn end_streams(&mut self, call: u32) {
        self.streams.end(call, &mut self.holding);
    }
}

/// Each item takes at least one byte. Whether there are as many as it says is found when they are unpacked.
fn check_count(count: u32, bytes: usize) -> Result<(), Misfit> {
    if count as usize > bytes {
        return Err(Misfit::Wrong(format!("a frame of kind Item announces {count} items in {bytes} bytes")));
    }
    Ok(())
}
