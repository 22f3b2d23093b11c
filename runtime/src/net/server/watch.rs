//! Notices that a handler holds up its connection, that the time of a call is over whose handler runs on, and that a peer which
//! was told to leave just stays.
//!
//! A fast handler must not pay for that. So a connection only counts its handlers, and a thread looks at the count once in
//! a millisecond: if it is twice the same, one handler has run for so long. While it meets no handler it looks less often,
//! and it looks at no connection that has nothing to do: a timer of the system that goes off costs as much as half a call.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::leaving::LULL;
use super::pool::{Job, Pool};
use super::seat::Seat;
use super::session::Session;
use crate::net::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::net::sync::{Condvar, Mutex, MutexGuard, thread};

/// How long a handler runs, at least, before another thread takes over.
const TICK: Duration = Duration::from_millis(1);

/// The longest time between two looks while connections are busy, but no look meets a handler.
const LONGEST_TICK: Duration = Duration::from_millis(4);

/// A connection that did nothing for so many ticks is not looked at until it does something.
const QUIET: u32 = 8;

/// What a connection's reader does. Only the reader writes to it.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    /// Goes up with everything that is begun and ended; odd while calls are handled.
    beat: AtomicU64,
    is_watched: AtomicBool,
}

impl Pulse {
    /// Calls are to be handled; whether somebody must be told to watch.
    pub(super) fn begin(&self) -> bool {
        let beat = (self.beat.load(Ordering::Relaxed) + 2) | 1;
        // In one order with the look at `is_watched`: else who stops watching might miss it.
        self.beat.store(beat, Ordering::SeqCst);
        !self.is_watched.load(Ordering::SeqCst) && self.is_watched_anew()
    }

    fn is_watched_anew(&self) -> bool {
        !self.is_watched.swap(true, Ordering::SeqCst)
    }

    /// Another handler begins.
    pub(super) fn next(&self) {
        self.beat.store(self.beat.load(Ordering::Relaxed) + 2, Ordering::Release);
    }

    /// No call is handled any more.
    pub(super) fn end(&self) {
        self.beat.store((self.beat.load(Ordering::Relaxed) + 2) & !1, Ordering::Release);
    }

    pub(super) fn beat(&self) -> u64 {
        self.beat.load(Ordering::Acquire)
    }

    /// Whether calls are handled.
    pub(super) fn is_busy(&self) -> bool {
        self.beat() & 1 == 1
    }
}

/// The watching thread, as others see it.
#[derive(Debug)]
pub(in crate::net) struct Watch {
    pub(super) pool: Arc<Pool>,
    news: Mutex<News>,
    changed: Condvar,
}

/// What the watching thread was told and has not taken note of.
#[derive(Debug, Default)]
struct News {
    busy: Vec<Watched>,
    /// Connections with handlers that have a deadline and run elsewhere.
    timed: Vec<Weak<Seat>>,
    /// Connections on which something is to be sent soon.
    late: Vec<Weak<Seat>>,
    /// Connections whose peers were told to leave.
    leaving: VecDeque<Leaving>,
    is_asleep: bool,
    is_closed: bool,
}

/// A connection that is busy, or was of late.
#[derive(Debug)]
struct Watched {
    pulse: Arc<Pulse>,
    seat: Weak<Seat>,
    last: u64,
    /// Ticks since something was last different.
    same: u32,
}

/// When somebody must look whether a call's time is over.
type Timed = (Instant, Weak<Seat>);

/// When a peer that was told to leave is not waited for any more.
type Leaving = (Instant, Weak<Session>);

/// What the watching thread looks at.
#[derive(Debug, Default)]
struct Noted {
    busy: Vec<Watched>,
    timed: Vec<Timed>,
    late: Vec<Weak<Seat>>,
    /// The first is due first.
    leaving: VecDeque<Leaving>,
}

impl Watch {
    pub(super) fn new(pool: Pool) -> Self {
        Self { pool: Arc::new(pool), news: Mutex::default(), changed: Condvar::new() }
    }

    fn tell(&self, note: impl FnOnce(&mut News)) {
        let mut news = self.lock();
        note(&mut news);
        if std::mem::take(&mut news.is_asleep) {
            self.changed.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, News> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches a connection for as long as it is busy.
    pub(super) fn add(&self, seat: &Arc<Seat>) {
        let pulse = Arc::clone(seat.pulse());
        let watched = Watched { pulse, seat: Arc::downgrade(seat), last: 0, same: 0 };
        self.tell(|news| news.busy.push(watched));
    }

    /// Looks when the time of a connection's calls is over.
    pub(super) fn add_timed(&self, seat: &Arc<Seat>) {
        self.tell(|news| news.timed.push(Arc::downgrade(seat)));
    }

    /// Sends what a connection has queued with the next tick.
    pub(super) fn add_late(&self, seat: &Arc<Seat>) {
        self.tell(|news| news.late.push(Arc::downgrade(seat)));
    }

    /// Wakes the reader of a connection after a lull, if need be.
    pub(super) fn add_leaving(&self, session: Weak<Session>) {
        self.tell(|news| news.leaving.push_back((Instant::now() + LULL, session)));
    }

    /// Ends the thread, and those that wait in the pool.
    pub(super) fn close(&self) {
        self.tell(|news| news.is_closed = true);
        self.pool.close();
    }

    /// What the thread does.
    pub(super) fn run(&self) {
        let (mut noted, mut tick) = (Noted::default(), TICK);
        while self.wait(&mut noted, tick) {
            let Noted { busy, timed, late, leaving } = &mut noted;
            busy.retain_mut(|watched| watched.look(&self.pool));
            let looks_soon = busy.is_empty() || !late.is_empty() || busy.iter().any(Watched::is_handling);
            tick = if looks_soon { TICK } else { LONGEST_TICK.min(tick * 2) };
            let now = Instant::now();
            timed.retain_mut(|(at, seat)| *at > now || renew(at, seat.upgrade().and_then(|seat| seat.expire(now))));
            let due = leaving.partition_point(|(at, _)| *at <= now);
            leaving
                .drain(..due)
                .filter_map(|(_, session)| session.upgrade())
                .for_each(|session| session.stop_reading());
        }
    }

    /// Waits for a tick, or for as long as there is nothing to look at; takes note of news.
    fn wait(&self, noted: &mut Noted, tick: Duration) -> bool {
        let is_ticking = !noted.busy.is_empty() || !noted.late.is_empty();
        if is_ticking {
            thread::sleep(tick);
            noted.late.retain(|seat| seat.upgrade().is_some_and(|seat| seat.session().send_queued()));
        }
        let mut news = self.lock();
        while !is_ticking && news.is_empty() && !news.is_closed {
            news.is_asleep = true;
            let left = noted.next().map(|next| next.saturating_duration_since(Instant::now()));
            news = match left {
                None => self.changed.wait(news).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => break,
                Some(left) => self.changed.wait_timeout(news, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
        news.is_asleep = false;
        noted.busy.append(&mut news.busy);
        noted.late.append(&mut news.late);
        noted.leaving.append(&mut news.leaving);
        let (timed_anew, goes_on) = (std::mem::take(&mut news.timed), !news.is_closed);
        drop(news);
        for seat in timed_anew {
            note(&mut noted.timed, seat);
        }
        goes_on
    }
}

impl Noted {
    /// When something is due that no tick is needed for.
    fn next(&self) -> Option<Instant> {
        let of_timed = self.timed.iter().map(|(at, _)| *at);
        of_timed.chain(self.leaving.front().map(|(at, _)| *at)).min()
    }
}

impl News {
    fn is_empty(&self) -> bool {
        self.busy.is_empty() && self.timed.is_empty() && self.late.is_empty() && self.leaving.is_empty()
    }
}

/// Keeps one time for each connection that lives.
fn note(timed: &mut Vec<Timed>, seat: Weak<Seat>) {
    timed.retain(|(_, other)| !other.ptr_eq(&seat) && other.strong_count() > 0);
    if let Some(at) = seat.upgrade().and_then(|seat| seat.next_deadline()) {
        timed.push((at, seat));
    }
}

fn renew(at: &mut Instant, next: Option<Instant>) -> bool {
    next.is_some_and(|next| {
        *at = next;
        true
    })
}

impl Watched {
    /// Lets another thread take over if need be; whether to look again.
    fn look(&mut self, pool: &Arc<Pool>) -> bool {
        let beat = self.pulse.beat();
        if beat != self.last {
            (self.last, self.same) = (beat, 0);
            return true;
        }
        if beat & 1 == 1 {
            // Once is enough, unless nobody could take over.
            if self.same == 0 && self.seat.upgrade().is_none_or(|seat| pool.run_elsewhere(Job::TakeOver(seat, beat))) {
                self.same = 1;
            }
            return self.seat.strong_count() > 0;
        }
        self.same += 1;
        self.same < QUIET || self.goes_on()
    }

    /// Whether the last look met a handler.
    const fn is_handling(&self) -> bool {
        self.last & 1 == 1
    }

    /// Stops watching, unless something was begun at the same time and nobody else was told.
    fn goes_on(&mut self) -> bool {
        self.pulse.is_watched.store(false, Ordering::SeqCst);
        self.same = 0;
        self.pulse.beat.load(Ordering::SeqCst) != self.last && self.pulse.is_watched_anew()
    }
}
