//! The sixteen bytes that each side sends first.

use byteorder::{BigEndian, ByteOrder as _};

/// What begins every connection.
pub const MAGIC: [u8; 4] = *b"RPCG";

/// The version spoken here.
pub const VERSION: u8 = 1;

/// What a side may send before it has seen its peer's preface, and the least that a preface may announce.
pub const MINIMUM: Preface = Preface { calls: 64, frame: 65_536, window: 16_384 };

/// The most item bytes that a side may be allowed to send on a stream; a larger window counts as this.
pub const MOST_CREDIT: u32 = 1 << 31;

/// What a side announces of itself: `!4sBBHII`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preface {
    /// The calls it will have open at once; on the wire a `u16`.
    pub calls: u16,
    /// The largest frame payload it accepts, in bytes.
    pub frame: u32,
    /// Its stream window, in bytes.
    pub window: u32,
}

/// Why a preface is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrefaceError {
    /// The first bytes are not those of this protocol.
    #[error("the peer does not speak this protocol: {0}")]
    Magic(&'static str),
    /// Another version of the protocol.
    #[error("the peer speaks version {0} of the protocol, and this side version {VERSION}")]
    Version(u8),
    /// A smaller value than every side must offer.
    #[error("the peer announces {what} of {value}, and must offer at least {least}")]
    TooSmall {
        /// Which value.
        what: &'static str,
        /// What was announced.
        value: u32,
        /// What is the least.
        least: u32,
    },
}

impl Preface {
    /// How many bytes it takes.
    pub const SIZE: usize = 16;

    /// The bytes that travel.
    pub fn encode(self) -> [u8; Self::SIZE] {
        let mut bytes = [0; Self::SIZE];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4] = VERSION;
        BigEndian::write_u16(&mut bytes[6..8], self.calls);
        BigEndian::write_u32(&mut bytes[8..12], self.frame);
        BigEndian::write_u32(&mut bytes[12..16], self.window);
        bytes
    }

    /// Reads a preface from the first bytes of a connection; `None` while more are needed.
    ///
    /// # Errors
    ///
    /// At the first byte that is not of the magic, at another version, and at values under [`MINIMUM`].
    pub fn decode(bytes: &[u8]) -> Result<Option<Self>, PrefaceError> {
        if bytes.iter().zip(&MAGIC).any(|(byte, magic)| byte != magic) {
            return Err(PrefaceError::Magic(looks_like(bytes)));
        }
        let Some(whole) = bytes.first_chunk::<{ Self::SIZE }>() else { return Ok(None) };
        if whole[4] != VERSION {
            return Err(PrefaceError::Version(whole[4]));
        }
        let preface = Self {
            calls: BigEndian::read_u16(&whole[6..8]),
            frame: BigEndian::read_u32(&whole[8..12]),
            window: BigEndian::read_u32(&whole[12..16]).min(MOST_CREDIT),
        };
        preface.check().map(Some)
    }

    fn check(self) -> Result<Self, PrefaceError> {
        at_least("open calls", self.calls.into(), MINIMUM.calls.into())?;
        at_least("a frame payload", self.frame, MINIMUM.frame)?;
        at_least("a stream window", self.window, MINIMUM.window)?;
        Ok(self)
    }
}

fn at_least(what: &'static str, value: u32, least: u32) -> Result<(), PrefaceError> {
    if value < least { Err(PrefaceError::TooSmall { what, value, least }) } else { Ok(()) }
}

/// Names what a stranger seems to speak, for the log.
fn looks_like(bytes: &[u8]) -> &'static str {
    const KNOWN: [(&[u8], &str); 9] = [
        (b"PRI * HTTP/2", "it looks like HTTP/2 or gRPC"),
        (b"GET ", "it looks like HTTP"),
        (b"POST ", "it looks like HTTP"),
        (b"HEAD ", "it looks like HTTP"),
        (b"PUT ", "it looks like HTTP"),
        (b"OPTIONS ", "it looks like HTTP"),
        (b"HTTP/", "it looks like an HTTP server"),
        (b"SSH-", "it looks like SSH"),
        (b"\x16\x03", "it looks like TLS"),
    ];
    let known = KNOWN.iter().find(|(start, _)| bytes.starts_with(start));
    known.map_or("its first bytes are of no protocol known here", |(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: Preface = Preface { calls: 1024, frame: 1 << 20, window: 1 << 16 };

    /// R3: sixteen bytes.
    #[test]
    fn a_preface_survives_the_wire_and_every_shorter_one_waits() {
        let bytes = SAMPLE.encode();
        assert_eq!(bytes, *b"RPCG\x01\x00\x04\x00\x00\x10\x00\x00\x00\x01\x00\x00");
        assert_eq!(Preface::decode(&bytes), Ok(Some(SAMPLE)));
        for cut in 0..Preface::SIZE {
            assert_eq!(Preface::decode(&bytes[..cut]), Ok(None));
        }
    }

    /// R7: at the first wrong byte.
    #[test]
    fn wrong_magic_is_refused_at_the_first_wrong_byte_and_named() {
        assert_eq!(Preface::decode(b"RX"), Err(PrefaceError::Magic("its first bytes are of no protocol known here")));
        assert_eq!(Preface::decode(b"GET / HTTP/1.1"), Err(PrefaceError::Magic("it looks like HTTP")));
    }

    /// R6, R8: each is told from the other.
    #[test]
    fn other_versions_and_small_values_are_refused() {
        let mut bytes = SAMPLE.encode();
        bytes[4] = 2;
        assert_eq!(Preface::decode(&bytes), Err(PrefaceError::Version(2)));
        let small = Preface { calls: 63, ..SAMPLE }.encode();
        assert_eq!(Preface::decode(&small), Err(PrefaceError::TooSmall { what: "open calls", value: 63, least: 64 }));
    }
}
