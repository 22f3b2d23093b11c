//! The half of a call's streams that goes.

use super::Put;
use crate::wire::preface::MOST_CREDIT;

/// Items that go.
#[derive(Debug)]
pub(super) struct Outgoing {
    /// Bytes that the peer takes. Below zero after a message that was longer.
    balance: i64,
    /// This side said END.
    pub(super) has_ended: bool,
    /// Items were not taken since too much waits to be sent.
    pub(super) wants_room: bool,
    /// News of it waits to be taken.
    pub(super) has_news: bool,
}

impl Outgoing {
    pub(super) fn new(window: u32) -> Self {
        Self { balance: window.into(), has_ended: false, wants_room: false, has_news: false }
    }

    /// Whether items may be sent as far as the peer allows: they begin above zero, and are then sent whole.
    pub(super) const fn may_put(&self) -> Put {
        match (self.has_ended, self.balance > 0) {
            (true, _) => Put::Over,
            (_, true) => Put::Queued,
            _ => Put::Full,
        }
    }

    /// So many bytes were queued.
    pub(super) fn charge(&mut self, bytes: usize) {
        self.balance = self.balance.saturating_sub(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// The peer takes so many bytes more. Whether items may be sent that could not; `None` if there is more than there can be.
    pub(super) fn credit(&mut self, bytes: u32) -> Option<bool> {
        let was_empty = self.balance <= 0;
        self.balance = self.balance.saturating_add(bytes.into());
        (self.balance <= MOST_CREDIT.into()).then_some(was_empty && self.balance > 0)
    }
}
