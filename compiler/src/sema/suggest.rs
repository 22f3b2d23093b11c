//! What is meant by an unknown name: a known one that is near, or the word of another language.

use std::cell::Cell;

use crate::near;

/// How many names one run compares, so that many mistakes in a large interface stay cheap.
const COMPARISONS: usize = 200_000;

/// Words of other languages for types that have another word here.
const FOREIGN: [(&str, &str); 33] = [
    ("int", "i32"),
    ("uint", "u32"),
    ("int8", "i8"),
    ("int16", "i16"),
    ("int32", "i32"),
    ("int64", "i64"),
    ("uint8", "u8"),
    ("uint16", "u16"),
    ("uint32", "u32"),
    ("uint64", "u64"),
    ("byte", "u8"),
    ("short", "i16"),
    ("long", "i64"),
    ("float", "f32"),
    ("float32", "f32"),
    ("float64", "f64"),
    ("double", "f64"),
    ("boolean", "bool"),
    ("str", "string"),
    ("String", "string"),
    ("text", "string"),
    ("char", "string"),
    ("binary", "bytes"),
    ("blob", "bytes"),
    ("vec", "list<T>"),
    ("Vec", "list<T>"),
    ("HashMap", "map<K, V>"),
    ("Option", "T?"),
    ("datetime", "timestamp"),
    ("time", "timestamp"),
    ("usize", "u64"),
    ("isize", "i64"),
    ("uuid", "array<u8, 16>"),
];

/// The word of this language for a type that another language calls so.
pub(super) fn foreign(name: &str) -> Option<&'static str> {
    FOREIGN.iter().find(|(word, _)| *word == name).map(|(_, ours)| *ours)
}

/// Finds near names, within a budget for the whole run.
pub(super) struct Suggestions {
    left: Cell<usize>,
}

impl Suggestions {
    pub(super) fn new() -> Self {
        Self { left: Cell::new(COMPARISONS) }
    }

    /// The nearest of some names, the first of equals; `None` where none is near.
    pub(super) fn nearest<'a>(&self, name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
        let within_budget = known.take_while(|_| self.left.get() > 0).inspect(|_| self.left.set(self.left.get() - 1));
        near::nearest(name, within_budget)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_ends() {
        let suggestions = Suggestions::new();
        let names = vec!["abc"; COMPARISONS];
        assert_eq!(suggestions.nearest("abd", names.into_iter()), Some("abc"));
        assert_eq!(suggestions.nearest("abd", ["abc"].into_iter()), None);
    }
}
