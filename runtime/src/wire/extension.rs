//! The block of extensions that may begin the payload of CALL, REPLY and FAULT.

use std::time::Duration;

use byteorder::{BigEndian, ByteOrder as _};

use super::header::Kind;
use super::{Code, Metadata, TraceContext, metadata, trace};

/// Flag of an entry: who does not know the key must refuse the call.
const MUST_UNDERSTAND: u8 = 1;

/// Microseconds left, `!Q`.
const TIMEOUT: u8 = 1;

/// Keys and values: see `Metadata`.
const METADATA: u8 = 2;

/// A W3C `traceparent`: trace, parent, flags.
const TRACE: u8 = 3;

/// Bytes of an entry's `!BBH`: key, flags, length.
const ENTRY: usize = 4;

/// Bytes of a whole entry that says the timeout.
const WHOLE_TIMEOUT: usize = ENTRY + 8;

/// The most bytes of a block (L20).
const MOST: usize = 65_535;

/// What is said beside the arguments of a call, or beside its answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extensions<'a> {
    /// How long the caller will still wait; zero is already over. Of a CALL.
    pub timeout: Option<Duration>,
    /// Packed metadata; empty if there is none.
    pub(crate) metadata: &'a [u8],
    /// Of a CALL.
    pub trace: Option<TraceContext>,
}

/// Why a block is not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsendable {
    /// A key that is not allowed.
    #[error("metadata has the key {0:?}, and keys are one or more of a-z, 0-9, `-`, `_` and `.`")]
    Key(String),
    /// More than the format can say.
    #[error("metadata of {metadata} bytes makes extensions of {came}, and at most {MOST} may be sent (L20)")]
    TooLong {
        /// Bytes of the metadata.
        metadata: usize,
        /// Bytes of the whole block.
        came: usize,
    },
}

impl Unsendable {
    /// What a caller is told.
    pub fn code(&self) -> Code {
        match self {
            Self::Key(_) => Code::InvalidArgument,
            Self::TooLong { .. } => Code::ResourceExhausted,
        }
    }
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
    /// Metadata has a key that is not allowed.
    #[error("metadata has the key {0:?}, and keys are one or more of a-z, 0-9, `-`, `_` and `.`")]
    Key(String),
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

impl ExtensionError {
    /// What the call fails with, where the caller is at fault.
    pub fn code(&self) -> Code {
        match self {
            Self::NotUnderstood { .. } => Code::Unimplemented,
            Self::Malformed { .. } | Self::Key(_) | Self::Doubled { .. } => Code::InvalidArgument,
        }
    }
}

impl<'a> Extensions<'a> {
    /// What is said beside an answer, or beside a call that has nothing else to say.
    pub fn of(metadata: &'a Metadata) -> Self {
        Self { metadata: metadata.packed(), ..Self::default() }
    }

    /// The metadata, if there is any.
    #[inline]
    pub fn metadata(&self) -> Option<Metadata> {
        Metadata::from_packed(self.metadata)
    }

    /// Appends the block; its size goes into the header. The timeout stands first.
    ///
    /// # Errors
    ///
    /// When a key may not be sent, or all is too long; then nothing is appended.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<u16, Unsendable> {
        let before = out.len();
        if let Some(timeout) = self.timeout {
            let left = u64::try_from(timeout.as_micros()).unwrap_or(u64::MAX);
            out.extend_from_slice(&[TIMEOUT, 0, 0, 8]);
            out.extend_from_slice(&left.to_be_bytes());
        }
        if let Some(trace) = self.trace {
            out.extend_from_slice(&[TRACE, 0, 0, trace::SIZE]);
            trace.encode(out);
        }
        if !self.metadata.is_empty() {
            self.check(out.len() - before).inspect_err(|_| out.truncate(before))?;
            out.extend_from_slice(&[METADATA, 0]);
            out.extend_from_slice(&u16::try_from(self.metadata.len()).unwrap_or(u16::MAX).to_be_bytes());
            out.extend_from_slice(self.metadata);
        }
        // It fits, as was checked.
        Ok(u16::try_from(out.len() - before).unwrap_or(u16::MAX))
    }

    /// Checks metadata that is to stand behind so many bytes.
    fn check(&self, before: usize) -> Result<(), Unsendable> {
        let metadata = self.metadata.len();
        let came = before + ENTRY + metadata;
        if came > MOST {
            return Err(Unsendable::TooLong { metadata, came });
        }
        metadata::bad_key(self.metadata).map_or(Ok(()), |key| Err(Unsendable::Key(key)))
    }

    /// A block as it was encoded, without its timeout.
    pub fn without_timeout(block: &[u8]) -> &[u8] {
        match block {
            [TIMEOUT, ..] => block.get(WHOLE_TIMEOUT..).unwrap_or_default(),
            _ => block,
        }
    }

    /// Reads the block of a message of this kind. Entries that are not known, or not in this kind, are skipped, unless they are
    /// unknown and must be understood.
    ///
    /// # Errors
    ///
    /// When an entry is malformed, doubled, or must be understood and is not.
    #[inline]
    pub fn decode(kind: Kind, block: &'a [u8]) -> Result<Self, ExtensionError> {
        // Most messages have none.
        if block.is_empty() { Ok(Self::default()) } else { Self::decode_entries(kind, block) }
    }

    fn decode_entries(kind: Kind, mut block: &'a [u8]) -> Result<Self, ExtensionError> {
        let mut extensions = Self::default();
        let mut seen = [false; 256];
        while let Some((key, flags, value, rest)) = entry(block)? {
            if std::mem::replace(&mut seen[usize::from(key)], true) {
                return Err(ExtensionError::Doubled { key });
            }
            extensions.take(kind, key, flags, value)?;
            block = rest;
        }
        Ok(extensions)
    }

    fn take(&mut self, kind: Kind, key: u8, flags: u8, value: &'a [u8]) -> Result<(), ExtensionError> {
        let malformed = ExtensionError::Malformed { key };
        match key {
            TIMEOUT | TRACE if kind != Kind::Call => {}
            TIMEOUT => {
                let micros = value.try_into().map_err(|_| malformed)?;
                self.timeout = Some(Duration::from_micros(u64::from_be_bytes(micros)));
            }
            METADATA if metadata::is_packed(value) => self.metadata = value,
            METADATA => return Err(metadata::bad_key(value).map_or(malformed, ExtensionError::Key)),
            TRACE => self.trace = TraceContext::decode(value.try_into().map_err(|_| malformed)?),
            _ if flags & MUST_UNDERSTAND != 0 => return Err(ExtensionError::NotUnderstood { key }),
            _ => {}
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(block: &[u8]) -> Result<Extensions<'_>, ExtensionError> {
        Extensions::decode(Kind::Call, block)
    }

    fn malformed<'a>(key: u8) -> Result<Extensions<'a>, ExtensionError> {
        Err(ExtensionError::Malformed { key })
    }

    /// R39: a value that is too large counts as the largest.
    #[test]
    fn a_timeout_survives_the_wire_and_huge_ones_saturate() {
        for (timeout, micros) in [(Duration::ZERO, 0), (Duration::from_millis(5), 5000), (Duration::MAX, u64::MAX)] {
            let mut block = Vec::new();
            let extensions = Extensions { timeout: Some(timeout), ..Extensions::default() };
            assert_eq!(extensions.encode(&mut block), Ok(12));
            assert_eq!(block[..4], [1, 0, 0, 8]);
            let timeout = Some(Duration::from_micros(micros));
            assert_eq!(decode(&block), Ok(Extensions { timeout, ..Extensions::default() }));
            assert_eq!(Extensions::without_timeout(&block), []);
        }
    }

    /// R19: unknown is not malformed.
    #[test]
    fn unknown_entries_are_skipped_unless_they_must_be_understood() {
        assert_eq!(decode(&[9, 0, 0, 1, 42]), Ok(Extensions::default()));
        assert_eq!(decode(&[9, 1, 0, 1, 42]), Err(ExtensionError::NotUnderstood { key: 9 }));
    }

    #[test]
    fn metadata_and_trace_contexts_are_checked() {
        let block = |key, value: &[u8]| [&[key, 0, 0, value.len().to_be_bytes()[7]], value].concat();
        let pair = [0, 1, 0, 0, 0, 1, b'k', 0, 0, 0, 2, 7, 7];
        assert_eq!(decode(&block(2, &pair)).map(|found| found.metadata()), Ok(Some(Metadata::from([("k", [7, 7])]))));
        assert_eq!(decode(&block(2, &pair[..12])), malformed(2));
        assert_eq!(decode(&block(2, &[&pair[..], &[0]].concat())), malformed(2));
        assert_eq!(decode(&block(2, &[0, 0, 0])), malformed(2));
        assert_eq!(decode(&block(2, &[0, 0])).map(|found| found.metadata()), Ok(None));
        assert_eq!(decode(&block(3, &[1; 25])).map(|found| found.trace.map(|trace| trace.flags())), Ok(Some(1)));
        assert_eq!(decode(&block(3, &[1; 24])), malformed(3));
        assert_eq!(decode(&block(3, &[0; 25])), Ok(Extensions::default()), "invalid ids are as none");
    }

    #[test]
    fn what_does_not_belong_to_an_answer_is_skipped_unseen() {
        let block = [1, 1, 0, 1, 1, 3, 1, 0, 0, 2, 0, 0, 2, 0, 0];
        assert_eq!(
            Extensions::decode(Kind::Reply, &block),
            Ok(Extensions { metadata: &[0, 0], ..Extensions::default() })
        );
        assert_eq!(Extensions::decode(Kind::Fault, &block[..9]), Ok(Extensions::default()));
        assert_eq!(decode(&block), malformed(1));
    }

    /// R18, R20: the entries fill the block, and no key stands twice.
    #[test]
    fn cut_and_doubled_entries_are_refused() {
        assert_eq!(decode(&[9, 0]), malformed(9));
        assert_eq!(decode(&[9, 0, 0, 2, 1]), malformed(9));
        assert_eq!(decode(&[1, 0, 0, 1, 1]), malformed(1));
        assert_eq!(decode(&[9, 0, 0, 0, 9, 0, 0, 0]), Err(ExtensionError::Doubled { key: 9 }));
    }

    #[test]
    fn l20_what_fits_exactly_is_sent_and_a_byte_more_is_not() {
        let mut block = vec![7];
        // An entry's head, a count, two lengths and the key.
        let most = MOST - 4 - 2 - 8 - 1;
        assert_eq!(Extensions::of(&Metadata::from([("k", vec![0; most])])).encode(&mut block), Ok(65_535));
        assert!(decode(&block[1..]).is_ok());
        block.truncate(1);
        let metadata = Metadata::from([("k", vec![0; most + 1])]);
        let refusal = Unsendable::TooLong { metadata: 65_532, came: 65_536 };
        assert_eq!(Extensions::of(&metadata).encode(&mut block), Err(refusal.clone()));
        assert_eq!(
            refusal.to_string(),
            "metadata of 65532 bytes makes extensions of 65536, and at most 65535 may be sent (L20)"
        );
        assert_eq!(block, [7], "nothing is left behind");
    }

    #[test]
    fn a_bad_key_is_refused_by_its_sender() {
        let metadata = Metadata::from([("Token", "")]);
        let timed = Extensions { timeout: Some(Duration::ZERO), ..Extensions::of(&metadata) };
        let mut block = Vec::new();
        assert_eq!(timed.encode(&mut block), Err(Unsendable::Key("Token".to_owned())));
        assert_eq!(block, []);
    }
}
