//! The block of extensions that may begin the payload of CALL, REPLY and FAULT.

use std::time::Duration;

use byteorder::{BigEndian, ByteOrder as _};

/// Flag of an entry: who does not know the key must refuse the call.
const MUST_UNDERSTAND: u8 = 1;

/// Microseconds left, `!Q`.
const TIMEOUT: u8 = 1;

/// Keys and values, checked and not yet handed on.
const METADATA: u8 = 2;

/// A W3C `traceparent`, checked and not yet handed on: trace, span, flags.
const TRACE: u8 = 3;

/// Bytes of a trace context.
const TRACE_SIZE: usize = 16 + 8 + 1;

/// Bytes of an entry's `!BBH`: key, flags, length.
const ENTRY: usize = 4;

/// What is said beside the arguments of a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extensions {
    /// How long the caller will still wait; zero is already over.
    pub timeout: Option<Duration>,
}

/// Why a block is refused: the call fails, the connection lives.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtensionError {
    /// An entry is cut off, or has the wrong length for its key.
    #[error("extension {key} is malformed")]
    Malformed {
        /// Its key.
        key: u8,
    },
    /// Two entries have the same key.
    #[error("extension {key} is given twice")]
    Doubled {
        /// The key.
        key: u8,
    },
    /// An entry that is not known here must be understood.
    #[error("extension {key} is not known here, and must be understood")]
    NotUnderstood {
        /// Its key.
        key: u8,
    },
}

impl Extensions {
    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Appends the block; its size goes into the header.
    pub fn encode(&self, out: &mut Vec<u8>) {
        if let Some(timeout) = self.timeout {
            let left = u64::try_from(timeout.as_micros()).unwrap_or(u64::MAX);
            out.extend_from_slice(&[TIMEOUT, 0, 0, 8]);
            out.extend_from_slice(&left.to_be_bytes());
        }
    }

    /// Reads a block. Unknown entries are skipped unless they must be understood.
    ///
    /// # Errors
    ///
    /// When an entry is malformed, doubled, or must be understood and is not.
    pub fn decode(mut block: &[u8]) -> Result<Self, ExtensionError> {
        let mut extensions = Self::default();
        if block.is_empty() {
            return Ok(extensions);
        }
        let mut seen = [false; 256];
        while let Some((key, flags, value, rest)) = entry(block)? {
            if std::mem::replace(&mut seen[usize::from(key)], true) {
                return Err(ExtensionError::Doubled { key });
            }
            extensions.take(key, flags, value)?;
            block = rest;
        }
        Ok(extensions)
    }

    fn take(&mut self, key: u8, flags: u8, value: &[u8]) -> Result<(), ExtensionError> {
        match key {
            TIMEOUT => {
                let micros = value.try_into().map_err(|_| ExtensionError::Malformed { key })?;
                self.timeout = Some(Duration::from_micros(u64::from_be_bytes(micros)));
                Ok(())
            }
            METADATA if is_metadata(value) => Ok(()),
            TRACE if value.len() == TRACE_SIZE => Ok(()),
            METADATA | TRACE => Err(ExtensionError::Malformed { key }),
            _ if flags & MUST_UNDERSTAND != 0 => Err(ExtensionError::NotUnderstood { key }),
            _ => Ok(()),
        }
    }
}

/// Key, flags and value of an entry, and what follows it.
type Entry<'a> = (u8, u8, &'a [u8], &'a [u8]);

fn entry(block: &[u8]) -> Result<Option<Entry<'_>>, ExtensionError> {
    let Some(&key) = block.first() else { return Ok(None) };
    let malformed = ExtensionError::Malformed { key };
    let Some((head, rest)) = block.split_first_chunk::<ENTRY>() else { return Err(malformed) };
    let length = usize::from(BigEndian::read_u16(&head[2..4]));
    let (value, rest) = rest.split_at_checked(length).ok_or(malformed)?;
    Ok(Some((key, head[1], value, rest)))
}

/// Whether this is a count and so many pairs of a `string` and `bytes`.
fn is_metadata(value: &[u8]) -> bool {
    let Some((count, mut rest)) = value.split_first_chunk() else { return false };
    for _ in 0..u16::from_be_bytes(*count) {
        let Some((key, after)) = sized(rest) else { return false };
        let Some((_, after)) = sized(after) else { return false };
        if std::str::from_utf8(key).is_err() {
            return false;
        }
        rest = after;
    }
    rest.is_empty()
}

/// Bytes behind their length, and what follows them.
fn sized(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(u32::from_be_bytes(*length) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R39: a value that is too large counts as the largest.
    #[test]
    fn a_timeout_survives_the_wire_and_huge_ones_saturate() {
        for (timeout, micros) in [(Duration::ZERO, 0), (Duration::from_millis(5), 5000), (Duration::MAX, u64::MAX)] {
            let mut block = Vec::new();
            Extensions { timeout: Some(timeout) }.encode(&mut block);
            assert_eq!(block[..4], [1, 0, 0, 8]);
            assert_eq!(Extensions::decode(&block), Ok(Extensions { timeout: Some(Duration::from_micros(micros)) }));
        }
    }

    /// R19: unknown is not malformed.
    #[test]
    fn unknown_entries_are_skipped_unless_they_must_be_understood() {
        assert_eq!(Extensions::decode(&[9, 0, 0, 1, 42]), Ok(Extensions::default()));
        assert_eq!(Extensions::decode(&[9, 1, 0, 1, 42]), Err(ExtensionError::NotUnderstood { key: 9 }));
    }

    #[test]
    fn metadata_and_trace_contexts_are_checked() {
        let block = |key, value: &[u8]| [&[key, 0, 0, value.len().to_be_bytes()[7]], value].concat();
        let malformed = |key| Err(ExtensionError::Malformed { key });
        let pair = [0, 1, 0, 0, 0, 1, b'k', 0, 0, 0, 2, 7, 7];
        assert_eq!(Extensions::decode(&block(2, &pair)), Ok(Extensions::default()));
        assert_eq!(Extensions::decode(&block(2, &pair[..12])), malformed(2));
        assert_eq!(Extensions::decode(&block(2, &[0, 0, 0])), malformed(2));
        assert_eq!(Extensions::decode(&block(3, &[1; 25])), Ok(Extensions::default()));
        assert_eq!(Extensions::decode(&block(3, &[1; 24])), malformed(3));
    }

    /// R18, R20: the entries fill the block, and no key stands twice.
    #[test]
    fn cut_and_doubled_entries_are_refused() {
        assert_eq!(Extensions::decode(&[9, 0]), Err(ExtensionError::Malformed { key: 9 }));
        assert_eq!(Extensions::decode(&[9, 0, 0, 2, 1]), Err(ExtensionError::Malformed { key: 9 }));
        assert_eq!(Extensions::decode(&[1, 0, 0, 1, 1]), Err(ExtensionError::Malformed { key: 1 }));
        assert_eq!(Extensions::decode(&[9, 0, 0, 0, 9, 0, 0, 0]), Err(ExtensionError::Doubled { key: 9 }));
    }
}
