//! Findings for programs: one JSON object a line.

use std::fmt::Write as _;

use super::arrange::arrange;
use super::{Diagnostic, Diagnostics, Label, Severity};
use crate::source::{Location, SourceMap};

/// One object a line, in the order and up to the number that people see.
///
/// Each has `code`, `severity`, `message`, `file`, `line`, `column`, `end_line`, `end_column` (from 1, in characters; the end is
/// not included; `null` where there is no place), `labels` (each with a place, a `message` and whether it is `primary`) and `help`.
pub fn json(diagnostics: &Diagnostics, sources: &SourceMap) -> String {
    arrange(diagnostics, sources).iter().map(|found| object(found, sources) + "\n").collect()
}

fn object(found: &Diagnostic, sources: &SourceMap) -> String {
    let severity = match found.code.severity() {
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let place = found.primary.as_ref().map_or_else(no_place, |primary| place(primary.location, sources));
    let primary = found.primary.iter().filter(|primary| !primary.text.is_empty()).map(|one| label(one, true, sources));
    let labels: Vec<String> = primary.chain(found.others.iter().map(|one| label(one, false, sources))).collect();
    format!(
        r#"{{"code":{},"severity":{},"message":{},{place},"labels":[{}],"help":{}}}"#,
        quoted(found.code.name()),
        quoted(severity),
        quoted(&found.message),
        labels.join(","),
        found.help.as_deref().map_or_else(|| "null".to_owned(), quoted),
    )
}

fn label(label: &Label, primary: bool, sources: &SourceMap) -> String {
    format!(r#"{{{},"message":{},"primary":{primary}}}"#, place(label.location, sources), quoted(&label.text))
}

fn place(location: Location, sources: &SourceMap) -> String {
    let file = sources.file(location.file);
    let (start, end) = (file.line_column(location.span.lo), file.line_column(location.span.hi));
    let path = quoted(&file.path.display().to_string());
    format!(
        r#""file":{path},"line":{},"column":{},"end_line":{},"end_column":{}"#,
        start.line, start.column, end.line, end.column
    )
}

fn no_place() -> String {
    r#""file":null,"line":null,"column":null,"end_line":null,"end_column":null"#.to_owned()
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            _ if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                // Writing to a string cannot fail; all of these are in the first plane.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;
    use crate::source::Span;

    #[test]
    fn one_object_a_line() {
        let mut sources = SourceMap::default();
        let file = sources.add("a\".rpc", "é\nbc".to_owned());
        let mut all = Diagnostics::default();
        all.push(Diagnostic::placeless(Code::Unreadable, "no\n\u{1b}"));
        let found = Diagnostic::new(Code::DanglingDocs, Span::new(3, 5).within(file), "m").label("l").help("h");
        all.push(found.other(Span::new(0, 2).within(file), "o"));
        let expected = concat!(
            r#"{"code":"RPC0001","severity":"error","message":"no\n\u001b","file":null,"line":null,"column":null,"end_line":null,"#,
            r#""end_column":null,"labels":[],"help":null}"#,
            "\n",
            r#"{"code":"RPC0010","severity":"warning","message":"m","file":"a\".rpc","line":2,"column":1,"end_line":2,"end_column":3,"#,
            r#""labels":[{"file":"a\".rpc","line":2,"column":1,"end_line":2,"end_column":3,"message":"l","primary":true},"#,
            r#"{"file":"a\".rpc","line":1,"column":1,"end_line":1,"end_column":2,"message":"o","primary":false}],"help":"h"}"#,
            "\n",
        );
        assert_eq!(json(&all, &sources), expected);
    }
}
