//! Names of files.

use crate::stubs::MAX_NAME;

/// Whether it can be a file's name: it leads out of no folder, and is not hidden as parts are.
pub fn is_name(name: &str) -> bool {
    let is_fit = |letter: char| letter != '/' && !letter.is_control();
    (1..=MAX_NAME as usize).contains(&name.len()) && !name.starts_with('.') && name.chars().all(is_fit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_nowhere_else() {
        assert!(["a", "a.b", "a b", "ä..", "-", "\\", &"x".repeat(255)].into_iter().all(is_name));
        let bad = ["", ".", "..", ".part", "/", "/a", "a/", "a/b", "../a", "a\0", "a\n", "\u{1b}[2J", &"x".repeat(256)];
        assert!(!bad.into_iter().any(is_name));
    }
}
