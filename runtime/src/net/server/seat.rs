//! A session's seat on its server: what each thread holds that works for it.

use std::sync::Arc;
use std::time::Instant;

use super::pool::Job;
use super::reader::Reader;
use super::registry::Entry;
use super::session::{End, Guard, Session};
use super::streams::StreamCall;
use super::watch::{Pulse, Watch};
use crate::net::sync::thread;
use crate::proto::{Inbox, IncomingCall, Streams};
use crate::wire::Code;

/// A session, for the threads that read it and run its handlers. It leaves its server when all of them are done.
#[derive(Debug)]
pub(crate) struct Seat {
    session: Arc<Session>,
    _entry: Option<Entry>,
}

impl Seat {
    /// A session on a server.
    pub(super) fn new(session: Arc<Session>, entry: Entry) -> Arc<Self> {
        Arc::new(Self { session, _entry: Some(entry) })
    }

    /// A session without a server: a slow handler holds up the calls behind it.
    pub(crate) fn alone(session: Arc<Session>) -> Arc<Self> {
        Arc::new(Self { session, _entry: None })
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    pub(super) fn pulse(&self) -> &Arc<Pulse> {
        self.session.pulse()
    }

    pub(super) fn watch(&self) -> Option<&Watch> {
        self.session.watch()
    }

    /// Serves the connection until it ends, or another thread reads it, which is true then.
    pub(crate) fn run(self: &Arc<Self>) -> bool {
        self.read(0, self.session.inbox())
    }

    /// Reads in place of a thread whose handler runs since a beat; false if it has returned.
    pub(super) fn take_over(self: &Arc<Self>, beat: u64) -> bool {
        let Some(taken) = self.session.take_over(beat) else { return false };
        if let Some(watch) = self.watch().filter(|_| taken.is_timed) {
            watch.add_timed(self);
        }
        self.read(taken.reader, taken.inbox);
        true
    }

    fn read(self: &Arc<Self>, number: u32, inbox: Box<Inbox>) -> bool {
        let end = Reader::new(self, number).serve(inbox);
        let was_replaced = matches!(end, End::Replaced);
        self.session.end(end);
        if let Some(watch) = self.watch().filter(|_| was_replaced) {
            watch.pool.release();
        }
        was_replaced
    }

    /// Lets a thread handle a call with streams; where there is none, the call is refused.
    pub(super) fn begin_streams<'a>(
        self: &'a Arc<Self>,
        mut wire: Guard<'a>,
        call: IncomingCall<'static>,
        streams: Streams,
    ) -> Guard<'a> {
        let (id, is_timed) = (call.id, call.deadline.is_some());
        let state = wire.begin_streams(&call, streams);
        let call = Box::new(StreamCall { seat: Arc::clone(self), call, streams, state });
        // The lock is free meanwhile: the thread may be quick.
        drop(wire);
        let has_begun = match self.watch() {
            Some(watch) => watch.pool.run_elsewhere(Job::Stream(call)),
            None => thread::Builder::new().name("rpc-stream".into()).spawn(move || call.run()).is_ok(),
        };
        if let Some(watch) = self.watch().filter(|_| has_begun && is_timed) {
            watch.add_timed(self);
        }
        let mut wire = self.session.wire();
        if !has_begun && self.session.has_returned(&mut wire, id) {
            let why = "no thread can be had for the streams of a call (ServerOptions::handler_threads)";
            wire.connection.fault(id, Code::ResourceExhausted, false, why);
        }
        wire
    }

    /// Cancels calls whose time is over; when to look again.
    pub(super) fn expire(&self, now: Instant) -> Option<Instant> {
        self.session.expire(now);
        self.session.next_deadline()
    }

    /// When the time of the first call is over whose handler runs elsewhere.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.session.next_deadline()
    }
}
