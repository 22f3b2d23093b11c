//! Which distributed trace a call belongs to: the `traceparent` of W3C Trace Context, level 1
//! (<https://www.w3.org/TR/trace-context-1/>, "Traceparent Header" and "Versioning of traceparent").

use std::fmt;
use std::str::FromStr;

/// Bytes of a trace context as it travels: trace, parent, flags.
pub(super) const SIZE: u8 = 16 + 8 + 1;

/// Characters of a `traceparent` of version 00.
const LENGTH: usize = 55;

/// Which trace a call belongs to, and where in it: what HTTP's header `traceparent` says.
///
/// The runtime records nothing and makes no ids up; it carries this from a caller to a handler, and on to the calls that the
/// handler makes. A tracing library gives each call its own parent: [`with_parent`](Self::with_parent).
///
/// ```
/// use rpcgen_runtime::TraceContext;
///
/// let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// let trace: TraceContext = text.parse()?;
/// assert!(trace.is_sampled());
/// assert_eq!(trace.to_string(), text);
/// # Ok::<(), rpcgen_runtime::TraceContextError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceContext {
    trace_id: [u8; 16],
    parent_id: [u8; 8],
    flags: u8,
}

/// Why something is no trace context. The specification says to go on as if there were none, and to begin a new trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TraceContextError {
    /// The trace or the parent is all zeros.
    #[error("a trace or parent id of zeros is invalid")]
    Zero,
    /// Version `ff`.
    #[error("version ff of a traceparent is invalid")]
    Version,
    /// Other characters or lengths than `00-` 32 digits `-` 16 digits `-` 2 digits, in lower-case hexadecimal.
    #[error("a traceparent is 2, 32, 16 and 2 lower-case hexadecimal digits with `-` between")]
    Format,
}

impl TraceContext {
    /// The flag that says that the caller may have recorded its part of the trace.
    pub const SAMPLED: u8 = 1;

    /// Puts one together. Flags but [`SAMPLED`](Self::SAMPLED) mean nothing in level 1, and should be 0.
    ///
    /// # Errors
    ///
    /// When an id is all zeros.
    pub fn new(trace_id: [u8; 16], parent_id: [u8; 8], flags: u8) -> Result<Self, TraceContextError> {
        if trace_id == [0; 16] || parent_id == [0; 8] {
            return Err(TraceContextError::Zero);
        }
        Ok(Self { trace_id, parent_id, flags })
    }

    /// The same trace and flags, below another span.
    ///
    /// # Errors
    ///
    /// When the id is all zeros.
    pub fn with_parent(self, parent_id: [u8; 8]) -> Result<Self, TraceContextError> {
        Self::new(self.trace_id, parent_id, self.flags)
    }

    /// The whole trace.
    pub const fn trace_id(&self) -> [u8; 16] {
        self.trace_id
    }

    /// The caller's span.
    pub const fn parent_id(&self) -> [u8; 8] {
        self.parent_id
    }

    /// All flags, as they came.
    pub const fn flags(&self) -> u8 {
        self.flags
    }

    /// Whether the caller may have recorded its part of the trace.
    pub const fn is_sampled(&self) -> bool {
        self.flags & Self::SAMPLED != 0
    }

    /// The bytes that travel.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.trace_id);
        out.extend_from_slice(&self.parent_id);
        out.push(self.flags);
    }

    /// Reads the bytes that travel; `None` for ids that are invalid.
    pub(super) fn decode(bytes: &[u8; SIZE as usize]) -> Option<Self> {
        let (trace_id, rest) = bytes.split_first_chunk()?;
        let (parent_id, flags) = rest.split_first_chunk()?;
        Self::new(*trace_id, *parent_id, *flags.first()?).ok()
    }
}

/// Reads a `traceparent`. Of a version above 00, which may be longer, only what this version knows is taken: of its flags the
/// sampled one, as the specification says.
impl FromStr for TraceContext {
    type Err = TraceContextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (known, more) = text.as_bytes().split_at_checked(LENGTH).ok_or(TraceContextError::Format)?;
        let [version] = digits(&known[..2])?;
        if version == 0xff {
            return Err(TraceContextError::Version);
        }
        let has_dashes = [2, 35, 52].iter().all(|at| known[*at] == b'-');
        let may_end_so = more.is_empty() || (version > 0 && more[0] == b'-');
        if !has_dashes || !may_end_so {
            return Err(TraceContextError::Format);
        }
        let [flags] = digits(&known[53..])?;
        let flags = if version == 0 { flags } else { flags & Self::SAMPLED };
        Self::new(digits(&known[3..35])?, digits(&known[36..52])?, flags)
    }
}

/// Bytes from lower-case hexadecimal.
fn digits<const N: usize>(text: &[u8]) -> Result<[u8; N], TraceContextError> {
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks(2)) {
        for digit in pair {
            let value = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                _ => return Err(TraceContextError::Format),
            };
            *byte = *byte << 4 | value;
        }
    }
    Ok(bytes)
}

/// The text of a `traceparent`, of version 00.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (trace, parent) = (u128::from_be_bytes(self.trace_id), u64::from_be_bytes(self.parent_id));
        write!(f, "00-{trace:032x}-{parent:016x}-{:02x}", self.flags)
    }
}

impl fmt::Debug for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TraceContext({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn parse(text: &str) -> Result<TraceContext, TraceContextError> {
        text.parse()
    }

    #[test]
    fn a_traceparent_survives_both_forms() {
        let trace = parse(TEXT).expect("the example of the specification");
        assert_eq!((trace.to_string().as_str(), trace.is_sampled()), (TEXT, true));
        assert_eq!(trace.trace_id()[..2], [0x4b, 0xf9]);
        assert_eq!(trace.parent_id(), [0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7]);
        let mut bytes = Vec::new();
        trace.encode(&mut bytes);
        assert_eq!(TraceContext::decode(&bytes.try_into().expect("25 bytes")), Some(trace));
    }

    #[test]
    fn what_the_specification_forbids_is_no_trace_context() {
        let changed = |from: &str, to: &str| parse(&TEXT.replacen(from, to, 1));
        assert_eq!(changed("00-", "ff-"), Err(TraceContextError::Version));
        assert_eq!(changed("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)), Err(TraceContextError::Zero));
        assert_eq!(changed("00f067aa0ba902b7", &"0".repeat(16)), Err(TraceContextError::Zero));
        for (from, to) in
            [("4bf", "4BF"), ("4bf", "4bg"), ("-01", "-1"), ("-01", "-011"), ("-01", "-01-"), ("00-", "0-")]
        {
            assert_eq!(changed(from, to), Err(TraceContextError::Format), "{from} to {to}");
        }
        for text in ["", "-", " ", &TEXT[..54], &TEXT.replace('-', "_"), &"é".repeat(40)] {
            assert_eq!(parse(text), Err(TraceContextError::Format), "{text}");
        }
    }

    #[test]
    fn of_later_versions_what_is_known_is_taken() {
        let later = |flags: &str| parse(&format!("{}{flags}", TEXT.replacen("00", "cc", 1).trim_end_matches("01")));
        assert_eq!(later("01"), parse(TEXT));
        assert_eq!(later("ff-what the-future-brings"), parse(TEXT));
        assert_eq!(later("fe").map(|trace| trace.flags()), Ok(0));
        assert_eq!(later("01.what"), Err(TraceContextError::Format));
        assert_eq!(later("0"), Err(TraceContextError::Format));
    }
}
