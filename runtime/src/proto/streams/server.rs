//! Streams at the accepting end.

use super::{Half, Put, Taken};
use crate::proto::inbox::Frame;
use crate::proto::link::Broken;
use crate::proto::server::ServerConnection;
use crate::wire::{Code, Header, Kind};

impl ServerConnection {
    /// Takes the next items that came for a call.
    pub fn take_items(&mut self, call: u32) -> Taken {
        self.link.take_items(call)
    }

    /// Says that the application has done with so many bytes of items that it took: the caller may send as many more.
    pub fn consumed(&mut self, call: u32, bytes: usize) {
        self.link.consumed(call, bytes);
    }

    /// Says that nobody takes the items of a call any more: they are dropped, and the caller may go on sending.
    pub fn ignore_items(&mut self, call: u32) {
        self.link.ignore_items(call);
    }

    /// Queues `count` items, packed one after the other, and leaves `items` empty; where they are not taken, as it was. A
    /// single item may have [`Limits::message`](super::super::Limits::message) bytes: its sender sees to that.
    pub fn put_items(&mut self, call: u32, items: &mut Vec<u8>, count: u32) -> Put {
        self.link.put_items(call, items, count)
    }

    /// Ends a call whose result is a stream, behind all items that were put. To be said in place of an answer, after
    /// [`finish`](Self::finish).
    pub fn end(&mut self, call: u32) {
        self.link.send(Header::new(Kind::End, call, 0), &mut Vec::new());
    }

    /// Takes news of a stream: there is something new to take, or items may be put now, or the call is over. To be asked until
    /// there is none, whenever anything was done that lets time pass, takes bytes or sends them, or ends a call.
    pub fn poll_news(&mut self) -> Option<(u32, Half)> {
        self.link.poll_news()
    }

    /// Fails a call whose handler runs, before it returns: what came cannot be used. The handler is to be told, as of a call
    /// that was cancelled.
    pub fn fail_stream(&mut self, call: u32, code: Code, message: &str) {
        if self.running.cancel(call) {
            self.stop(call);
            self.fault(call, code, true, message);
        }
    }

    /// Takes an ITEM or END.
    pub(in crate::proto) fn handle_stream(&mut self, frame: Frame<'_>) -> Result<(), Broken> {
        let call = frame.header.call;
        if !self.link.streams.is_live(call) {
            return self.refuse_stream(call, frame.header.kind);
        }
        if let Err(misfit) = self.link.hear_stream(frame) {
            let (code, why) = misfit.status(Code::InvalidArgument)?;
            self.fail_stream(call, code, &why);
        }
        Ok(())
    }

    /// Drops what a call that is over has kept, to be sent and to be taken.
    pub(in crate::proto) fn stop(&mut self, call: u32) {
        self.link.forget_streams(call);
        self.link.outbox.give_up(call);
    }
}
