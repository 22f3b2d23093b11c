//! Text that a terminal shows as it is: nothing in a source file moves the cursor, hides text or turns its direction.

/// Replaces what is invisible or acts on a terminal.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(one).collect()
}

/// The character to show for another.
pub(super) fn one(c: char) -> char {
    match c {
        '\t' => ' ',
        _ if is_unsafe(c) => char::REPLACEMENT_CHARACTER,
        _ => c,
    }
}

/// Controls, line separators, and the marks that change direction or have no width.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn nothing_acts_on_the_terminal() {
        assert_eq!(clean("a\tb\u{1b}[31m\u{202e}é\u{9b}\n"), "a b�[31m�é��");
    }
}
