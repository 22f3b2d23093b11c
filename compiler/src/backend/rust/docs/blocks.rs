//! Paragraphs, lists and code of an interface's docs, laid out so that Markdown has one way to read them.
//!
//! Code that is indented, or fenced with another label, would run as a doctest: all code becomes a fence with `text`.

use super::{inline, plain};

/// Safe lines of Markdown.
pub(super) fn markdown(docs: &[String]) -> Vec<String> {
    let lines = docs.iter().flat_map(|line| line.split(['\n', '\r'])).map(|line| plain(line).trim_end().to_owned());
    let mut writer = Writer { lines: Vec::new(), columns: Vec::new(), fence: None, after_blank: true };
    lines.for_each(|line| writer.line(&line));
    writer.finish()
}

struct Writer {
    lines: Vec<String>,
    /// Where the text of each open list item begins.
    columns: Vec<usize>,
    fence: Option<Fence>,
    after_blank: bool,
}

/// A block of code that is being copied.
struct Fence {
    /// What ends it: so many of this character; nothing for indented code.
    marker: Option<(char, usize)>,
    /// Its indentation in the source.
    indent: usize,
}

impl Writer {
    fn line(&mut self, line: &str) {
        let indent = line.len() - line.trim_start_matches(' ').len();
        if self.fence.is_some() {
            self.code(line, indent);
        } else if line.is_empty() {
            self.blank();
        } else {
            self.text(line.trim_start_matches(' '), indent);
        }
    }

    fn blank(&mut self) {
        self.after_blank = true;
        self.lines.push(String::new());
    }

    fn text(&mut self, text: &str, indent: usize) {
        let item = list_item(text).filter(|(marker, _)| self.may_begin_item(marker, indent));
        if self.after_blank || item.is_some() {
            self.leave_items(indent);
        }
        if self.after_blank && indent >= self.column() + 4 {
            self.open_fence(None, self.column() + 4);
            self.code(&format!("{}{text}", " ".repeat(indent)), indent);
        } else if let Some(marker) = fence_marker(text) {
            self.open_fence(Some(marker), indent);
        } else if let Some((marker, text)) = item {
            self.push(&format!("{marker} {}", begun_safely(text)));
            self.columns.push(self.column() + marker.len() + 1);
        } else {
            let number_of_no_list = list_item(text).is_some();
            self.push(&if number_of_no_list { escape_number(text) } else { inline::escaped(text) });
        }
        self.after_blank = false;
    }

    /// Only a list that begins with 1 can begin inside a paragraph.
    fn may_begin_item(&self, marker: &str, indent: usize) -> bool {
        self.after_blank || indent < self.column() || matches!(marker, "-" | "*" | "+" | "1." | "1)")
    }

    fn leave_items(&mut self, indent: usize) {
        while self.columns.last().is_some_and(|column| *column > indent) {
            self.columns.pop();
        }
    }

    /// Where text of the innermost open item begins.
    fn column(&self) -> usize {
        self.columns.last().copied().unwrap_or(0)
    }

    fn push(&mut self, text: &str) {
        self.lines.push(format!("{}{text}", " ".repeat(self.column())).trim_end().to_owned());
    }

    fn open_fence(&mut self, marker: Option<(char, usize)>, indent: usize) {
        let (char, count) = marker.unwrap_or(('`', 3));
        self.push(&format!("{}text", char.to_string().repeat(count)));
        self.fence = Some(Fence { marker, indent });
    }

    fn code(&mut self, line: &str, indent: usize) {
        let Some(fence) = &self.fence else { return };
        let is_over = match fence.marker {
            Some(marker) => indent < fence.indent + 4 && closes(line.trim(), marker),
            None => !line.is_empty() && indent < fence.indent,
        };
        if !is_over {
            let code = &line[indent.min(fence.indent)..];
            return self.push(&if fence.marker.is_some() { code.to_owned() } else { code.replace("```", "'''") });
        }
        let was_fenced = fence.marker.is_some();
        self.close_fence();
        if !was_fenced {
            self.line(line);
        }
    }

    fn close_fence(&mut self) {
        let Some(fence) = self.fence.take() else { return };
        let (char, count) = fence.marker.unwrap_or(('`', 3));
        while self.lines.last().is_some_and(String::is_empty) {
            self.lines.pop();
        }
        self.push(&char.to_string().repeat(count));
        self.after_blank = fence.marker.is_none();
        if self.after_blank {
            self.lines.push(String::new());
        }
    }

    fn finish(mut self) -> Vec<String> {
        self.close_fence();
        let first = self.lines.iter().position(|line| !line.is_empty()).unwrap_or(self.lines.len());
        let last = self.lines.iter().rposition(|line| !line.is_empty()).map_or(first, |at| at + 1);
        self.lines.drain(first..last).collect()
    }
}

/// Whether a line is text, and begins neither a list nor code.
pub(super) fn is_paragraph(line: &str) -> bool {
    list_item(line).is_none() && fence_marker(line).is_none() && !line.starts_with(' ')
}

/// The marker of a list item, and the text behind it.
fn list_item(text: &str) -> Option<(&str, &str)> {
    let (marker, rest) = text.split_once(' ')?;
    let number = marker.strip_suffix(['.', ')']).filter(|number| !number.is_empty() && number.len() <= 9);
    let is_number = number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    (matches!(marker, "-" | "*" | "+") || is_number).then(|| (marker, rest.trim_start_matches(' ')))
}

/// The character of a fence and how many of it there are.
fn fence_marker(text: &str) -> Option<(char, usize)> {
    let char = text.chars().next().filter(|char| matches!(char, '`' | '~'))?;
    let rest = text.trim_start_matches(char);
    let count = text.len() - rest.len();
    (count >= 3 && (char == '~' || !rest.contains('`'))).then_some((char, count))
}

fn closes(text: &str, (char, count): (char, usize)) -> bool {
    text.len() >= count && text.chars().all(|found| found == char)
}

/// The text of a list item: nothing in it begins a list or a fence of its own.
fn begun_safely(text: &str) -> String {
    let is_block = list_item(text).is_some() || fence_marker(text).is_some() || matches!(text, "-" | "*" | "+");
    match text.chars().next() {
        Some(first) if is_block && first.is_ascii_digit() => escape_number(text),
        Some(first) if is_block => format!("\\{first}{}", inline::escaped(&text[1..])),
        _ => inline::escaped(text),
    }
}

/// `7. text` where it is no list: `7\. text`.
fn escape_number(text: &str) -> String {
    match text.find(['.', ')']) {
        Some(at) => format!("{}\\{}", &text[..at], inline::escaped(&text[at..])),
        None => inline::escaped(text),
    }
}
