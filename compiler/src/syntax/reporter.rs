//! Collects the findings of one file, up to a limit, and keeps silent about places that were reported before.

use super::guard::touches;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{FileId, Location, Span};

/// How many findings of one file are kept; the others are only counted.
const MAX_KEPT: usize = 100;

/// The range between two byte offsets, which [`super::guard::MAX_SIZE`] keeps small.
pub(super) fn span(lo: usize, hi: usize) -> Span {
    let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(lo), offset(hi))
}

pub(super) struct Reporter<'a> {
    file: FileId,
    out: &'a mut Diagnostics,
    kept: usize,
    left_out: usize,
    first_left_out: Option<Location>,
    holes: Vec<Span>,
    damaged: Vec<Span>,
}

impl<'a> Reporter<'a> {
    pub(super) fn new(file: FileId, out: &'a mut Diagnostics) -> Self {
        Self { file, out, kept: 0, left_out: 0, first_left_out: None, holes: Vec::new(), damaged: Vec::new() }
    }

    /// Puts a span into the file.
    pub(super) fn at(&self, span: Span) -> Location {
        span.within(self.file)
    }

    /// Whether there is room for another, so that it is worth finding out what to say.
    pub(super) fn has_room(&self) -> bool {
        self.kept < MAX_KEPT
    }

    pub(super) fn push(&mut self, found: Diagnostic) {
        if self.has_room() {
            self.kept += 1;
            self.out.push(found);
        } else if let Some(primary) = found.primary {
            self.leave_out(primary.location);
        }
    }

    /// Counts one that is not worth wording.
    pub(super) fn leave_out(&mut self, place: Location) {
        self.left_out += 1;
        self.first_left_out.get_or_insert(place);
    }

    /// Reports something that the grammar shall not see.
    pub(super) fn hole(&mut self, place: Span, found: Diagnostic) {
        self.push(found);
        self.add_hole(place);
    }

    /// Nothing more is said about this place.
    pub(super) fn add_hole(&mut self, place: Span) {
        let next = self.holes.partition_point(|hole| hole.lo < place.lo);
        let inner = self.holes.drain(next..);
        let place = inner.fold(place, Span::to);
        self.holes.push(place);
    }

    /// No docs are said to dangle here. Places are added from the top of the file to its end.
    pub(super) fn add_damaged(&mut self, place: Span) {
        self.damaged.push(place);
    }

    /// Whether the place could not be read.
    pub(super) fn is_damaged(&self, place: Span) -> bool {
        self.is_known(place) || touches(&self.damaged, place)
    }

    pub(super) fn holes(&self) -> &[Span] {
        &self.holes
    }

    /// Whether a mistake here follows from one that was reported.
    pub(super) fn is_known(&self, place: Span) -> bool {
        touches(&self.holes, place)
    }

    /// Tells how many were only counted.
    pub(super) fn finish(self) {
        if let Some(place) = self.first_left_out {
            let message = format!("{} more mistakes in this file are not shown", self.left_out);
            self.out.push(Diagnostic::new(Code::TooMany, place, message).label("the first of them"));
        }
    }
}
