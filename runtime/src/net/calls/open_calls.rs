//! A connection and its open calls, and what happens to them between two looks at the socket.

use std::io;
use std::sync::PoisonError;
use std::time::Instant;

use rustc_hash::FxHashSet;

use super::answer::Answer;
use super::ending::Ending;
use super::options::ChannelOptions;
use super::places::{Place, Places};
use crate::net::sender::{Outlet, Sender};
use crate::net::sync::{Mutex, MutexGuard};
use crate::proto::{Broken, CallId, ClientConnection, Inbox, OpenError, Transmit as _};
use crate::service::Method;
use crate::status::Status;

/// The calls of a connection, under the lock of those who drive it. `W` says who waits for an answer.
#[derive(Debug)]
pub(in crate::net) struct OpenCalls<W> {
    pub(in crate::net) machine: ClientConnection<Place>,
    pub(in crate::net) places: Places<W>,
    /// `None` while somebody sends. In a box, since it goes back and forth with each call.
    pub(in crate::net) sender: Option<Box<Sender>>,
    /// The server takes no more bytes. What it has sent before is still read, up to the end.
    takes_nothing: bool,
    /// Why the connection is over.
    pub(in crate::net) over: Option<Status>,
    /// A oneway call was made.
    has_oneway: bool,
    /// Calls with streams whose answer was not taken.
    pub(super) streams: FxHashSet<CallId>,
}

/// A call that was queued.
#[derive(Debug, Clone, Copy)]
pub(in crate::net) struct Started {
    pub(in crate::net) id: CallId,
    pub(in crate::net) place: Place,
}

impl<W: Default> OpenCalls<W> {
    /// Of a connection that was just made.
    pub(in crate::net) fn new(options: &ChannelOptions, now: Instant) -> Self {
        let ChannelOptions { limits, keepalive, keepalive_timeout, .. } = options;
        let machine = ClientConnection::new(limits.clone(), now).with_keepalive(*keepalive, *keepalive_timeout);
        let (places, sender) = (Places::default(), Some(Box::default()));
        Self {
            machine,
            places,
            sender,
            takes_nothing: false,
            over: None,
            has_oneway: false,
            streams: FxHashSet::default(),
        }
    }

    /// What has come is kept here until it is taken.
    pub(in crate::net) fn inbox(&self) -> Inbox {
        Inbox::new(self.machine.limits().preface().frame)
    }

    /// Whether there is something to send and nobody about it.
    pub(in crate::net) fn may_send(&self) -> bool {
        self.sender.is_some() && self.machine.queued() > 0 && self.may_flush()
    }

    /// Whether it makes sense to send.
    const fn may_flush(&self) -> bool {
        self.over.is_none() && !self.takes_nothing
    }

    /// Whether who waits for room need wait no longer.
    pub(in crate::net) fn has_room(&self) -> bool {
        self.machine.may_open() != Err(OpenError::TooMany)
    }

    /// Whether the server may still have to read oneway calls, which nobody waits for.
    pub(in crate::net) const fn has_oneway(&self) -> bool {
        self.has_oneway && self.over.is_none()
    }

    /// Queues a call; `None` while the server allows no further one.
    pub(in crate::net) fn open(
        &mut self,
        method: &Method,
        extension: u16,
        payload: &mut Vec<u8>,
    ) -> Result<Option<Started>, Status> {
        if let Some(status) = &self.over {
            return Err(status.clone().did_not_run());
        }
        let place = self.places.reserve();
        let streams = method.streams.reversed();
        let opened = self.machine.open(method.number, method.oneway, streams, extension, payload, place);
        if method.oneway || opened.is_err() {
            self.places.release(place);
        }
        self.has_oneway |= method.oneway;
        if let Ok(id) = opened
            && streams.any()
        {
            self.streams.insert(id);
        }
        match opened {
            Ok(id) => Ok(Some(Started { id, place })),
            Err(OpenError::TooMany) => Ok(None),
            Err(error @ OpenError::GoingAway) => Err(Status::unavailable(error.to_string()).did_not_run()),
            Err(error @ OpenError::TooLong { .. }) => Err(Status::resource_exhausted(error.to_string()).did_not_run()),
        }
    }

    /// Loses interest in a call.
    pub(in crate::net) fn give_up(&mut self, call: Started) {
        if self.places.release(call.place) {
            self.machine.cancel(call.id);
        }
    }

    /// Hands out what came: `None` if only time has passed, 0 bytes if it was the end. `wake` gets those whose answers
    /// are there.
    pub(in crate::net) fn take_in(
        &mut self,
        inbox: &mut Inbox,
        came: Option<usize>,
        mut wake: impl FnMut(W),
    ) -> Result<(), Ending> {
        match came {
            None => return Ok(self.machine.handle_timeout(Instant::now())?),
            Some(0) => return Err(Ending::Closed),
            Some(_) => self.machine.received(),
        }
        if self.machine.queued() > 0 {
            self.machine.check_writing(Instant::now())?;
        }
        while let Some(incoming) = inbox.next().map_err(Broken::from)? {
            if let Some(ended) = self.machine.handle(incoming)? {
                self.places.answer(ended.tag, ended.into()).into_iter().for_each(&mut wake);
            }
        }
        self.machine.place(inbox);
        while let Some(place) = self.machine.poll_refused() {
            let status = Status::unavailable("the server is going away").did_not_run();
            self.places.answer(place, Answer::Lost(status)).into_iter().for_each(&mut wake);
        }
        Ok(())
    }

    /// What the server sent before it went away may be answers, and may say why: it is read first, up to the end. It need not
    /// be there yet, and somebody else may just have received it. Where there is nothing of the kind, the connection ends so.
    pub(in crate::net) fn sending_failed(&mut self, error: io::Error) -> Option<Ending> {
        self.takes_nothing = matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset);
        (!self.takes_nothing).then(|| error.into())
    }

    /// The connection is over: the server is told why, where that leaves at once, and every open call fails, and says whether
    /// it may have run. `wake` gets those who wait.
    pub(in crate::net) fn end(&mut self, why: &Ending, outlet: &impl Outlet, mut wake: impl FnMut(W)) {
        if self.over.is_some() {
            return;
        }
        if let Ending::Broken(broken) = why {
            self.machine.close(broken);
            self.say_goodbye(outlet);
        }
        let status = Status::unavailable(why.to_string());
        let is_sending = self.sender.is_none();
        for lost in self.machine.lose_all(is_sending) {
            let status = status.clone();
            let status = if lost.never_sent { status.did_not_run() } else { status };
            self.places.answer(lost.tag, Answer::Lost(status)).into_iter().for_each(&mut wake);
        }
        self.over = Some(status);
    }

    /// Sends what is queued, the reason last, if it is taken at once.
    fn say_goodbye(&mut self, outlet: &impl Outlet) {
        let Self { machine, sender: Some(sender), .. } = self else { return };
        while sender.fill(machine) {
            let Ok(count) = sender.send(outlet) else { return };
            machine.transmitted(count);
        }
    }
}

/// What came of sending.
#[derive(Debug)]
pub(in crate::net) enum Flushed {
    /// Somebody else is about it.
    Elsewhere,
    /// All is sent, or need not be.
    All,
    /// Nothing is taken now.
    Blocked,
    /// Nothing is taken any more.
    Failed(io::Error),
}

/// Sends what is taken now, unless somebody else is about it. The lock is free meanwhile.
pub(in crate::net) fn flush<'a, S: AsMut<OpenCalls<W>>, W: Default>(
    shared: &'a Mutex<S>,
    mut state: MutexGuard<'a, S>,
    outlet: &impl Outlet,
) -> (MutexGuard<'a, S>, Flushed) {
    let Some(mut sender) = state.as_mut().sender.take() else { return (state, Flushed::Elsewhere) };
    let mut flushed = Flushed::All;
    while state.as_mut().may_flush() && sender.fill(&mut state.as_mut().machine) {
        drop(state);
        let sent = sender.send(outlet);
        state = shared.lock().unwrap_or_else(PoisonError::into_inner);
        match sent {
            Ok(count) => state.as_mut().machine.transmitted(count),
            Err(error) => {
                let is_full = error.kind() == io::ErrorKind::WouldBlock;
                flushed = if is_full { Flushed::Blocked } else { Flushed::Failed(error) };
                break;
            }
        }
    }
    state.as_mut().sender = Some(sender);
    (state, flushed)
}

/// How a call fails whose time is over.
pub(in crate::net) fn too_late() -> Status {
    Status::deadline_exceeded("the time for the call is over")
}
