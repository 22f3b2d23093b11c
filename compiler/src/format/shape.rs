//! From pieces to statements and groups, by keywords and brackets. Of an invalid text it makes something, too.

use std::collections::VecDeque;

use super::piece::{Piece, Tight};

/// A declaration, or an entry of a list.
#[derive(Debug, Default)]
pub(super) struct Statement<'t> {
    pub(super) annotations: Vec<Vec<Piece<'t>>>,
    pub(super) parts: Vec<Part<'t>>,
    /// The comma or semicolon.
    pub(super) end: Option<Piece<'t>>,
}

#[derive(Debug)]
pub(super) enum Part<'t> {
    Piece(Piece<'t>),
    Group(Group<'t>),
}

/// Braces with what is in them, or a list of parameters or results.
#[derive(Debug)]
pub(super) struct Group<'t> {
    pub(super) open: Piece<'t>,
    pub(super) entries: Vec<Statement<'t>>,
    pub(super) close: Piece<'t>,
}

/// A whole file.
#[derive(Debug)]
pub(super) struct File<'t> {
    pub(super) statements: Vec<Statement<'t>>,
    /// The empty piece at the end.
    pub(super) end: Piece<'t>,
}

/// Where a statement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    Body,
    Service,
    Parameters,
}

pub(super) fn file(mut pieces: Vec<Piece<'_>>) -> File<'_> {
    let end = pieces.pop().unwrap_or_else(nothing);
    let mut shaper = Shaper { pieces: pieces.into() };
    let mut statements = Vec::new();
    while !shaper.pieces.is_empty() {
        statements.push(shaper.statement(Place::Top));
    }
    File { statements, end }
}

fn nothing<'t>() -> Piece<'t> {
    Piece { text: "", comments: Vec::new(), breaks: 0, line: 0, tight: Tight::BEFORE }
}

impl Place {
    /// Whether this closes the place.
    fn ends_before(self, text: &str) -> bool {
        match self {
            Self::Top => false,
            Self::Body | Self::Service => text == "}",
            Self::Parameters => text == ")",
        }
    }
}

impl<'t> Part<'t> {
    pub(super) fn first(&self) -> &Piece<'t> {
        match self {
            Self::Piece(piece) => piece,
            Self::Group(group) => &group.open,
        }
    }

    pub(super) fn pieces<'p>(&'p self) -> Box<dyn Iterator<Item = &'p Piece<'t>> + 'p> {
        match self {
            Self::Piece(piece) => Box::new(std::iter::once(piece)),
            Self::Group(group) => Box::new(group.pieces()),
        }
    }
}

impl<'t> Group<'t> {
    pub(super) fn pieces<'p>(&'p self) -> impl Iterator<Item = &'p Piece<'t>> + use<'p, 't> {
        std::iter::once(&self.open).chain(self.inner())
    }

    /// All but the opening bracket.
    pub(super) fn inner<'p>(&'p self) -> impl Iterator<Item = &'p Piece<'t>> + use<'p, 't> {
        self.entries.iter().flat_map(Statement::pieces).chain([&self.close])
    }

    pub(super) fn has_annotations(&self) -> bool {
        let inside = |part: &Part<'_>| matches!(part, Part::Group(group) if group.has_annotations());
        self.entries.iter().any(|entry| !entry.annotations.is_empty() || entry.parts.iter().any(inside))
    }
}

impl<'t> Statement<'t> {
    /// All of them, in order.
    pub(super) fn pieces<'p>(&'p self) -> impl Iterator<Item = &'p Piece<'t>> + use<'p, 't> {
        let parts = self.parts.iter().flat_map(Part::pieces);
        self.annotations.iter().flatten().chain(parts).chain(&self.end)
    }

    pub(super) fn ends_in(&self, text: &str) -> bool {
        self.end.as_ref().is_some_and(|end| end.text == text)
    }

    /// What stands in the braces after this head.
    fn body(&self) -> Place {
        match self.parts.first() {
            Some(Part::Piece(word)) if word.text == "service" => Place::Service,
            _ => Place::Body,
        }
    }

    fn push(&mut self, piece: Piece<'t>) {
        self.parts.push(Part::Piece(piece));
    }
}

/// What has not been put into a statement yet.
struct Shaper<'t> {
    pieces: VecDeque<Piece<'t>>,
}

impl<'t> Shaper<'t> {
    /// Takes the next piece if it is this one.
    fn take(&mut self, text: &str) -> Option<Piece<'t>> {
        if self.pieces.front()?.text == text { self.pieces.pop_front() } else { None }
    }

    /// Takes at least one piece, unless the place ends here. Braces nest as deep as they do in a valid text: twice.
    fn statement(&mut self, place: Place) -> Statement<'t> {
        let mut statement = Statement { annotations: self.annotations(), ..Statement::default() };
        while self.pieces.front().is_some_and(|piece| !place.ends_before(piece.text)) {
            let Some(piece) = self.pieces.pop_front() else { break };
            if self.is_end(&piece, place) {
                statement.end = Some(piece);
                break;
            }
            let is_body = piece.text == "{";
            self.part(piece, place, &mut statement);
            if is_body && place == Place::Top {
                break;
            }
        }
        statement
    }

    fn part(&mut self, piece: Piece<'t>, place: Place, statement: &mut Statement<'t>) {
        let inner = match (piece.text, place) {
            ("{", Place::Top) => statement.body(),
            ("{", _) => Place::Body,
            ("(", Place::Service) => Place::Parameters,
            ("(" | "<", _) => {
                statement.push(piece);
                return statement.parts.extend(self.bracketed().into_iter().map(Part::Piece));
            }
            _ => return statement.push(piece),
        };
        let group = self.group(piece, inner);
        statement.parts.push(Part::Group(group));
    }

    fn is_end(&self, piece: &Piece<'t>, place: Place) -> bool {
        match piece.text {
            ";" => true,
            "," => matches!(place, Place::Body | Place::Parameters) && !self.is_reserved_next(),
            _ => false,
        }
    }

    /// Whether what follows a comma goes on with a list of reserved numbers: no entry begins with such a thing.
    fn is_reserved_next(&self) -> bool {
        let mut next = self.pieces.iter();
        match next.next() {
            Some(piece) if piece.text == "@" => next.next().is_some_and(Piece::is_number),
            Some(piece) => matches!(piece.text, "-" | "~" | "(") || piece.is_number(),
            None => false,
        }
    }

    fn annotations(&mut self) -> Vec<Vec<Piece<'t>>> {
        std::iter::from_fn(|| self.annotation()).collect()
    }

    fn annotation(&mut self) -> Option<Vec<Piece<'t>>> {
        let mut pieces = vec![self.take("@")?];
        pieces.extend(self.pieces.pop_front());
        if let Some(open) = self.take("(") {
            pieces.push(open);
            pieces.extend(self.bracketed());
        }
        Some(pieces)
    }

    /// What stands in the brackets that were just opened, with the closing one.
    fn bracketed(&mut self) -> Vec<Piece<'t>> {
        let (mut depth, mut pieces) = (1_usize, Vec::new());
        while let Some(piece) = self.pieces.pop_front() {
            match piece.text {
                "(" | "<" => depth += 1,
                ")" | ">" => depth -= 1,
                _ => {}
            }
            pieces.push(piece);
            if depth == 0 {
                break;
            }
        }
        pieces
    }

    fn group(&mut self, open: Piece<'t>, inner: Place) -> Group<'t> {
        let close = if open.text == "{" { "}" } else { ")" };
        let mut entries = Vec::new();
        while self.pieces.front().is_some_and(|piece| piece.text != close) {
            entries.push(self.statement(inner));
        }
        Group { open, entries, close: self.pieces.pop_front().unwrap_or_else(nothing) }
    }
}
