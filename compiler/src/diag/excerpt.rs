//! The lines that a finding shows: cleaned, of a readable width, with the places moved along.

use std::ops::Range;

use super::clean;
use crate::source::{LineColumn, SourceFile, Span};

/// Lines up to this many bytes are shown whole.
const MAX_WIDTH: usize = 240;
/// How many characters stand before the place in a line that is cut.
const LEAD: usize = 40;
/// How many bytes the lines of one excerpt have, those that are folded away included.
const MAX_SIZE: usize = 16 << 10;

/// Some lines, and places in them, each up to the end of its first line.
pub(super) struct Excerpt {
    /// Line and column of the first place in the file.
    pub(super) at: LineColumn,
    /// The number of the first line.
    pub(super) line: usize,
    pub(super) text: String,
    pub(super) places: Vec<Range<usize>>,
    /// Whether columns of the text are not those of the file.
    pub(super) is_cut: bool,
}

/// Whole lines around some places; `None` when they lie too far apart, or a line is too long.
pub(super) fn whole(file: &SourceFile, spans: &[Span]) -> Option<Excerpt> {
    let places: Vec<Range<usize>> = spans.iter().map(|span| in_line(&file.text, *span)).collect();
    let (first, last) = (places.iter().map(|place| place.start).min()?, places.iter().map(|place| place.end).max()?);
    let (start, end) = (line_start(&file.text, first), line_end(&file.text, last));
    let lines = file.text.get(start..end).filter(|lines| lines.len() <= MAX_SIZE)?;
    if lines.split('\n').any(|line| line.len() > MAX_WIDTH) {
        return None;
    }
    let moved = |at: usize| lines.get(..at.saturating_sub(start)).map_or(0, |before| clean_lines(before).len());
    let places = places.into_iter().map(|place| moved(place.start)..moved(place.end)).collect();
    let line = file.line_column(offset(start)).line;
    Some(Excerpt { at: at(file, spans), line, text: clean_lines(lines), places, is_cut: false })
}

/// The part of a long line around a place.
pub(super) fn cut(file: &SourceFile, span: Span) -> Excerpt {
    let place = in_line(&file.text, span);
    let before = file.text.get(line_start(&file.text, place.start)..place.start).unwrap_or_default();
    let lead = before.char_indices().nth_back(LEAD).and_then(|(at, c)| before.get(at + c.len_utf8()..));
    let mut text = lead.map_or_else(|| clean_lines(before), |lead| format!("…{}", clean_lines(lead)));
    let start = text.len();
    let after = file.text.get(place.start..line_end(&file.text, place.start)).unwrap_or_default();
    let shown = after.char_indices().nth(MAX_WIDTH).and_then(|(at, _)| after.get(..at)).unwrap_or(after);
    let inside = shown.get(..place.len()).unwrap_or(shown);
    text.push_str(&clean_lines(shown));
    text.push_str(if shown.len() < after.len() { "…" } else { "" });
    let (at, end) = (file.line_column(span.lo), start + clean_lines(inside).len());
    Excerpt { at, line: at.line, text, places: std::iter::once(start..end).collect(), is_cut: true }
}

/// Each character stays one, so that columns do.
fn clean_lines(lines: &str) -> String {
    lines.chars().map(|c| if matches!(c, '\n' | '\t') { c } else { clean::one(c) }).collect()
}

fn at(file: &SourceFile, spans: &[Span]) -> LineColumn {
    file.line_column(spans.first().map_or(0, |span| span.lo))
}

/// The span, brought into the text, onto characters, and into one line.
fn in_line(text: &str, span: Span) -> Range<usize> {
    let start = boundary(text, span.lo);
    start..boundary(text, span.hi).min(line_end(text, start)).max(start)
}

fn boundary(text: &str, offset: u32) -> usize {
    let offset = (offset as usize).min(text.len());
    (0..=offset).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.find('\n').and_then(|end| rest.get(..end)).unwrap_or(rest).trim_end_matches('\r').len()
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
