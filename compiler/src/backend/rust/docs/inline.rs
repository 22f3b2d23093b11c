//! The text of a paragraph: code spans stay, what rustdoc would take for a link or for HTML is escaped.

use super::words;

/// One line of a paragraph, made safe.
pub(super) fn escaped(line: &str) -> String {
    let mut result = String::new();
    let mut rest = line;
    while let Some((text, code, after)) = next_code_span(rest) {
        append(&mut result, &text_escaped(text));
        append(&mut result, code);
        rest = after;
    }
    append(&mut result, &text_escaped(rest));
    result
}

/// Appends a part; backticks of one part and of the next must not run together.
fn append(result: &mut String, part: &str) {
    if result.ends_with('`') && part.starts_with('`') {
        result.push(' ');
    }
    result.push_str(part);
}

/// What stands before the first code span, the span with its backticks, and what follows.
fn next_code_span(line: &str) -> Option<(&str, &str, &str)> {
    let mut at = 0;
    while let Some(char) = line[at..].chars().next() {
        match char {
            '\\' => at += 1 + line[at + 1..].chars().next().map_or(0, char::len_utf8),
            '`' => {
                let ticks = run_of_ticks(&line[at..]);
                if let Some(end) = closing_ticks(line, at + ticks, ticks) {
                    return Some((&line[..at], &line[at..end], &line[end..]));
                }
                at += ticks;
            }
            _ => at += char.len_utf8(),
        }
    }
    None
}

/// The end of the first run of just that many backticks.
fn closing_ticks(line: &str, from: usize, ticks: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += line[at..].find('`')?;
        let run = run_of_ticks(&line[at..]);
        at += run;
        if run == ticks {
            return Some(at);
        }
    }
}

fn run_of_ticks(text: &str) -> usize {
    text.len() - text.trim_start_matches('`').len()
}

fn text_escaped(text: &str) -> String {
    text.split_inclusive(' ').map(|word| word_escaped(word.trim_end_matches(' ')) + trailing_spaces(word)).collect()
}

fn trailing_spaces(word: &str) -> &str {
    &word[word.trim_end_matches(' ').len()..]
}

fn word_escaped(word: &str) -> String {
    if let Some((before, address, after)) = words::address(word) {
        return format!("{}<{address}>{}", brackets_escaped(before), word_escaped(after));
    }
    match words::code_part(word) {
        Some((before, code, after)) => format!("{}`{code}`{}", brackets_escaped(before), brackets_escaped(after)),
        None => brackets_escaped(word),
    }
}

/// Puts a backslash before what would begin a link, HTML or code; an escape that is there already stays.
fn brackets_escaped(text: &str) -> String {
    let mut result = String::new();
    let mut after_backslash = false;
    for char in text.chars() {
        if matches!(char, '<' | '>' | '[' | ']' | '`') && !after_backslash {
            result.push('\\');
        }
        after_backslash = char == '\\' && !after_backslash;
        result.push(char);
    }
    result
}
