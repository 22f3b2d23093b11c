//! "Did you mean": the known name nearest to an unknown one.

use strsim::damerau_levenshtein;

/// Longer names, in bytes, are not compared: each comparison costs the product of the lengths.
const LONGEST: usize = 64;

/// The nearest of some names, the first of equals; `None` where none is near. Of each three letters one may be wrong, of
/// two one, and of a single letter only its case.
pub(crate) fn nearest<K: AsRef<str>>(name: &str, known: impl Iterator<Item = K>) -> Option<K> {
    if name.len() > LONGEST {
        return None;
    }
    let limit = if name.len() == 1 { 0 } else { (name.len() / 3).max(1) };
    let near = known
        .filter(|other| other.as_ref().len().abs_diff(name.len()) <= limit && other.as_ref().len() <= LONGEST)
        .map(|other| (distance(name, other.as_ref()), other));
    near.min_by_key(|(distance, _)| *distance).filter(|(distance, _)| *distance <= limit).map(|(_, other)| other)
}

/// Names that differ only in case are the nearest of all.
fn distance(name: &str, other: &str) -> usize {
    if name.eq_ignore_ascii_case(other) { 0 } else { damerau_levenshtein(name, other) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_far_ones_are_not() {
        let known = ["Point", "Pint", "Circle", "point_count"];
        let nearest = |name| nearest(name, known.into_iter());
        assert_eq!(nearest("Piont"), Some("Point"));
        assert_eq!(nearest("POINT"), Some("Point"));
        assert_eq!(nearest("Circel"), Some("Circle"));
        assert_eq!(nearest("Rectangle"), None);
    }
}
