//! Both ends of a connection, and the bytes between them, in one thread and at a time that only the test moves.

use std::time::{Duration, Instant};

use rpcgen_runtime::Limits;
use rpcgen_runtime::proto::{
    ClientConnection, Ended, Held, Inbox, Outgoing, RunningCall, ServerConnection, Streams, Transmit,
};
use rpcgen_runtime::wire::Code;

use super::calls::{Answer, Calls, Opened, Tag};
use super::flows::{End, Flows, Way as Flowing};

/// Low enough for a short run to reach them.
pub(crate) fn limits() -> Limits {
    Limits {
        frame: 70_000,
        message: 250_000,
        held_by_connection: 400_000,
        queued: 150_000,
        open_calls: 64,
        stream_window: 20_000,
        ..Limits::default()
    }
}

/// A call that is to be opened.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) oneway: bool,
    pub(crate) streams: Streams,
    pub(crate) size: usize,
    pub(crate) timeout: Option<Duration>,
    pub(crate) answer: Answer,
}

impl Ask {
    pub(crate) fn small(answer: Answer) -> Self {
        Self { oneway: false, streams: Streams::default(), size: 1, timeout: None, answer }
    }
}

/// One direction: what an end handed out, and what is under way.
#[derive(Default)]
struct Way {
    lent: Vec<u8>,
    flying: Vec<u8>,
    /// Bytes that were taken from the end so far.
    sent: u64,
}

impl Way {
    /// The transport takes so many bytes.
    fn send(&mut self, end: &mut impl Transmit, mut most: usize) {
        while most > 0 {
            if self.lent.is_empty() {
                let mut outgoing = Outgoing::default();
                end.poll_transmit(&mut outgoing);
                self.lent = outgoing.to_vec();
            }
            let count = most.min(self.lent.len());
            if count == 0 {
                return;
            }
            self.flying.extend(self.lent.drain(..count));
            end.transmitted(count);
            self.sent += count as u64;
            most -= count;
        }
    }

    /// So many bytes arrive; whether there were any.
    fn arrive(&mut self, inbox: &mut Inbox, most: usize) -> bool {
        let space = inbox.space();
        let count = most.min(self.flying.len()).min(space.len());
        space[..count].copy_from_slice(&self.flying[..count]);
        inbox.filled(count);
        self.flying.drain(..count);
        count > 0
    }
}

pub(crate) struct Pair {
    client: ClientConnection<Tag>,
    server: ServerConnection,
    to_server: Way,
    to_client: Way,
    client_inbox: Inbox,
    server_inbox: Inbox,
    now: Instant,
    pub(crate) calls: Calls,
    flows: Flows,
    /// Calls whose handlers took all that came.
    complete: Vec<(Tag, u32)>,
    /// The client's end is over.
    is_lost: bool,
}

impl Pair {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        let seconds = Duration::from_secs;
        Self {
            client: ClientConnection::new(limits(), now).with_keepalive(seconds(20), seconds(2_000_000)),
            server: ServerConnection::new(limits(), now),
            to_server: Way::default(),
            to_client: Way::default(),
            client_inbox: Inbox::new(limits().frame),
            server_inbox: Inbox::new(limits().frame),
            now,
            calls: Calls::default(),
            flows: Flows::default(),
            complete: Vec::new(),
            is_lost: false,
        }
    }

    pub(crate) fn open(&mut self, ask: Ask) {
        let Ask { oneway, streams, size, timeout, mut answer } = ask;
        if self.is_lost {
            return;
        }
        let tag = self.calls.next_tag();
        let (extension, mut payload) = super::calls::payload(tag, size, timeout);
        let held = self.client.held();
        let is_full = held.calls >= 64 || held.queued > limits().queued;
        if streams.any() {
            answer = Answer::Later(Box::new(answer));
        }
        match self.client.open(7, oneway, streams, extension, &mut payload, tag) {
            Ok(call) => {
                assert!(!is_full, "{held:?} were open already");
                let deadline = timeout.map(|timeout| self.now + timeout);
                self.calls.opened(call, Opened { oneway, streams, size, deadline, answer });
                self.flows.begin(call, streams);
            }
            Err(error) => assert!(is_full || size > 200_000 || self.client.is_going_away(), "{error}"),
        }
    }

    pub(crate) fn cancel(&mut self, tag: Tag) {
        if let Some(call) = self.calls.cancelled(tag) {
            self.client.cancel(call);
        }
    }

    /// Items are to go on the stream of a call, if it has one and its handler runs.
    pub(crate) fn put(&mut self, tag: Tag, way: Flowing, count: usize, size: usize) {
        let call = self.calls.id(tag);
        match way {
            Flowing::ToServer if self.is_lost => {}
            Flowing::ToServer => self.flows.want(&mut self.client, call, way, count, size),
            Flowing::ToClient if !self.calls.does_run(tag) => {}
            Flowing::ToClient => self.flows.want(&mut self.server, call, way, count, size),
        }
    }

    pub(crate) fn take(&mut self, tag: Tag, way: Flowing, all: bool, done: bool) {
        self.take_of(self.calls.id(tag), way, all, done);
    }

    fn take_of(&mut self, call: u32, way: Flowing, all: bool, done: bool) -> bool {
        match way {
            Flowing::ToServer => take(&mut self.flows, &mut self.server, call, way, all, done),
            Flowing::ToClient => take(&mut self.flows, &mut self.client, call, way, all, done),
        }
    }

    pub(crate) fn end_items(&mut self, tag: Tag) {
        self.end_of(self.calls.id(tag));
    }

    fn end_of(&mut self, call: u32) -> bool {
        let is_new = !self.is_lost && self.flows.close(call, Flowing::ToServer);
        if is_new {
            self.client.end_items(call);
        }
        is_new
    }

    /// Both ends say what there is news of.
    pub(crate) fn hear(&mut self) {
        self.flows.hear(&mut self.client, Flowing::ToClient);
        self.flows.hear(&mut self.server, Flowing::ToServer);
        let items = |way| (self.flows.bytes(way), self.flows.has_too_long);
        self.calls.items = (items(Flowing::ToServer), items(Flowing::ToClient));
    }

    pub(crate) fn client_sends(&mut self, most: usize) {
        if !self.is_lost {
            self.to_server.send(&mut self.client, most);
        }
    }

    pub(crate) fn server_sends(&mut self, most: usize) {
        self.to_client.send(&mut self.server, most);
    }

    /// Bytes arrive at the server, which handles what is complete, and no calls while it is congested.
    pub(crate) fn arrive_at_server(&mut self, most: usize) -> bool {
        let mut came = false;
        if !(self.server.is_congested() && self.server_inbox.holds_call()) {
            came = self.to_server.arrive(&mut self.server_inbox, most);
            if came {
                self.server.received();
            }
        }
        loop {
            if self.server.is_congested() && self.server_inbox.holds_call() {
                return came;
            }
            let bytes = self.server_inbox.share();
            let Some(incoming) = self.server_inbox.next_of(&bytes).expect("the client keeps to the rules") else {
                self.server.place(&mut self.server_inbox);
                return came;
            };
            let call = self.server.handle(incoming, self.now).expect("the client keeps to the rules");
            if let Some(call) = call {
                let (tag, answer) = self.calls.handed(call.id, call.oneway, call.args());
                let streams = self.calls.streams(tag);
                let streams = Streams { incoming: streams.outgoing, outgoing: streams.incoming };
                let (id, oneway, deadline) = (call.id, call.oneway, call.deadline);
                drop(call);
                self.begin(RunningCall { id, oneway, deadline, streams }, tag, &answer);
            }
            let held = self.server.held();
            assert!(held.unfinished + self.calls.running() <= 64, "{held:?}");
            self.calls.was_full |= held.unfinished + self.calls.running() == 64;
            came = true;
        }
    }

    fn begin(&mut self, call: RunningCall, tag: Tag, answer: &Answer) {
        if let Answer::Later(_) = answer {
            self.calls.runs(tag);
            self.server.detach(call);
        } else if !call.oneway {
            self.answer(call.id, tag, answer);
        }
    }

    fn answer(&mut self, call: u32, tag: Tag, answer: &Answer) {
        match answer {
            Answer::Reply(_) if self.calls.streams(tag).incoming => self.server.end(call),
            Answer::Reply(size) => self.server.reply(call, &mut super::calls::packed(tag, *size)),
            Answer::Declared(size) => self.server.declared(call, &mut super::calls::packed(tag, *size)),
            Answer::Status => self.server.fault(call, Code::NotFound, true, "there is none"),
            Answer::Later(answer) => self.answer(call, tag, answer),
        }
    }

    /// A handler that runs elsewhere returns.
    pub(crate) fn returns(&mut self, tag: Tag) {
        let Some((call, oneway, answer)) = self.calls.returned(tag) else { return };
        self.flows.close(call, Flowing::ToClient);
        if self.server.finish(call) && !oneway {
            self.answer(call, tag, &answer);
        }
    }

    /// Bytes arrive at the client.
    pub(crate) fn arrive_at_client(&mut self, most: usize) -> bool {
        if self.is_lost || !self.to_client.arrive(&mut self.client_inbox, most) {
            return false;
        }
        self.client.received();
        while let Some(incoming) = self.client_inbox.next().expect("the server keeps to the rules") {
            let ended = self.client.handle(incoming).expect("the server keeps to the rules");
            if let Some(Ended { tag, outcome, .. }) = ended {
                self.calls.ended(tag, &outcome, self.now);
            }
        }
        self.client.place(&mut self.client_inbox);
        while let Some(tag) = self.client.poll_refused() {
            self.calls.refused(tag);
        }
        true
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.client.poll_timeout(self.client_inbox.is_mid_frame(), self.now);
        self.server.poll_timeout(self.server_inbox.is_mid_frame(), self.now);
        self.now += time;
        // That a peer is slow is for other tests; here what the times of calls do counts.
        let _slow = self.server.handle_timeout(self.now);
        self.server.expire(self.now);
        let cancelled = self.server.take_cancelled();
        self.calls.handlers_told(&cancelled);
        if !self.is_lost {
            self.client.look_for_silence(true, self.now).expect("patience");
        }
    }

    pub(crate) fn go_away(&mut self) {
        self.calls.is_going_away = true;
        self.server.go_away("as asked");
    }

    /// The connection dies under the client. What is under way may still arrive at the server.
    pub(crate) fn lose(&mut self) {
        if !self.is_lost {
            self.is_lost = true;
            for lost in self.client.lose_all(false) {
                self.calls.lost(lost.tag, lost.never_sent);
            }
        }
    }

    /// Everything is sent, arrives and returns, until nothing happens any more.
    pub(crate) fn settle(&mut self) {
        let mut goes_on = true;
        while goes_on {
            let before = (self.to_server.sent, self.to_client.sent);
            self.client_sends(usize::MAX);
            goes_on = self.arrive_at_server(usize::MAX);
            self.hear();
            goes_on |= self.settle_streams();
            for tag in self.calls.all_running() {
                let call = self.calls.id(tag);
                if self.flows.is_done(call, Flowing::ToServer) && self.flows.is_put(call, Flowing::ToClient) {
                    self.returns(tag);
                    self.complete.push((tag, call));
                    goes_on = true;
                }
            }
            self.server_sends(usize::MAX);
            goes_on |= self.arrive_at_client(usize::MAX);
            if self.is_lost {
                self.to_client.flying.clear();
            }
            goes_on |= before != (self.to_server.sent, self.to_client.sent);
            self.hear();
            goes_on |= self.server.queued() > 0 || (self.client.queued() > 0 && !self.is_lost);
        }
    }

    /// All that comes is taken, and every client ends its stream; whether anything happened.
    fn settle_streams(&mut self) -> bool {
        let mut goes_on = false;
        for call in self.flows.calls(Flowing::ToServer) {
            goes_on |= self.take_of(call, Flowing::ToServer, true, true);
            goes_on |= self.flows.is_put(call, Flowing::ToServer) && self.end_of(call);
        }
        for call in self.flows.calls(Flowing::ToClient) {
            goes_on |= self.take_of(call, Flowing::ToClient, true, true);
        }
        self.hear();
        goes_on
    }

    /// When all is over nothing is kept, and each call has ended as it may.
    pub(crate) fn check(mut self) {
        if self.is_lost {
            self.server.end_of_calls();
            self.server.give_up_running();
            self.settle();
        }
        for call in self.flows.calls(Flowing::ToClient) {
            self.client.forget_streams(call);
        }
        let (client, server) = (self.client.held(), self.server.held());
        if self.is_lost {
            // What had not all come when the connection was lost has nobody who would end it.
            assert_eq!((client.calls, server.unfinished, server.deadlines, server.running), (0, 0, 0, 0));
        } else {
            assert_eq!(client, Held::default());
            assert_eq!(server, Held::default());
        }
        self.calls.check();
        self.check_streams();
    }

    /// What ended well is complete.
    fn check_streams(&self) {
        for tag in self.calls.tags().into_iter().filter(|tag| self.calls.has_ended_well(*tag)) {
            self.flows.check(self.calls.id(tag), Flowing::ToClient);
        }
        for (_, call) in self.complete.iter().filter(|(tag, _)| self.calls.has_ended_well(*tag)) {
            self.flows.check(*call, Flowing::ToServer);
        }
    }
}

/// Takes items; whether there were any.
fn take(flows: &mut Flows, end: &mut impl End, call: u32, way: Flowing, all: bool, done: bool) -> bool {
    let did = flows.take(end, call, way, all);
    if done {
        flows.consume(end, call, way);
    }
    did
}
