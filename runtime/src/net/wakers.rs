//! Those who wait for news of streams.

use std::task::Waker;

use rustc_hash::FxHashMap;

use crate::proto::Half;

/// So many may wait to send items of one call; a further one takes the place of one that is woken for nothing.
const SENDERS: usize = 32;

/// Who waits for which half of which call.
#[derive(Debug, Default)]
pub(super) struct Wakers {
    waiting: FxHashMap<(u32, Half), Vec<Waker>>,
    /// Those that wait no longer. With the last waker of a task a future may go that needs the lock under which this is, so
    /// none is dropped here.
    woken: Vec<Waker>,
}

impl Wakers {
    /// Notes that somebody waits. One at a time receives.
    pub(super) fn add(&mut self, call: u32, half: Half, waker: &Waker) {
        let waiting = self.waiting.entry((call, half)).or_default();
        if waiting.iter().any(|other| other.will_wake(waker)) {
            return;
        }
        let most = if half == Half::Incoming { 1 } else { SENDERS };
        if waiting.len() == most {
            self.woken.push(waiting.remove(0));
        }
        waiting.push(waker.clone());
    }

    /// Nobody waits any more for a call.
    #[cfg(feature = "tokio")]
    pub(super) fn forget(&mut self, call: u32) {
        for half in [Half::Incoming, Half::Outgoing] {
            self.woken.extend(self.waiting.remove(&(call, half)).unwrap_or_default());
        }
    }

    /// Takes those who are to be woken, the lock given back. Nobody asks for news while nobody waits: it is kept, and is not
    /// much.
    pub(super) fn take(&mut self, mut news: impl FnMut() -> Option<(u32, Half)>) -> Vec<Waker> {
        while !self.waiting.is_empty()
            && let Some(news) = news()
        {
            self.woken.extend(self.waiting.remove(&news).unwrap_or_default());
        }
        std::mem::take(&mut self.woken)
    }
}

/// Wakes them, which is not done under a lock.
pub(super) fn wake(woken: Vec<Waker>) {
    woken.into_iter().for_each(Waker::wake);
}
