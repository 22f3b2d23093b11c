//! Doc comments, found by what follows them: the grammar does not see them.

use super::reporter::{Reporter, span};
use super::scan::{Kind, Token};
use crate::ast;
use crate::diag::{Code, Diagnostic};
use crate::source::Span;

/// Lines of one kind with nothing but white space and comments between.
struct Group {
    kind: Kind,
    lines: Vec<ast::DocLine>,
    /// Where the token after them begins.
    before: usize,
    /// Whether a token stands before them.
    inside: bool,
    taken: bool,
}

/// The docs of a file.
#[derive(Default)]
pub(super) struct Docs {
    groups: Vec<Group>,
    /// How many groups know what follows them.
    settled: usize,
    seen_token: bool,
}

impl Docs {
    /// Adds a line.
    pub(super) fn add(&mut self, token: &Token<'_>) {
        let line = ast::DocLine { text: content(token.text).to_owned(), span: span(token.start, token.end()) };
        let open = self.groups.get_mut(self.settled..).and_then(<[Group]>::last_mut);
        match open.filter(|group| group.kind == token.kind) {
            Some(group) => group.lines.push(line),
            None => self.groups.push(Group {
                kind: token.kind,
                lines: vec![line],
                before: 0,
                inside: self.seen_token,
                taken: false,
            }),
        }
    }

    /// Tells where the next token, or the end of the file, stands.
    pub(super) fn token(&mut self, start: usize) {
        for group in self.groups.get_mut(self.settled..).unwrap_or_default() {
            group.before = start;
        }
        self.settled = self.groups.len();
        self.seen_token = true;
    }

    /// The `///` lines before the token that begins at `start`.
    pub(super) fn take(&mut self, start: u32) -> ast::Docs {
        let first = self.groups.partition_point(|group| group.before < start as usize);
        let near = self.groups.iter_mut().skip(first).take_while(|group| group.before == start as usize);
        collect(near.filter(|group| group.kind == Kind::Docs))
    }

    /// The `//!` lines at the top of the file.
    pub(super) fn take_file(&mut self) -> ast::Docs {
        let top = self.groups.iter_mut().take_while(|group| !group.inside);
        collect(top.filter(|group| group.kind == Kind::FileDocs))
    }

    /// Warns about those that nobody took, other than near mistakes.
    pub(super) fn report_dangling(&self, reporter: &mut Reporter<'_>) {
        for group in self.groups.iter().filter(|group| !group.taken) {
            let place = group.place();
            if !reporter.is_damaged(place) && !reporter.is_damaged(span(group.before, group.before)) {
                let found = Diagnostic::new(Code::DanglingDocs, reporter.at(place), group.message());
                reporter.push(found.help(group.help()));
            }
        }
    }
}

impl Group {
    fn place(&self) -> Span {
        let spans = self.lines.iter().map(|line| line.span);
        spans.reduce(Span::to).unwrap_or(span(self.before, self.before))
    }

    fn message(&self) -> &'static str {
        if self.kind == Kind::FileDocs {
            "`//!` docs stand at the top of a file"
        } else {
            "these docs stand before nothing that has docs"
        }
    }

    fn help(&self) -> &'static str {
        match (self.kind, self.inside) {
            (Kind::FileDocs, _) => "write `///` for the docs of what follows, or `//` for a comment",
            (_, false) => "write `//!` for the docs of the file, or `//` for a comment",
            _ => "`///` goes to the item, field, method or parameter that follows; write `//` for a comment",
        }
    }
}

/// Groups of several kinds may stand before one token; those of one kind are one text.
fn collect<'a>(groups: impl Iterator<Item = &'a mut Group>) -> ast::Docs {
    let mut docs = ast::Docs::default();
    for group in groups {
        group.taken = true;
        docs.lines.extend(group.lines.iter().cloned());
    }
    docs
}

/// The text after `///` or `//!` and one space.
fn content(comment: &str) -> &str {
    let text = comment.get(3..).unwrap_or_default();
    text.strip_prefix(' ').unwrap_or(text)
}
