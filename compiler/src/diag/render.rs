//! Findings for people: the lines, the places underlined, and what to do.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::arrange::arrange;
use super::clean::clean;
use super::excerpt::{self, Excerpt};
use super::{Diagnostic, Diagnostics, Label, Severity};
use crate::source::{SourceFile, SourceMap, Span};

/// Whether the output has ANSI colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// Plain text, for files and pipes.
    Off,
    /// For terminals.
    On,
}

/// All findings, sorted by file and place, with a blank line after each; at most 100 a file, and then a count.
///
/// Whatever the sources hold, the output has no control characters but line feeds (and colours, if they are on).
pub fn render(diagnostics: &Diagnostics, sources: &SourceMap, colours: Colours) -> String {
    let renderer = match colours {
        Colours::Off => Renderer::plain(),
        Colours::On => Renderer::styled(),
    };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let shown = arrange(diagnostics, sources);
    shown.iter().map(|found| one(found, sources, &renderer) + "\n\n").collect()
}

fn one(found: &Diagnostic, sources: &SourceMap, renderer: &Renderer) -> String {
    let level = match found.code.severity() {
        Severity::Warning => Level::WARNING,
        Severity::Error => Level::ERROR,
    };
    let title = level.primary_title(clean(&found.message)).id(found.code.name());
    let group = places(found).into_iter().fold(Group::with_title(title), |group, near| place(group, &near, sources));
    let help = found.help.iter().map(|help| Level::HELP.message(clean(help)));
    let text = renderer.render(&[group.elements(help)]);
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

type Place<'a> = (&'a Label, AnnotationKind);

/// The places of a finding, by file; the primary one first.
fn places(found: &Diagnostic) -> Vec<Vec<Place<'_>>> {
    let primary = found.primary.iter().map(|label| (label, AnnotationKind::Primary));
    let others = found.others.iter().map(|label| (label, AnnotationKind::Context));
    let mut files: Vec<Vec<Place<'_>>> = Vec::new();
    for place in primary.chain(others) {
        let file = |near: &&mut Vec<Place<'_>>| near.iter().any(|one| one.0.location.file == place.0.location.file);
        match files.iter_mut().find(file) {
            Some(near) => near.push(place),
            None => files.push(vec![place]),
        }
    }
    files
}

/// Places of one file, in one excerpt if they are near one another.
fn place<'a>(group: Group<'a>, places: &[Place<'_>], sources: &SourceMap) -> Group<'a> {
    let Some((first, _)) = places.first() else { return group };
    let file = sources.file(first.location.file);
    let spans: Vec<Span> = places.iter().map(|(label, _)| label.location.span).collect();
    match excerpt::whole(file, &spans) {
        Some(shown) => add(group, file, shown, places),
        None => places.iter().fold(group, |group, one| {
            let span = one.0.location.span;
            let shown = excerpt::whole(file, &[span]).unwrap_or_else(|| excerpt::cut(file, span));
            add(group, file, shown, &[*one])
        }),
    }
}

fn add<'a>(group: Group<'a>, file: &SourceFile, shown: Excerpt, places: &[Place<'_>]) -> Group<'a> {
    let annotations = places.iter().zip(shown.places).map(|((label, kind), place)| {
        let text = Some(clean(&label.text)).filter(|text| !text.is_empty());
        kind.span(place).label(text)
    });
    let snippet = Snippet::source(shown.text).line_start(shown.line).annotations(annotations);
    let path = clean(&file.path.display().to_string());
    if shown.is_cut {
        group.element(Origin::path(path).line(shown.at.line).char_column(shown.at.column)).element(snippet)
    } else {
        group.element(snippet.path(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;

    fn rendered(text: &str, lo: usize, hi: usize) -> String {
        let mut sources = SourceMap::default();
        let file = sources.add("a.rpc", text.to_owned());
        let span = Span::new(u32::try_from(lo).unwrap_or(0), u32::try_from(hi).unwrap_or(0));
        let mut all = Diagnostics::default();
        all.push(Diagnostic::new(Code::Syntax, span.within(file), "wrong").label("here").help("do right"));
        render(&all, &sources, Colours::Off)
    }

    #[test]
    fn the_place_is_underlined_and_the_help_follows() {
        let expected =
            "error[RPC0004]: wrong\n --> a.rpc:2:3\n  |\n2 | a bc d\n  |   ^^ here\n  |\n  = help: do right\n\n";
        assert_eq!(rendered("\na bc d\n", 3, 5), expected);
    }

    #[test]
    fn places_near_one_another_share_an_excerpt() {
        let mut sources = SourceMap::default();
        let file = sources.add("a.rpc", "a\n\tb\n\n\n\n\n\n\nc".to_owned());
        let at = |lo, hi| Span::new(lo, hi).within(file);
        let mut all = Diagnostics::default();
        all.push(Diagnostic::new(Code::DoubledName, at(11, 12), "twice").label("second").other(at(3, 4), "first"));
        let expected =
            "error[RPC0102]: twice\n --> a.rpc:9:1\n  |\n2 |     b\n  |     - first\n...\n9 | c\n  | ^ second\n\n";
        assert_eq!(render(&all, &sources, Colours::Off), expected);
        assert!(render(&all, &sources, Colours::On).contains("\u{1b}["));
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("{}bad{}", "x".repeat(20_000), "y".repeat(20_000));
        let shown = rendered(&text, 20_000, 20_003);
        assert!(shown.len() < 600 && shown.contains(":1:20001\n") && shown.contains("xbady"), "{shown}");
    }

    #[test]
    fn nothing_in_the_source_acts_on_the_terminal() {
        let text = "a\u{202e}\t\u{1b}[31m\u{9b}x\r\n\u{feff}";
        for lo in 0..=text.len() {
            let shown = rendered(text, lo, text.len());
            assert!(!shown.chars().any(|c| c.is_control() && c != '\n' || c == '\u{202e}'), "{shown:?}");
        }
    }

    #[test]
    fn places_outside_the_text_are_brought_into_it() {
        for text in ["", "é", "\n", "a\n"] {
            assert!(rendered(text, 1, 9).contains("wrong"));
        }
    }
}
