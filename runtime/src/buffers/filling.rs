//! A buffer that bytes are received into, message by message or in parts.

use super::large::{LARGE, give, lend, reserve, take_back};

/// The most room ahead of what has arrived, in memory that is not there yet.
const AHEAD: usize = 64 << 10;

/// What has come of a message. Its memory may be lent, and is given back with it.
#[derive(Debug, Default)]
pub(crate) struct Filling {
    /// All of it may be written to; what is behind `filled` are the bytes of whatever was there before.
    bytes: Vec<u8>,
    filled: usize,
    /// Bytes that were lent.
    lent: usize,
}

impl Filling {
    /// Room for some of the next `most` bytes: in memory that is kept for that all of it, else at most 64 KiB.
    pub(crate) fn space(&mut self, most: usize) -> &mut [u8] {
        if self.bytes.len() == self.filled {
            self.grow(most);
        }
        let end = self.bytes.len().min(self.filled.saturating_add(most));
        self.bytes.get_mut(self.filled..end).unwrap_or_default()
    }

    /// Says that so many bytes were put into [`space`](Self::space).
    pub(crate) fn filled(&mut self, count: usize) {
        self.filled = self.bytes.len().min(self.filled + count);
    }

    /// Adds bytes that came elsewhere.
    pub(crate) fn append(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let space = self.space(bytes.len());
            let (now, later) = bytes.split_at(space.len());
            space.copy_from_slice(now);
            self.filled(now.len());
            bytes = later;
        }
    }

    /// Makes the buffer longer.
    fn grow(&mut self, most: usize) {
        let wanted = self.filled + most.min(AHEAD);
        if wanted > self.bytes.capacity()
            && let Some(larger) = lend(wanted.max(LARGE))
        {
            self.exchange(larger);
        }
        // A lent buffer may have held less than fits.
        if self.bytes.len() < wanted {
            self.bytes.resize(wanted, 0);
        }
    }

    /// Goes on in a lent buffer.
    fn exchange(&mut self, mut larger: Vec<u8>) {
        larger.resize(larger.len().max(self.filled), 0);
        larger[..self.filled].copy_from_slice(self.bytes());
        take_back(std::mem::replace(&mut self.lent, larger.capacity()));
        give(std::mem::replace(&mut self.bytes, larger));
    }

    /// What has come.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.filled).unwrap_or_default()
    }

    /// All that has come. Its memory is no longer lent: [`give`] it back. A message holds little more than its size for as
    /// long as somebody needs it, which may be long: in a buffer that is much larger it does not stay.
    pub(crate) fn into_bytes(mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.bytes.capacity() / 2 > self.filled.max(LARGE) {
            reserve(&mut bytes, self.filled);
            bytes.extend_from_slice(self.bytes());
        } else {
            std::mem::swap(&mut bytes, &mut self.bytes);
            bytes.truncate(self.filled);
        }
        bytes
    }
}

impl Drop for Filling {
    fn drop(&mut self) {
        take_back(self.lent);
        give(std::mem::take(&mut self.bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However the bytes come, and whatever the memory held before: what was put in is what is there.
    #[test]
    fn what_came_is_what_is_there() {
        let sent: Vec<u8> = (0..700_000_u32).map(|at| (at % 251).to_le_bytes()[0]).collect();
        for step in [1000, 65_536, 300_000] {
            give(vec![255; 1_000_000]);
            let mut filling = Filling::default();
            for piece in sent.chunks(step) {
                filling.append(piece);
            }
            assert_eq!(filling.bytes(), sent);
            let bytes = filling.into_bytes();
            assert_eq!(bytes, sent);
        }
    }

    /// L13: what is announced is not what is reserved.
    #[test]
    fn little_more_is_reserved_than_has_come() {
        let mut filling = Filling::default();
        for _ in 0..100 {
            let space = filling.space(usize::MAX).len();
            assert!(filling.lent > 0 || space <= AHEAD, "{space}");
            filling.append(&vec![0; 30_000]);
        }
    }

    /// What comes goes into a buffer that is kept, whichever size it has; but a message that is complete does not stay there
    /// if it is small.
    #[test]
    fn a_small_message_does_not_keep_a_large_buffer() {
        // Other tests give and take buffers too: the small ones are put aside.
        let mut others = Vec::new();
        let filling = loop {
            give(Vec::with_capacity(20 << 20));
            let mut filling = Filling::default();
            filling.append(&[7; 10_000]);
            if filling.lent >= 20 << 20 {
                break filling;
            }
            others.push(filling);
        };
        let bytes = filling.into_bytes();
        assert_eq!(bytes, [7; 10_000]);
        assert!(bytes.capacity() < 2 * LARGE);
    }
}
