//! Decides what stands in one line, and where lines are broken.

use super::piece::{Piece, Tight};
use super::printer::{Blank, Printer};
use super::shape::{File, Group, Part, Statement};

/// The canonical text of a file.
pub(super) fn file(file: &File<'_>) -> String {
    let mut layout = Layout::default();
    let mut before: Option<(&str, bool)> = None;
    for statement in &file.statements {
        let (section, is_long) = (section(statement), layout.top(statement, before));
        before = Some((section, is_long));
    }
    layout.printer.close(&file.end);
    layout.printer.text()
}

/// `package`, `import`, or nothing for all others: sections have an empty line between.
fn section<'t>(statement: &Statement<'t>) -> &'t str {
    match statement.parts.first() {
        Some(Part::Piece(word)) if matches!(word.text, "package" | "import") => word.text,
        _ => "",
    }
}

#[derive(Default)]
struct Layout {
    printer: Printer,
}

impl Layout {
    /// Prints a declaration; gives back whether it takes several lines. `before` tells the same of the one before it.
    fn top(&mut self, statement: &Statement<'_>, before: Option<(&str, bool)>) -> bool {
        let start = self.begin(statement, if before.is_some() { Blank::Kept } else { Blank::No });
        let at = self.printer.at();
        self.statement(statement, true, "");
        let is_long = self.printer.has_lines_since(at);
        if before.is_some_and(|before| is_long || before.1 || before.0 != section(statement)) {
            self.printer.separate(start);
        }
        is_long
    }

    /// Begins a line with a statement.
    fn begin(&mut self, statement: &Statement<'_>, blank: Blank) -> usize {
        statement.pieces().next().map_or(0, |first| self.printer.lead(first, blank))
    }

    /// Prints a statement whose line is begun. Annotations have lines of their own, or else where they were written so; `end`
    /// is printed behind it if nothing was written there.
    fn statement(&mut self, statement: &Statement<'_>, own_lines: bool, end: &str) {
        for (at, annotation) in statement.annotations.iter().enumerate() {
            let first = annotation.first();
            if let Some(first) =
                first.filter(|first| at > 0 && (first.is_on_new_line() || !self.fits(annotation.iter())))
            {
                self.printer.lead(first, Blank::No);
            }
            self.pieces(annotation);
        }
        let first = statement.parts.first().map(Part::first);
        let is_annotated = !statement.annotations.is_empty();
        if let Some(first) = first.filter(|first| is_annotated && (own_lines || first.is_on_new_line())) {
            self.printer.lead(first, Blank::No);
        }
        self.parts(statement, end);
        match &statement.end {
            Some(piece) => self.printer.piece(piece),
            None if end.is_empty() => {}
            None => self.printer.put(end, Tight::BEFORE),
        }
    }

    fn parts(&mut self, statement: &Statement<'_>, end: &str) {
        for (at, part) in statement.parts.iter().enumerate() {
            match part {
                Part::Piece(piece) => self.printer.piece(piece),
                Part::Group(group) => {
                    let rest = statement.parts.get(at + 1..).unwrap_or_default();
                    let after = rest.iter().flat_map(Part::pieces).chain(&statement.end);
                    let more = if statement.end.is_none() { end.len() } else { 0 };
                    if self.is_flat(group, after, more) {
                        self.pieces(group.pieces());
                    } else {
                        self.broken(group);
                    }
                }
            }
        }
    }

    /// Prints these in one line.
    fn pieces<'p>(&mut self, pieces: impl IntoIterator<Item = &'p Piece<'p>>) {
        for piece in pieces {
            self.printer.piece(piece);
        }
    }

    /// Whether a group stays on one line: a list of parameters if it can, a body if it also was written so. What stands `after`
    /// it, and so many characters `more`, must fit, too.
    fn is_flat<'p>(&self, group: &'p Group<'p>, after: impl Iterator<Item = &'p Piece<'p>>, more: usize) -> bool {
        let is_bare = group.inner().all(|piece| piece.comments.is_empty());
        if group.entries.is_empty() && is_bare {
            return true;
        }
        let was_flat = group.open.line == group.close.line && is_bare && !group.has_annotations();
        if group.open.text == "{" && (group.entries.is_empty() || !was_flat) {
            return false;
        }
        let Some(own) = width(group.pieces()) else { return false };
        // Where comments keep what follows from this line, the group itself need not be broken.
        let all = width(group.pieces().chain(after)).unwrap_or(own);
        usize::from(!group.open.tight.before) + all + more <= self.printer.room()
    }

    fn fits<'p>(&self, pieces: impl Iterator<Item = &'p Piece<'p>>) -> bool {
        width(pieces).is_some_and(|width| width < self.printer.room())
    }

    /// Prints a group with a line for each entry.
    fn broken(&mut self, group: &Group<'_>) {
        self.printer.piece(&group.open);
        self.printer.deeper();
        let mut blank = Blank::No;
        for entry in &group.entries {
            self.begin(entry, blank);
            self.statement(entry, entry.ends_in(";"), ",");
            blank = Blank::Kept;
        }
        self.printer.close(&group.close);
    }
}

/// How many characters these take in one line; `None` if they cannot stand in one.
fn width<'p>(pieces: impl Iterator<Item = &'p Piece<'p>>) -> Option<usize> {
    let (mut width, mut last) = (0, None::<Tight>);
    let mut add = |text: &str, tight: Tight| {
        width += text.chars().count() + usize::from(last.is_some_and(|last| !last.after && !tight.before));
        last = Some(tight);
    };
    for piece in pieces {
        for comment in &piece.comments {
            add(comment.in_line()?, Tight::NONE);
        }
        add(piece.text, piece.tight);
    }
    Some(width)
}
