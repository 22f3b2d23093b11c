//! Those who wait for news of streams.

use std::task::Waker;

use rustc_hash::FxHashMap;

use crate::proto::Half;

/// Who waits for which half of which call.
#[derive(Debug, Default)]
pub(super) struct Wakers {
    waiting: FxHashMap<(u32, Half), Vec<Waker>>,
}

impl Wakers {
    /// Notes that somebody waits.
    pub(super) fn add(&mut self, call: u32, half: Half, waker: &Waker) {
        let waiting = self.waiting.entry((call, half)).or_default();
        if !waiting.iter().any(|other| other.will_wake(waker)) {
            waiting.push(waker.clone());
        }
    }

    /// Takes those whom this news concerns. Nobody asks for news while nobody waits: it is kept, and is not much.
    pub(super) fn take(&mut self, mut news: impl FnMut() -> Option<(u32, Half)>) -> Vec<Waker> {
        let mut woken = Vec::new();
        while !self.waiting.is_empty()
            && let Some(news) = news()
        {
            woken.extend(self.waiting.remove(&news).unwrap_or_default());
        }
        woken
    }
}

/// Wakes them, which is not done under a lock.
pub(super) fn wake(woken: Vec<Waker>) {
    woken.into_iter().for_each(Waker::wake);
}
