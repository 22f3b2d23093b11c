//! What to do, as arbitrary bytes say it.

#![allow(dead_code, reason = "not every target uses all of it")]

/// Reads one decision after the other. When the bytes are used up, each reads as 0.
pub(crate) struct Script<'a>(&'a [u8]);

impl<'a> Script<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *byte
    }

    /// One of `choices`.
    pub(crate) fn choose<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.byte()) % choices.len()]
    }

    /// Mostly small, but any.
    pub(crate) fn number(&mut self) -> u32 {
        match self.byte() {
            small @ 0..=0xf7 => small.into(),
            0xf8..=0xfb => u32::from_be_bytes([0, self.byte(), self.byte(), self.byte()]),
            _ => u32::from_be_bytes([self.byte(), self.byte(), self.byte(), self.byte()]),
        }
    }

    /// At most `most` bytes that follow.
    pub(crate) fn bytes(&mut self, most: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(most.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// A size in bytes: mostly small, some above what a frame takes.
    pub(crate) fn size(&mut self) -> usize {
        match self.byte() {
            small @ 0..=0xe0 => small.into(),
            0xe1..=0xf0 => usize::from(u16::from_be_bytes([self.byte(), self.byte()])),
            _ => 65_500 + usize::from(u16::from_be_bytes([self.byte(), self.byte()])),
        }
    }
}
