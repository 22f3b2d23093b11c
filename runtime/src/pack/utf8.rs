//! Whether bytes are text: most strings are short and ASCII, which a few loads of whole words tell.

/// The bits that no byte of ASCII has.
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The text, or how many bytes of it are UTF-8.
#[inline]
pub(super) fn read(bytes: &[u8]) -> Result<&str, usize> {
    std::str::from_utf8(bytes).map_err(|error| error.valid_up_to())
}

/// Whether it is text of which each character is one byte.
#[inline]
pub(super) fn is_ascii(bytes: &[u8]) -> bool {
    // The last word overlaps the one before it, so that there is no rest to look at byte by byte.
    let Some(last) = bytes.last_chunk() else { return is_short_ascii(bytes) };
    let (words, _) = bytes.as_chunks();
    let all = words.iter().fold(u64::from_ne_bytes(*last), |all, word| all | u64::from_ne_bytes(*word));
    all & HIGH == 0
}

/// The same, of less than a word.
#[inline]
fn is_short_ascii(bytes: &[u8]) -> bool {
    match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        (Some(first), Some(last)) => (u32::from_ne_bytes(*first) | u32::from_ne_bytes(*last)) & 0x8080_8080 == 0,
        _ => bytes.iter().fold(0, |all, byte| all | byte) < 0x80,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn what_is_ascii_is_what_the_standard_library_says(text in ".{0,40}|[ -~]{0,40}") {
            proptest::prop_assert_eq!(is_ascii(text.as_bytes()), text.is_ascii());
        }
    }

    #[test]
    fn one_byte_beyond_ascii_is_found_wherever_it_is() {
        for length in 0..40 {
            assert!(is_ascii(&vec![0x7f; length]), "{length}");
            for place in 0..length {
                let mut bytes = vec![0; length];
                bytes[place] = 0x80;
                assert!(!is_ascii(&bytes), "{place} of {length}");
            }
        }
    }
}
