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
    /// Items were not taken for lack of credit.
    wants_credit: bool,
    /// Items were not taken since too much waits to be sent.
    pub(super) wants_room: bool,
    /// News of it waits to be taken.
    pub(super) has_news: bool,
}

impl Outgoing {
    pub(super) fn new(window: u32) -> Self {
        Self { balance: window.into(), has_ended: false, wants_credit: false, wants_room: false, has_news: false }
    }

    /// Whether items may be sent as far as the peer allows: they begin above zero, and are then sent whole.
    pub(super) fn may_put(&mut self) -> Put {
        self.wants_credit = !self.has_ended && self.balance <= 0;
        match (self.has_ended, self.wants_credit) {
            (true, _) => Put::Over,
            (_, true) => Put::Full,
            _ => Put::Queued,
        }
    }

    /// So many bytes were queued.
    pub(super) fn charge(&mut self, bytes: usize) {
        self.balance = self.balance.saturating_sub(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// The peer takes so many bytes more. Whether that is news; `None` if it is more than there can be.
    pub(super) fn credit(&mut self, bytes: u32) -> Option<bool> {
        self.balance = self.balance.saturating_add(bytes.into());
        if self.balance > MOST_CREDIT.into() {
            return None;
        }
        Some(self.balance > 0 && std::mem::take(&mut self.wants_credit))
    }
}
