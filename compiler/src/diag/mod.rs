//! What is wrong with an interface: the kinds here and in [`catalogue`], how they look in [`render`] and [`json`].

mod arrange;
pub mod catalogue;
mod clean;
mod excerpt;
pub mod json;
pub mod line;
pub mod render;

use crate::source::Location;
pub use catalogue::{Code, Severity};

/// A place and what to say beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub location: Location,
    /// What to say there; may be empty.
    pub text: String,
}

/// One finding: a code of the catalogue, a sentence, the place, other places that explain it, and help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which kind of mistake.
    pub code: Code,
    /// What is wrong, in one line, with no full stop.
    pub message: String,
    /// Where; `None` when it is not about a place in a file (a missing root file, say).
    pub primary: Option<Label>,
    /// Other places that explain it, such as the first of two equal names.
    pub others: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A finding at a place.
    pub fn new(code: Code, location: Location, message: impl Into<String>) -> Self {
        let primary = Some(Label { location, text: String::new() });
        Self { code, message: message.into(), primary, others: Vec::new(), help: None }
    }

    /// A finding that has no place in a file.
    pub fn placeless(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), primary: None, others: Vec::new(), help: None }
    }

    /// Says something beside the underlined place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        if let Some(primary) = &mut self.primary {
            primary.text = text.into();
        }
        self
    }

    /// Shows another place.
    #[must_use]
    pub fn other(mut self, location: Location, text: impl Into<String>) -> Self {
        self.others.push(Label { location, text: text.into() });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Whether it stops the compiler from writing anything.
    pub fn is_error(&self) -> bool {
        self.code.severity() == Severity::Error
    }
}

/// The findings of a run, in the order in which they were made.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Whether any of them is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Diagnostic::is_error)
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<T: IntoIterator<Item = Diagnostic>>(&mut self, iter: T) {
        self.0.extend(iter);
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
