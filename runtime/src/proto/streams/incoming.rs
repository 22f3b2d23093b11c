//! The half of a call's streams that comes.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::{Items, Taken};

/// Items join those before them up to so many bytes: so many small frames cost little more than their bytes.
const JOINED: usize = 32 << 10;

/// Items that come.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    batches: VecDeque<Items>,
    /// The peer said END.
    pub(super) has_ended: bool,
    /// News of it waits to be taken.
    pub(super) has_news: bool,
    /// Nobody takes the items: they are dropped as they come.
    pub(super) is_ignored: bool,
    /// Bytes that the application has done with, and for which no credit was given yet.
    owed: usize,
}

impl Incoming {
    /// Keeps items until they are taken.
    pub(super) fn add(&mut self, bytes: Cow<'_, [u8]>, count: u32) {
        match self.batches.back_mut() {
            Some(last) if last.bytes.len() + bytes.len() <= JOINED => {
                last.bytes.extend_from_slice(&bytes);
                last.count += u64::from(count);
            }
            _ => self.batches.push_back(Items { bytes: bytes.into_owned(), count: count.into() }),
        }
    }

    pub(super) fn take(&mut self) -> Taken {
        match self.batches.pop_front() {
            Some(items) => Taken::Items(items),
            None if self.has_ended => Taken::End,
            None => Taken::Nothing,
        }
    }

    pub(super) fn may_take(&self) -> bool {
        self.has_ended || !self.batches.is_empty()
    }

    /// Bytes that were not taken.
    pub(super) fn bytes(&self) -> usize {
        self.batches.iter().map(|items| items.bytes.len()).sum()
    }

    /// The application has done with so many bytes: the credit to give for it and those before, once it is worth a frame.
    pub(super) fn consumed(&mut self, bytes: usize, worth: usize) -> Option<u32> {
        if self.has_ended {
            return None;
        }
        self.owed = self.owed.saturating_add(bytes);
        if self.owed < worth {
            return None;
        }
        u32::try_from(std::mem::take(&mut self.owed)).ok()
    }
}
