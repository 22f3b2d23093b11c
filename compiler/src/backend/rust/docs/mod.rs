//! Rustdoc from the docs of an interface.
//!
//! Whatever an author wrote, the generated code builds, no text runs as a doctest, and neither rustdoc nor clippy warns.
//! [`blocks`] sees to paragraphs, lists and code, [`inline`] to the text in them, [`words`] to names that want backticks.

mod blocks;
mod inline;
mod words;

/// Docs under construction: lines of Markdown that are safe in rustdoc.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Rustdoc(Vec<String>);

impl Rustdoc {
    /// From the lines of an interface's docs.
    pub(super) fn new(docs: &[String]) -> Self {
        Self(blocks::markdown(docs))
    }

    /// Adds a paragraph of our own: Markdown that is used as it is.
    #[must_use]
    pub(super) fn paragraph(mut self, text: impl AsRef<str>) -> Self {
        if !self.0.is_empty() {
            self.0.push(String::new());
        }
        self.0.extend(text.as_ref().lines().map(str::to_owned));
        self
    }

    /// Whether there is nothing to say.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The lines, to be put under something else.
    pub(super) fn into_lines(self) -> Vec<String> {
        self.0
    }

    /// As `///` comments, one a line.
    pub(super) fn comment(&self) -> String {
        let marked = self.0.iter().map(|line| if line.is_empty() { "///\n".to_owned() } else { format!("/// {line}\n") });
        marked.collect()
    }
}

/// Text as a code span, whatever it holds.
pub(super) fn code(text: &str) -> String {
    format!("`{}`", plain(text).replace('`', "'"))
}

/// Text with nothing in it that could end a line, or change the direction of what follows.
pub(super) fn plain(text: &str) -> String {
    let plain = text.chars().map(|char| match char {
        '\t' => "    ".to_owned(),
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => format!("U+{:04X}", u32::from(char)),
        _ if char.is_control() || matches!(char, '\u{2028}' | '\u{2029}') => " ".to_owned(),
        _ => char.to_string(),
    });
    plain.collect()
}
