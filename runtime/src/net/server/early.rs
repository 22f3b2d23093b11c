//! When answers leave though there are more calls to be handled.

/// What is ready is sent before more calls are run once it is so many bytes.
pub(in crate::net) const SEND_EARLY: usize = 64 << 10;

/// The shares, in eighths of what came together, behind which what is answered leaves.
const LOTS: &[usize] = &[1, 4];

/// So many answers are in a lot, at least: each costs a system call.
const LEAST: usize = 12;

/// Answers to calls that came together leave in up to three lots, so that the caller has something to do while the next ones
/// are made: a small one, for it may be waiting, and two large ones. By measurement: with one lot, or with many small ones,
/// both sides do half as much with 64 calls in flight.
#[derive(Debug)]
pub(in crate::net) struct Early {
    /// Bytes that came together.
    came: usize,
    /// Calls that were handled, and how many of them since answers left last.
    handled: usize,
    lot: usize,
    /// The shares behind which answers are still to leave.
    lots: &'static [usize],
}

impl Early {
    /// For calls that came together in so many bytes.
    pub(in crate::net) const fn of(came: usize) -> Self {
        Self { came, handled: 0, lot: 0, lots: LOTS }
    }

    /// A call was handled, `queued` bytes wait to be sent, and `left` bytes of calls to be handled; whether to send now.
    pub(in crate::net) fn is_due(&mut self, queued: usize, left: usize) -> bool {
        (self.handled, self.lot) = (self.handled + 1, self.lot + 1);
        let Some((share, later)) = self.lots.split_first() else { return queued > SEND_EARLY };
        let taken = self.came.saturating_sub(left);
        // As many calls are left as have as many bytes.
        let is_last = self.handled.saturating_mul(left) < LEAST.saturating_mul(taken);
        if is_last || self.lot < LEAST || taken < share * (self.came / 8) {
            return queued > SEND_EARLY;
        }
        (self.lots, self.lot) = (later, 0);
        queued > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lots(calls: usize, queued: usize) -> Vec<usize> {
        let mut early = Early::of(28 * calls);
        (1..=calls).filter(|call| early.is_due(queued, 28 * (calls - call))).collect()
    }

    #[test]
    fn answers_leave_behind_an_eighth_and_a_half_where_they_are_enough() {
        assert_eq!(lots(256, 20), [32, 128]);
        assert_eq!(lots(64, 20), [12, 32]);
        assert_eq!(lots(30, 20), [12]);
        assert_eq!(lots(23, 20), []);
    }

    #[test]
    fn much_leaves_at_once_and_nothing_never() {
        assert_eq!(lots(3, SEND_EARLY + 1), [1, 2, 3]);
        assert_eq!(lots(300, 0), []);
    }
}
