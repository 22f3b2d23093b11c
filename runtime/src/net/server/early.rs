//! When answers leave though there are more calls to be handled.

/// What is ready is sent before more calls are run once it is so many bytes.
pub(in crate::net) const SEND_EARLY: usize = 64 << 10;

/// So many answers leave before those to the further calls that came together.
const FIRST: u32 = 16;

/// Answers to calls that came together leave in a few lots, so that the caller has something to do while the next ones are
/// made: with 64 calls in flight, twice as many are answered in a second so. Each lot costs a system call, for which they are a
/// quarter fewer where both share a core: so there is one whenever there are twice as many answers as when the last one left.
#[derive(Debug)]
pub(in crate::net) struct Early {
    handled: u32,
    next: u32,
}

impl Default for Early {
    fn default() -> Self {
        Self { handled: 0, next: FIRST }
    }
}

impl Early {
    /// A call was handled, and so many bytes are queued; whether they are to leave now.
    pub(in crate::net) fn is_due(&mut self, queued: usize) -> bool {
        self.handled += 1;
        if self.handled < self.next {
            return queued > SEND_EARLY;
        }
        self.next *= 2;
        queued > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lots(calls: u32, queued: usize) -> Vec<u32> {
        let mut early = Early::default();
        (1..=calls).filter(|_| early.is_due(queued)).collect()
    }

    #[test]
    fn answers_leave_whenever_there_are_twice_as_many() {
        assert_eq!(lots(300, 20), [16, 32, 64, 128, 256]);
        assert_eq!(lots(15, 20), []);
    }

    #[test]
    fn much_leaves_at_once_and_nothing_never() {
        assert_eq!(lots(3, SEND_EARLY + 1), [1, 2, 3]);
        assert_eq!(lots(300, 0), []);
    }
}
