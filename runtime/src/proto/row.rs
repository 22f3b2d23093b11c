//! What a call has yet to send, message by message.

use std::collections::VecDeque;
use std::sync::Arc;

use super::outgoing::Lent;
use crate::wire::header::MORE;
use crate::wire::{Header, Kind};

/// The messages of one call that wait, in their order.
#[derive(Debug)]
pub(super) struct Row {
    first: Waiting,
    behind: VecDeque<Waiting>,
}

/// A message that waits, or leaves in parts.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) header: Header,
    /// What leaves before the payload, in its first part.
    head: Vec<u8>,
    /// Shared with who sends a part of it.
    payload: Arc<Vec<u8>>,
    /// Others made its memory, and it goes back to where they had it from.
    is_given: bool,
    /// Bytes that have left.
    taken: usize,
}

impl Row {
    pub(super) fn new(first: Waiting) -> Self {
        Self { first, behind: VecDeque::new() }
    }

    pub(super) fn push(&mut self, message: Waiting) {
        self.behind.push_back(message);
    }

    /// The message that leaves next, or of which a part has left.
    pub(super) fn first(&mut self) -> &mut Waiting {
        &mut self.first
    }

    /// Takes the first message, if there is another behind it.
    pub(super) fn next(&mut self) -> Option<Waiting> {
        let next = self.behind.pop_front()?;
        Some(std::mem::replace(&mut self.first, next))
    }

    pub(super) fn into_first(self) -> Waiting {
        self.first
    }

    /// The message that further items may join: the last one, of which nothing has left.
    pub(super) fn last_items(&mut self) -> Option<&mut Waiting> {
        let last = self.behind.back_mut().unwrap_or(&mut self.first);
        (last.header.kind == Kind::Item && last.taken == 0).then_some(last)
    }

    /// Whether a part of a FAULT has left: nothing may take its place.
    pub(super) fn is_failing(&self) -> bool {
        self.first.header.kind == Kind::Fault && self.first.taken > 0
    }

    /// Whether the call itself has not left.
    pub(super) fn has_call(&self) -> bool {
        self.first.header.kind == Kind::Call
    }

    pub(super) fn messages(&self) -> impl Iterator<Item = &Waiting> {
        std::iter::once(&self.first).chain(&self.behind)
    }
}

impl Waiting {
    pub(super) fn new(header: Header, payload: Vec<u8>) -> Self {
        Self { header, head: Vec::new(), payload: Arc::new(payload), is_given: false, taken: 0 }
    }

    /// One of two pieces, the second of which others made.
    pub(super) fn given(header: Header, head: Vec<u8>, payload: Vec<u8>) -> Self {
        Self { head, is_given: true, ..Self::new(header, payload) }
    }

    /// The payload, to be added to; none once somebody sends a part of it.
    pub(super) fn payload(&mut self) -> Option<&mut Vec<u8>> {
        Arc::get_mut(&mut self.payload)
    }

    /// The memory of what has left, unless somebody sends a part of it, or it was given.
    pub(super) fn into_memory(self) -> Option<Vec<u8>> {
        Arc::into_inner(self.payload).filter(|_| !self.is_given)
    }

    /// Bytes that have not left.
    pub(super) fn left(&self) -> usize {
        self.head.len() + self.payload.len() - self.taken
    }

    /// What leaves next, of at most so many bytes, of which no more are in the head: its header, the head, and the rest of it.
    pub(super) fn part(&mut self, most: usize) -> (Header, Vec<u8>, Lent) {
        let (from, head) = (self.taken, std::mem::take(&mut self.head));
        self.taken = self.payload.len().min(from + most.saturating_sub(head.len()));
        let more = if self.left() > 0 { MORE } else { 0 };
        // Extensions are counted in the first part only.
        let extension = if from == 0 { self.header.extension } else { 0 };
        let length = u32::try_from(head.len() + self.taken - from).unwrap_or(u32::MAX);
        let header = Header { flags: self.header.flags | more, extension, length, ..self.header };
        let Self { payload, is_given, taken, .. } = self;
        (header, head, Lent { message: Arc::clone(payload), part: from..*taken, is_given: *is_given })
    }
}
