//! Whatever stands in an interface's docs, Markdown reads nothing dangerous in what we make of it.

use proptest::prelude::*;
use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag};

use super::Rustdoc;

/// What begins or ends something in Markdown, HTML or Rust, and what gives it room.
fn piece() -> impl Strategy<Value = String> {
    let pieces = [
        " ",
        "  ",
        "    ",
        "      ",
        "\t",
        "\n",
        "\r",
        "\n\n",
        "- ",
        "* ",
        "+ ",
        "1. ",
        "7) ",
        "12345. ",
        "- - ",
        "```",
        "````",
        "~~~",
        "`",
        "``",
        "> ",
        "# ",
        "---",
        "===",
        "| a | b |",
        "[x](y)",
        "[x]: y",
        "[^1]",
        "![",
        "]",
        "(",
        ")",
        "<b>",
        "</b>",
        "<!--",
        "-->",
        "<?",
        "http://a.b/c",
        "<https://a.b>",
        "\\",
        "*/",
        "/*",
        "//",
        "a_b",
        "Foo::bar",
        "CamelCase",
        "call()",
        "*",
        "_",
        "text",
        "rust",
        "&lt;",
        "\u{202e}",
        "\u{0}",
        "\u{2028}",
        "{",
        "}",
        "\"",
        "'",
        "=",
        ":",
        ".",
    ];
    prop_oneof![8 => prop::sample::select(pieces.to_vec()).prop_map(str::to_owned), 1 => ".{0,4}"]
}

fn docs() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop::collection::vec(piece(), 0..6).prop_map(|pieces| pieces.concat()), 0..10)
}

/// What rustdoc would do with it that we do not want.
fn danger(markdown: &str) -> Option<String> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_SMART_PUNCTUATION;
    let dangerous = |event: &Event<'_>| match event {
        Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(label))) => label.as_ref() != "text",
        Event::Start(Tag::Link { link_type: LinkType::Autolink, .. }) => false,
        Event::Start(Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::Link { .. } | Tag::Image { .. })
        | Event::Html(_)
        | Event::InlineHtml(_)
        | Event::FootnoteReference(_) => true,
        _ => false,
    };
    Parser::new_ext(markdown, options).find(dangerous).map(|event| format!("{event:?}"))
}

fn uncommented(line: &str) -> String {
    line.strip_prefix("/// ").or_else(|| line.strip_prefix("///")).unwrap_or(line).to_owned() + "\n"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn docs_hold_no_doctest_no_html_and_no_link(lines in docs()) {
        let comment = Rustdoc::new(&lines).paragraph("The end.").comment();
        let markdown: String = comment.lines().map(uncommented).collect();
        prop_assert_eq!(danger(&markdown), None, "{}", markdown);
        prop_assert!(!comment.contains(|char: char| char.is_control() && char != '\n'));
        prop_assert!(comment.lines().all(|line| line.starts_with("///") && line.trim_end() == line));
    }

    #[test]
    fn docs_in_a_list_are_as_harmless(first in docs(), second in docs()) {
        let list = Rustdoc::new(&first).list_item("a") + "\n" + &Rustdoc::new(&second).list_item("b");
        prop_assert_eq!(danger(&list), None, "{}", list);
    }

    #[test]
    fn what_is_safe_stays_as_it_is(lines in docs()) {
        let once = Rustdoc::new(&lines);
        prop_assert_eq!(Rustdoc::new(&once.0), once);
    }
}

#[test]
fn plain_docs_are_not_touched() {
    let lines = ["Adds `a` and `b`.", "", "- one", "- two", "", "Done, in GitHub's way: 50 %."].map(str::to_owned);
    assert_eq!(Rustdoc::new(&lines).0, lines);
}

#[test]
fn names_get_backticks_and_addresses_brackets() {
    let line = |text: &str| Rustdoc::new(&[text.to_owned()]).0.join("|");
    assert_eq!(line("See snake_case, (CamelCase) and a::path()."), "See `snake_case`, (CamelCase) and `a::path()`.");
    assert_eq!(line("A HashMap<K,V> in https://a.b/c_d."), "A `HashMap<K,V>` in <https://a.b/c_d>.");
    assert_eq!(line("[0, 1] of list<u8>"), r"\[0, 1\] of list\<u8\>");
}
