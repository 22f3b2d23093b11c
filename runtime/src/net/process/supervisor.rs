//! What the parent does: starts workers, replaces those that end, rolls them, and ends them.
//!
//! One thread decides. Others tell it what has happened: each worker's end and words, signals, and what the program wants.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::{Duration, Instant};

use super::backoff::Backoff;
use super::child::{Child, Role};
use super::line::Message;
use super::signals;
use super::state::State;
use crate::net::listener::Listener;
use crate::net::server::Report;

/// What happens to a supervisor.
#[derive(Debug, Clone, Copy)]
pub(super) enum Event {
    /// A worker has said something.
    Said(u64, Message),
    /// A worker has ended.
    Exited(u64),
    /// Each worker is to be replaced.
    Roll,
    /// Everything is to end, with so much time, or as much as was set.
    Drain(Option<Duration>),
    /// Everything is to end at once, this process by this signal.
    Kill(i32),
}

/// What a process server was told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    /// How long handlers have when their worker is to end.
    pub(super) drain: Duration,
    /// How long a worker may take until it is ready.
    pub(super) start: Duration,
}

/// Looks after workers.
#[derive(Debug)]
pub(super) struct Supervisor {
    url: String,
    /// None when the server is ending.
    listener: Option<Listener>,
    times: Times,
    events: Receiver<Event>,
    teller: SyncSender<Event>,
    state: Arc<State>,
    /// One for each place.
    places: Vec<Backoff>,
    children: Vec<Child>,
    next: u64,
    /// Places whose workers are to be replaced.
    to_roll: VecDeque<usize>,
    report: Report,
}

impl Supervisor {
    pub(super) fn new(
        (url, listener): (String, Listener),
        count: usize,
        times: Times,
        (teller, events): (SyncSender<Event>, Receiver<Event>),
        state: Arc<State>,
    ) -> Self {
        Self {
            url,
            listener: Some(listener),
            times,
            events,
            teller,
            state,
            places: vec![Backoff::default(); count],
            children: Vec::new(),
            next: 0,
            to_roll: VecDeque::new(),
            report: Report::default(),
        }
    }

    /// Goes on until the server has ended.
    pub(super) fn run(mut self) -> Report {
        loop {
            self.tend(Instant::now());
            let is_over = self.listener.is_none() && self.children.is_empty();
            let serving = self.children.iter().filter(|child| matches!(child.role, Role::Serving(_)));
            self.state.set(serving.map(|child| (child.process_id(), child.ready.is_some())), self.listener.is_none());
            if is_over {
                return self.report;
            }
            if let Some(event) = self.next_event() {
                self.handle(event, Instant::now());
            }
        }
    }

    fn next_event(&self) -> Option<Event> {
        let now = Instant::now();
        let deadlines = self.children.iter().filter_map(|child| child.deadline);
        let starts = self.empty_places().filter_map(|place| self.places[place].wait(now));
        let Some(until) = deadlines.chain(starts).min() else { return self.events.recv().ok() };
        self.events.recv_timeout(until.saturating_duration_since(now)).ok()
    }

    /// Places without a worker, none if the server is ending.
    fn empty_places(&self) -> impl Iterator<Item = usize> {
        let count = if self.listener.is_some() { self.places.len() } else { 0 };
        (0..count).filter(|place| !self.children.iter().any(|child| child.role == Role::Serving(*place)))
    }

    /// Does what it is time for.
    fn tend(&mut self, now: Instant) {
        for child in self.children.iter_mut().filter(|child| child.deadline.is_some_and(|deadline| deadline <= now)) {
            let late = if child.ready.is_none() { "become ready" } else { "ended" };
            log::error!("worker {} has not {late} in time, and is killed", child.process_id());
            child.kill();
        }
        for place in self.empty_places().collect::<Vec<_>>() {
            if self.places[place].wait(now).is_none()
                && let Err(error) = self.start(Role::Serving(place))
            {
                let pause = self.places[place].ended(None, now);
                log::error!("cannot start a worker: {error}; the next attempt is in {pause:.1?}");
            }
        }
        self.go_on_rolling();
    }

    fn start(&mut self, role: Role) -> io::Result<()> {
        let Some(listener) = &self.listener else { return Ok(()) };
        let id = self.next;
        self.next += 1;
        let child = Child::start(id, role, (&self.url, listener), self.times.start, &self.teller)?;
        log::debug!("worker {} was started", child.process_id());
        self.children.push(child);
        Ok(())
    }

    /// Replaces the next worker, when the one before has ended: so there is at most one more than there should be.
    fn go_on_rolling(&mut self) {
        if self.children.iter().any(|child| !matches!(child.role, Role::Serving(_))) {
            return;
        }
        if let Some(place) = self.to_roll.pop_front()
            && let Err(error) = self.start(Role::Successor(place))
        {
            self.give_up_rolling(&error.to_string());
        }
    }

    fn give_up_rolling(&mut self, why: &str) {
        self.to_roll.clear();
        log::error!("a new worker cannot be had, and the others go on: {why}");
    }

    fn handle(&mut self, event: Event, now: Instant) {
        match event {
            Event::Said(id, Message::Ready) => self.welcome(id, now),
            Event::Said(id, Message::Ended(report)) => {
                self.report += report;
                self.children.iter_mut().filter(|child| child.id == id).for_each(|child| child.has_reported = true);
            }
            Event::Said(..) => log::error!("a worker talks nonsense"),
            Event::Exited(id) => self.bury(id, now),
            Event::Roll if self.listener.is_none() => {}
            Event::Roll => self.roll(),
            Event::Drain(time) => self.end(time.unwrap_or(self.times.drain), now),
            Event::Kill(signal) => {
                self.end(Duration::ZERO, now);
                self.children.iter_mut().for_each(Child::kill);
                signals::end_by(signal);
            }
        }
    }

    fn roll(&mut self) {
        log::info!("each of {} workers is replaced", self.places.len());
        for place in 0..self.places.len() {
            if !self.to_roll.contains(&place) {
                self.to_roll.push_back(place);
            }
        }
    }

    /// A worker is ready; if it is to take another's place, that one leaves.
    fn welcome(&mut self, id: u64, now: Instant) {
        let Some(child) = self.children.iter_mut().find(|child| child.id == id) else { return };
        let role = child.role;
        if role == Role::Leaving {
            return;
        }
        child.go(now);
        if let Role::Successor(place) = role {
            if let Some(old) = self.children.iter_mut().find(|child| child.role == Role::Serving(place)) {
                old.leave(self.times.drain, false, now);
            }
            self.promote(id, place);
        }
    }

    fn promote(&mut self, id: u64, place: usize) {
        if let Some(child) = self.children.iter_mut().find(|child| child.id == id) {
            child.role = Role::Serving(place);
        }
    }

    /// A worker has ended.
    fn bury(&mut self, id: u64, now: Instant) {
        let Some(index) = self.children.iter().position(|child| child.id == id) else { return };
        let child = self.children.remove(index);
        let (role, ready, process) = (child.role, child.ready, child.process_id());
        self.report.workers_lost += usize::from(ready.is_some() && !child.has_reported);
        let how = match child.reap() {
            Ok(status) => status.to_string(),
            Err(error) => format!("nobody knows how: {error}"),
        };
        match role {
            Role::Leaving => log::info!("worker {process} has ended ({how})"),
            Role::Successor(_) => self.give_up_rolling(&format!("worker {process} has ended ({how})")),
            Role::Serving(place) => {
                let successor = self.children.iter().find(|child| child.role == Role::Successor(place));
                if let Some(successor) = successor.map(|child| child.id) {
                    log::warn!("worker {process} has ended ({how}), and was about to be replaced");
                    return self.promote(successor, place);
                }
                let pause = self.places[place].ended(ready, now);
                log::warn!("worker {process} has ended ({how}), and is replaced in {pause:.1?}");
            }
        }
    }

    /// Lets no further worker start, and tells all to end.
    fn end(&mut self, time: Duration, now: Instant) {
        self.listener = None;
        self.to_roll.clear();
        for child in &mut self.children {
            child.leave(time, true, now);
        }
    }
}
