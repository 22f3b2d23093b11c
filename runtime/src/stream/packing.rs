//! Items to bytes, many at a time.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::buffers::{give_scratch, take_scratch};
use crate::pack::{PackError, PackLimits, Packer};

/// Items go together until they come to so many bytes.
const TOGETHER: usize = 16 << 10;

/// The most items that are packed at once.
const MOST: usize = 256;

/// Packs items until they come to much, or one of them does not pack.
pub(crate) type PackItems<T> = Arc<dyn Fn(&mut Packer<'_>, &[&T]) -> Run + Send + Sync>;

/// How far items were packed.
#[derive(Debug)]
pub(crate) struct Run {
    count: usize,
    /// Where the last item begins, or the one that does not pack.
    last: usize,
    result: Result<(), PackError>,
}

/// Packed items that are to be sent.
#[derive(Debug, Default)]
pub(super) struct Packed {
    /// What is to be sent next.
    pub(super) piece: Piece,
    behind: VecDeque<Piece>,
    /// How many items are packed at once: the smaller they are, the more.
    group: usize,
}

/// What goes together. A long item goes alone: with others it might be more than a message may be.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) bytes: Vec<u8>,
    pub(super) count: u32,
}

/// The loop is made for each type of item: what packs one is a part of it.
pub(crate) fn pack_items<T: ?Sized>(
    pack: impl Fn(&mut Packer<'_>, &T) -> Result<(), PackError> + Send + Sync + 'static,
) -> PackItems<T> {
    Arc::new(move |out, items| {
        let (mut count, mut last) = (0, out.len());
        for item in items {
            last = out.len();
            if let Err(error) = pack(out, item) {
                return Run { count, last, result: Err(error) };
            }
            count += 1;
            if out.len() >= TOGETHER {
                break;
            }
        }
        Run { count, last, result: Ok(()) }
    })
}

impl Packed {
    pub(super) fn take() -> Self {
        Self { piece: Piece::take(), ..Self::default() }
    }

    pub(super) fn give_back(self) {
        self.piece.give_back();
    }

    /// Whether there is enough to be sent.
    pub(super) fn is_full(&self) -> bool {
        self.piece.is_full() || !self.behind.is_empty()
    }

    /// How many items to pack next.
    pub(super) fn group(&self) -> usize {
        self.group.max(1)
    }

    /// Packs items behind others. Those before one that does not pack stay.
    pub(super) fn add<T: ?Sized>(
        &mut self,
        pack: &PackItems<T>,
        limits: PackLimits,
        mut items: &[&T],
    ) -> Result<(), PackError> {
        while !items.is_empty() {
            let piece = self.open();
            let before = piece.bytes.len();
            let run = pack(&mut Packer::new(&mut piece.bytes, &limits), items);
            let (came, long) = (piece.bytes.len() - before, piece.end(&run));
            self.behind.extend(long);
            run.result?;
            items = items.get(run.count..).unwrap_or_default();
            self.adapt(came);
        }
        Ok(())
    }

    /// The piece to which further items are added.
    fn open(&mut self) -> &mut Piece {
        if self.behind.back().unwrap_or(&self.piece).is_full() {
            self.behind.push_back(Piece::default());
        }
        self.behind.back_mut().unwrap_or(&mut self.piece)
    }

    /// A group came to so many bytes.
    fn adapt(&mut self, came: usize) {
        let group = self.group();
        self.group = if came < TOGETHER / 4 { MOST.min(2 * group) } else { group / 2 };
    }

    /// The piece was sent, or will not be.
    pub(super) fn next(&mut self) {
        match self.behind.pop_front() {
            Some(piece) => self.piece = piece,
            None => self.piece.clear(),
        }
    }
}

impl Piece {
    pub(super) fn take() -> Self {
        Self { bytes: take_scratch(), count: 0 }
    }

    pub(super) fn give_back(self) {
        give_scratch(self.bytes);
    }

    /// Packs an item that goes alone into a new piece.
    pub(super) fn set<T: ?Sized>(
        &mut self,
        pack: &PackItems<T>,
        limits: PackLimits,
        item: &T,
    ) -> Result<(), PackError> {
        self.count = 1;
        pack(&mut Packer::new(&mut self.bytes, &limits), &[item]).result
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.count = 0;
    }

    const fn is_full(&self) -> bool {
        self.bytes.len() >= TOGETHER
    }

    /// Counts items that were packed behind others; gives the last one where it is to go alone.
    fn end(&mut self, run: &Run) -> Option<Self> {
        self.count += u32::try_from(run.count).unwrap_or_default();
        if run.result.is_err() {
            self.bytes.truncate(run.last);
            return None;
        }
        if self.count == 1 || self.bytes.len() - run.last <= TOGETHER {
            return None;
        }
        self.count -= 1;
        Some(Self { bytes: self.bytes.split_off(run.last), count: 1 })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::pack::UNBOUNDED;

    fn pack_text() -> PackItems<str> {
        pack_items(|out: &mut Packer<'_>, text: &str| out.string(text, UNBOUNDED))
    }

    fn pack_alone(texts: &[String]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut out = Packer::new(&mut bytes, &PackLimits::default());
        for text in texts {
            out.string(text, UNBOUNDED).expect("text packs");
        }
        bytes
    }

    fn lengths() -> impl Strategy<Value = Vec<usize>> {
        vec(prop_oneof![8 => 0..200_usize, 1 => 0..3 * TOGETHER], 0..600)
    }

    proptest! {
        /// However items are grouped, they are what they are one by one; and what is long is alone or first.
        #[test]
        fn pieces_are_the_items_one_after_the_other(lengths in lengths()) {
            let texts: Vec<String> = lengths.iter().map(|length| "x".repeat(*length)).collect();
            let (pack, mut packed, mut rest) = (pack_text(), Packed::default(), texts.iter().map(String::as_str));
            let (mut bytes, mut count) = (Vec::new(), 0);
            loop {
                let group: Vec<&str> = rest.by_ref().take(packed.group()).collect();
                packed.add(&pack, PackLimits::default(), &group).expect("text packs");
                while packed.piece.count > 0 && (packed.is_full() || group.is_empty()) {
                    prop_assert!(packed.piece.count == 1 || packed.piece.bytes.len() < 2 * TOGETHER);
                    bytes.extend_from_slice(&packed.piece.bytes);
                    count += packed.piece.count as usize;
                    packed.next();
                }
                if group.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(count, texts.len());
            prop_assert_eq!(bytes, pack_alone(&texts));
        }
    }

    #[test]
    fn items_before_one_that_does_not_pack_stay() {
        let pack = pack_items(|out: &mut Packer<'_>, text: &str| out.string(text, 3));
        let mut packed = Packed::default();
        let error = packed.add(&pack, PackLimits::default(), &["ab", "abc", "abcd", "a"]).expect_err("one is too long");
        assert_eq!(error.to_string(), "4 bytes where at most 3 are allowed");
        assert_eq!((packed.piece.count, &packed.piece.bytes[..]), (2, &b"\0\0\0\x02ab\0\0\0\x03abc"[..]));
    }

    #[test]
    fn few_large_items_are_taken_at_once_and_many_small_ones() {
        let (pack, mut packed, large) = (pack_text(), Packed::default(), "x".repeat(TOGETHER));
        let mut groups = |text: &str| {
            let add = |_| packed.add(&pack, PackLimits::default(), &[text]).map(|()| packed.group());
            (0..20).map(add).last().expect("twenty").expect("text packs")
        };
        assert_eq!((groups("x"), groups(&large)), (MOST, 1));
    }
}
