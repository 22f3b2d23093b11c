//! Rustdoc from the docs of an interface.
//!
//! Whatever an author wrote, the generated code builds, no text runs as a doctest, and neither rustdoc nor clippy warns.
//! [`blocks`] sees to paragraphs, lists and code, [`inline`] to the text in them, [`words`] to names that want backticks.

mod blocks;
mod inline;
mod words;

#[cfg(test)]
mod tests;

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

    /// Adds more docs of the interface.
    #[must_use]
    pub(super) fn and(self, docs: &[String]) -> Self {
        let more = Self::new(docs);
        if more.is_empty() { self } else { self.paragraph(more.0.join("\n")) }
    }

    /// As an item of a list, about something with a name.
    pub(super) fn list_item(&self, name: &str) -> String {
        match self.0.as_slice() {
            [] => format!("- {}", code(name)),
            [line] if blocks::is_paragraph(line) => format!("- {}: {line}", code(name)),
            lines => {
                let indented =
                    lines.iter().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("\n  {line}") });
                format!("- {}:\n{}", code(name), indented.collect::<String>())
            }
        }
    }

    /// As Markdown.
    pub(super) fn markdown(&self) -> String {
        self.0.join("\n")
    }

    /// As `///` comments, one a line.
    pub(super) fn comment(&self) -> String {
        self.marked("///")
    }

    /// As `//!` comments, one a line.
    pub(super) fn inner_comment(&self) -> String {
        self.marked("//!")
    }

    fn marked(&self, marker: &str) -> String {
        self.0.iter().map(|line| format!("{marker} {line}").trim_end().to_owned() + "\n").collect()
    }
}

/// Whether docs say nothing.
pub(super) fn are_empty(docs: &[String]) -> bool {
    docs.iter().all(|line| plain(line).trim().is_empty())
}

/// Text as a code span, whatever it holds.
pub(super) fn code(text: &str) -> String {
    format!("`{}`", plain(text).replace('`', "'"))
}

/// Text as one paragraph of Markdown that is safe: rustdoc reads the reason of a deprecation so.
pub(super) fn sentence(text: &str) -> String {
    inline::escaped(&plain(text))
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
