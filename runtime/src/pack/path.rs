//! Where in a value an error lies: `order.items[3].sku`.

use std::any::type_name;
use std::fmt::{self, Display, Formatter, Write as _};

/// How many characters of a map's key are shown.
const KEY_SHOWN: usize = 64;

/// One step from a value to a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    /// A field, parameter or variant.
    Field(&'static str),
    /// An element of a list or array, counted from 0.
    Index(usize),
    /// A value in a map, by the text of its key.
    Key(String),
    /// A key in a map, counted from 0: its own text is not known yet.
    Pair(usize),
}

/// The way from the packed value to the part that is wrong, outermost first: `order.items[3].sku`.
///
/// An element is shown by its index, a value in a map by its key (`scores["anna"]`, at most 64 characters of it), and
/// a key that is itself wrong by its place among the pairs, counted from 0 (`scores[key #2]`). The path is empty where
/// the value as a whole is wrong.
///
/// The text of a key is made from its packed bytes, so nothing is asked of its type: strings are quoted and escaped,
/// integers are decimal, a truth value is `true` or `false`, and an enum is shown as its number, without a sign.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path {
    /// Innermost first: an error is wrapped on its way out.
    segments: Vec<Segment>,
}

impl Path {
    /// Whether it says nothing: the value as a whole is meant.
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Puts one more step before those known already.
    pub(super) fn wrap(&mut self, segment: Segment) {
        self.segments.push(segment);
    }
}

impl Display for Path {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (place, segment) in self.segments.iter().rev().enumerate() {
            match segment {
                Segment::Field(name) if place == 0 => f.write_str(name)?,
                Segment::Field(name) => write!(f, ".{name}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(text) => write!(f, "[{text}]")?,
                Segment::Pair(index) => write!(f, "[key #{index}]")?,
            }
        }
        Ok(())
    }
}

/// The text of a map's key of type `K`, from its packed bytes.
///
/// `type_name` tells text and signed numbers from the rest. It is made for diagnostics and its result is not fixed for
/// all time; if it changed, a negative key would show without its sign, and nothing else would happen.
#[cold]
pub(super) fn key_text<K>(packed: &[u8]) -> String {
    match type_name::<K>() {
        "bool" => (packed != [0]).to_string(),
        "i8" | "i16" | "i32" | "i64" => signed(packed).to_string(),
        "alloc::string::String" | "&str" => quoted(packed.get(4..).unwrap_or_default()),
        _ if packed.len() <= 8 => unsigned(packed).to_string(),
        _ => quoted(packed),
    }
}

/// A big-endian number of at most eight bytes.
fn unsigned(packed: &[u8]) -> u64 {
    packed.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The same in two's complement.
fn signed(packed: &[u8]) -> i64 {
    let sign = if packed.first().is_some_and(|byte| *byte >= 0x80) { -1 } else { 0 };
    packed.iter().fold(sign, |number, byte| number << 8 | i64::from(*byte))
}

/// The first characters in quotes, escaped, with `…` where more follow.
fn quoted(text: &[u8]) -> String {
    // Four bytes a character at most: the rest of a long key is not looked at.
    let start = text.get(..4 * KEY_SHOWN + 4).unwrap_or(text);
    let text = String::from_utf8_lossy(start);
    let mut shown = String::from("\"");
    for character in text.chars().take(KEY_SHOWN) {
        // Writing to a String cannot fail.
        let _ = write!(shown, "{}", character.escape_debug());
    }
    shown.push_str(if text.chars().nth(KEY_SHOWN).is_some() { "…\"" } else { "\"" });
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_shown_by_their_type() {
        assert_eq!(key_text::<String>(b"\0\0\0\x04an\"a"), r#""an\"a""#);
        assert_eq!(key_text::<&str>(b"\0\0\0\x02\n\xc3"), "\"\\n\u{fffd}\"");
        assert_eq!(key_text::<i8>(&[0xff]), "-1");
        assert_eq!(key_text::<i64>(&i64::MIN.to_be_bytes()), i64::MIN.to_string());
        assert_eq!(key_text::<i32>(&7_i32.to_be_bytes()), "7");
        assert_eq!(key_text::<u64>(&u64::MAX.to_be_bytes()), u64::MAX.to_string());
        assert_eq!(key_text::<bool>(&[1]), "true");
        assert_eq!(key_text::<Segment>(&[0, 9]), "9");
    }

    #[test]
    fn a_long_key_is_cut_at_64_characters() {
        let packed = [b"\0\0\x04\0".as_slice(), "ä".repeat(512).as_bytes()].concat();
        assert_eq!(key_text::<String>(&packed), format!("\"{}…\"", "ä".repeat(64)));
        let packed = [b"\0\0\0\x40".as_slice(), "a".repeat(64).as_bytes()].concat();
        assert_eq!(key_text::<String>(&packed), format!("\"{}\"", "a".repeat(64)));
    }
}
