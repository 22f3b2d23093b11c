//! Puts pieces and comments on lines. Whatever is asked of it, nothing is printed behind a comment that ends its line.

use super::WIDTH;
use super::comment::{Comment, CommentKind};
use super::piece::{Piece, Tight};

/// The width of one level.
const INDENT: usize = 4;

/// Whether an empty line stands before something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blank {
    No,
    /// If one or more were written.
    Kept,
    Forced,
}

#[derive(Debug, Default)]
pub(super) struct Printer {
    out: String,
    /// How many characters the last line has.
    column: usize,
    level: usize,
    /// What stands before in this line; `None` at its beginning.
    last: Option<Tight>,
    /// Whether a bracket was just opened.
    opened: bool,
    /// Whether the last line ends in a comment that goes on to its end.
    ended: bool,
    /// Whether the comments before the next piece have been printed.
    led: bool,
}

impl Printer {
    pub(super) fn text(self) -> String {
        self.out
    }

    /// The offset of what is printed next.
    pub(super) fn at(&self) -> usize {
        self.out.len()
    }

    /// Whether what was printed since then takes several lines.
    pub(super) fn has_lines_since(&self, at: usize) -> bool {
        self.out.get(at..).is_some_and(|text| text.contains('\n'))
    }

    /// Makes sure that an empty line stands before the line that begins at this offset, with the break before it.
    pub(super) fn separate(&mut self, at: usize) {
        if self.out.get(at..).is_some_and(|text| text.starts_with('\n') && !text.starts_with("\n\n")) {
            self.out.insert(at, '\n');
        }
    }

    /// How many characters fit into the line.
    pub(super) fn room(&self) -> usize {
        WIDTH.saturating_sub(self.column)
    }

    pub(super) fn deeper(&mut self) {
        self.level += 1;
    }

    /// Prints a piece in the line that is begun, with the comments before it.
    pub(super) fn piece(&mut self, piece: &Piece<'_>) {
        if !std::mem::take(&mut self.led) {
            for comment in &piece.comments {
                self.comment_inside(comment);
            }
        }
        self.put(piece.text, piece.tight);
        self.opened = matches!(piece.text, "{" | "(");
    }

    /// Prints text that has no piece.
    pub(super) fn put(&mut self, text: &str, tight: Tight) {
        if self.ended {
            self.new_line(self.level + 1, false);
        }
        if self.last.is_some_and(|last| !last.after && !tight.before) {
            self.push(" ");
        }
        self.push(text);
        self.last = Some(tight);
        self.opened = false;
    }

    /// A comment in the middle of a statement.
    fn comment_inside(&mut self, comment: &Comment<'_>) {
        let begins_line = comment.is_docs() || (comment.kind == CommentKind::Line && comment.breaks > 0);
        if begins_line && self.last.is_some() {
            self.new_line(self.level + 1, false);
        }
        self.comment(comment);
    }

    /// Prints a comment, in a new line if it must be.
    fn comment(&mut self, comment: &Comment<'_>) {
        if self.ended {
            self.new_line(self.level + 1, false);
        }
        if self.last.is_some_and(|last| !last.after || comment.kind == CommentKind::Line) {
            self.push(" ");
        }
        self.push(&comment.at(self.column));
        (self.last, self.opened, self.ended) = (Some(Tight::NONE), false, !comment.is_block());
    }

    /// Begins the line of a piece and prints the comments before it: those that were written behind what stands before stay
    /// there. Gives back where its lines begin.
    pub(super) fn lead(&mut self, piece: &Piece<'_>, blank: Blank) -> usize {
        let behind = self.behind(&piece.comments, glued(piece));
        let start = self.at();
        let blank = self.own_lines(piece.comments.get(behind..).unwrap_or_default(), blank);
        if !self.is_joined(piece.breaks) || behind == piece.comments.len() {
            self.new_line(self.level, blank.is_wanted(piece.breaks));
        }
        self.led = true;
        start
    }

    /// Ends a block: comments are indented as what stands in it.
    pub(super) fn close(&mut self, piece: &Piece<'_>) {
        let blank = if self.opened { Blank::No } else { Blank::Kept };
        let behind = self.behind(&piece.comments, piece.comments.len());
        self.own_lines(piece.comments.get(behind..).unwrap_or_default(), blank);
        self.level = self.level.saturating_sub(1);
        self.new_line(self.level, false);
        self.led = true;
        self.piece(piece);
    }

    /// Prints the comments that stay behind what was printed last, of the first `most`; gives back how many they are.
    fn behind(&mut self, comments: &[Comment<'_>], most: usize) -> usize {
        let mut count = 0;
        for comment in comments.iter().take(most) {
            let is_own = comment.breaks > 0 || comment.is_docs() || (comment.is_block() && self.opened);
            if is_own || self.ended {
                break;
            }
            self.comment(comment);
            count += 1;
        }
        count
    }

    /// Prints comments in lines of their own; gives back what holds for what follows.
    fn own_lines(&mut self, comments: &[Comment<'_>], mut blank: Blank) -> Blank {
        let mut before = None;
        for comment in comments {
            if before == Some(CommentKind::FileDocs) && comment.kind != CommentKind::FileDocs {
                blank = Blank::Forced;
            }
            if before.is_none() || comment.is_docs() || !self.is_joined(comment.breaks) {
                self.new_line(self.level, blank.is_wanted(comment.breaks));
            }
            self.comment(comment);
            (before, blank) = (Some(comment.kind), Blank::Kept);
        }
        if before == Some(CommentKind::FileDocs) { Blank::Forced } else { blank }
    }

    /// Whether something goes on in the line of the block comment before it.
    fn is_joined(&self, breaks: usize) -> bool {
        !self.ended && breaks == 0
    }

    fn new_line(&mut self, level: usize, blank: bool) {
        if !self.out.is_empty() {
            self.out.push_str(if blank { "\n\n" } else { "\n" });
        }
        (self.column, self.last, self.ended) = (0, None, false);
        self.push(&" ".repeat(level * INDENT));
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        match text.rsplit_once('\n') {
            Some((_, last)) => self.column = last.chars().count(),
            None => self.column += text.chars().count(),
        }
    }
}

impl Blank {
    fn is_wanted(self, breaks: usize) -> bool {
        self == Self::Forced || (self == Self::Kept && breaks > 1)
    }
}

/// The first of the block comments that stand before a piece in its own line, and so go with it.
fn glued(piece: &Piece<'_>) -> usize {
    let mut breaks = piece.breaks;
    let with = piece.comments.iter().rev().take_while(|comment| {
        let goes_with = breaks == 0 && comment.is_block();
        breaks = comment.breaks;
        goes_with
    });
    piece.comments.len() - with.count()
}
