//! The thread that reads a session: it runs handlers where their calls were read, and answers together what arrived
//! together. When a handler takes long, another thread reads on, and this one only answers that call.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use super::answer::{Owed, answer, refuse_for_room};
use super::early::Early;
use super::handle::handle;
use super::seat::Seat;
use super::session::{End, Guard, Session};
use crate::buffers::Packed;
use crate::net::socket::Readiness;
use crate::proto::{Broken, Inbox, IncomingCall, ServerConnection};

/// Memory that is kept for the next answer, in bytes.
const KEPT: usize = 256 << 10;

/// A thread that reads a session.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    seat: &'a Arc<Seat>,
    session: &'a Session,
    /// Tells it from the readers before and after.
    number: u32,
    /// Where answers are packed.
    out: Packed,
    /// Not all that has come could be handled.
    is_held: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(seat: &'a Arc<Seat>, number: u32) -> Self {
        Self { seat, session: seat.session(), number, out: Packed::default(), is_held: false }
    }

    /// Reads until the connection ends, or another thread reads.
    pub(super) fn serve(mut self, mut inbox: Box<Inbox>) -> End {
        loop {
            inbox = match self.turn(inbox) {
                Ok(inbox) => inbox,
                Err(end) => return end,
            };
        }
    }

    /// Handles what has arrived and sends the answers; then receives more.
    fn turn(&mut self, inbox: Box<Inbox>) -> Result<Box<Inbox>, End> {
        let pulse = self.session.pulse();
        if pulse.begin()
            && let Some(watch) = self.seat.watch()
        {
            watch.add(self.seat);
        }
        let handled = self.handle_all(inbox);
        if !matches!(handled, Err(End::Replaced)) {
            pulse.end();
        }
        let mut inbox = handled?;
        self.session.settle()?;
        self.receive(&mut inbox)?;
        Ok(inbox)
    }

    fn handle_all(&mut self, mut inbox: Box<Inbox>) -> Result<Box<Inbox>, End> {
        let arrived = inbox.share();
        let now = Instant::now();
        let mut wire = self.session.wire();
        let mut early = Early::of(inbox.waiting());
        self.is_held = true;
        while self.may_handle(&mut wire, &inbox)? {
            let Some(incoming) = inbox.next_of(&arrived).map_err(Broken::from)? else {
                self.is_held = false;
                wire.connection.place(&mut inbox);
                self.session.flush(&mut wire)?;
                return Ok(inbox);
            };
            let Some(call) = wire.connection.handle(incoming, now)? else { continue };
            (wire, inbox) = self.run(wire, inbox, call)?;
            if early.is_due(wire.connection.queued(), inbox.waiting()) {
                self.session.flush(&mut wire)?;
            }
        }
        // No further flush here: if it made room, nothing would come to wake this thread for the calls in the inbox.
        Ok(inbox)
    }

    /// Whether what is next in the inbox may be handled now: for a call, what is ready must not be too long.
    fn may_handle(&self, wire: &mut Guard<'_>, inbox: &Inbox) -> io::Result<bool> {
        if wire.connection.is_congested() && inbox.holds_call() {
            self.session.flush(wire)?;
            return Ok(!wire.connection.is_congested());
        }
        Ok(true)
    }

    /// Runs a call and queues its answer. Meanwhile the inbox is where another thread can take it.
    fn run(
        &mut self,
        mut wire: Guard<'a>,
        inbox: Box<Inbox>,
        mut call: IncomingCall<'_>,
    ) -> Result<(Guard<'a>, Box<Inbox>), End> {
        if self.refuses(&mut wire.connection, &call) {
            return Ok((wire, inbox));
        }
        call.deadline = self.session.deadline(call.deadline);
        if let Some(streams) = self.session.router().streams(&call) {
            return Ok((self.seat.begin_streams(wire, call.take(), streams), inbox));
        }
        let state = wire.park(self.number, inbox, &call);
        self.session.pulse().next();
        drop(wire);
        self.out.empty(KEPT);
        let owed = (call.id, Owed::to(&call));
        let outcome = handle(self.session.router(), &mut call, state, self.session.limits(), None, &mut self.out);
        let mut wire = self.session.wire();
        let inbox = wire.unpark(self.number);
        if inbox.is_some() || self.session.has_returned(&mut wire, owed.0) {
            answer(&mut wire.connection, owed, outcome, &mut self.out, self.session.peer());
        }
        inbox.map(|inbox| (wire, inbox)).ok_or(End::Replaced)
    }

    /// Refuses a call where a slow handler would hold up the connection; not a oneway one, which then does just that.
    fn refuses(&self, connection: &mut ServerConnection, call: &IncomingCall<'_>) -> bool {
        let full = self.seat.watch().and_then(|watch| watch.pool.full());
        let Some(most) = full.filter(|_| !call.oneway) else { return false };
        refuse_for_room(connection, call.id, most);
        true
    }

    /// Waits for what the peer sends. While it does not read what it is sent, its calls are not read either.
    fn receive(&self, inbox: &mut Inbox) -> Result<(), End> {
        let is_mid_frame = inbox.is_mid_frame();
        self.session.note_active(is_mid_frame);
        let Some(received) = self.receive_bytes(inbox, is_mid_frame)? else { return Ok(()) };
        match received {
            0 => Err(self.session.finish(is_mid_frame)),
            count => {
                inbox.filled(count);
                if is_mid_frame {
                    self.session.wire().connection.received();
                }
                Ok(())
            }
        }
    }

    /// How many bytes have come, none at their end; `None` where something else is to be done first.
    fn receive_bytes(&self, inbox: &mut Inbox, is_mid_frame: bool) -> Result<Option<usize>, End> {
        let (socket, busy_poll) = (self.session.socket(), self.session.busy_poll());
        if is_mid_frame && let Some(received) = self.receive_ready(inbox)? {
            return Ok(Some(received));
        }
        if busy_poll.is_hopeful()
            && self.session.wire().connection.is_quiet(is_mid_frame)
            && let Some(received) = busy_poll.receive(socket, inbox.space())
        {
            return Ok(Some(received?));
        }
        busy_poll.while_waiting(|| {
            if !self.may_receive(inbox, is_mid_frame)? {
                return Ok(None);
            }
            Ok(Some(socket.receive(inbox.space())?))
        })
    }

    /// What has come of a frame that is not complete. Of a large one mostly something has, and no clock need be set.
    fn receive_ready(&self, inbox: &mut Inbox) -> io::Result<Option<usize>> {
        let has_more_to_do = !self.session.wire().connection.is_quiet(false);
        if has_more_to_do { Ok(None) } else { self.session.socket().receive_now(inbox.space()) }
    }

    /// Waits as long as anything but bytes is expected; whether there are bytes to receive, or the end of them.
    fn may_receive(&self, inbox: &Inbox, is_mid_frame: bool) -> Result<bool, End> {
        let mut wire = self.session.wire();
        let connection = &mut wire.connection;
        if connection.is_quiet(is_mid_frame) {
            return Ok(true);
        }
        let is_held = connection.is_congested() && inbox.holds_call();
        if self.is_held && !is_held {
            // A handler that went on elsewhere has sent meanwhile: the calls in the inbox need not wait.
            return Ok(false);
        }
        let wanted = Readiness { read: !is_held, write: connection.queued() > 0 };
        let until = connection.poll_timeout(is_mid_frame && !is_held, Instant::now());
        drop(wire);
        let ready = self.session.socket().wait(wanted, until)?;
        let mut wire = self.session.wire();
        if ready == Readiness::default() {
            wire.connection.handle_timeout(Instant::now())?;
        } else {
            wire.connection.check_writing(Instant::now())?;
        }
        Ok(ready.read)
    }
}
