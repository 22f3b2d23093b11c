//! The sixteen bytes that begin every frame.

use byteorder::{BigEndian, ByteOrder as _};

/// The message goes on in a later frame of this call.
pub const MORE: u8 = 0b01;

/// Nothing comes back for this call.
pub const ONEWAY: u8 = 0b10;

/// The largest id of a call opened by the connecting side; higher ones are reserved.
pub const MAX_CALL: u32 = (1 << 31) - 1;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Opens a call.
    Call,
    /// The results of a call.
    Reply,
    /// The failure of a call.
    Fault,
    /// Items of a stream.
    Item,
    /// The end of a stream.
    End,
    /// The caller has lost interest.
    Cancel,
    /// So many more item bytes may be sent.
    Credit,
    /// To be answered with a pong.
    Ping,
    /// The answer to a ping.
    Pong,
    /// No further calls on this connection.
    GoAway,
    /// A kind from 128 on that is not known here: skipped.
    Skipped(u8),
}

impl Kind {
    const NUMBERED: [Self; 10] = [
        Self::Call,
        Self::Reply,
        Self::Fault,
        Self::Item,
        Self::End,
        Self::Cancel,
        Self::Credit,
        Self::Ping,
        Self::Pong,
        Self::GoAway,
    ];

    /// The kind of this number; `None` for one under 128 that is not known.
    pub fn from_number(number: u8) -> Option<Self> {
        if number >= 128 {
            return Some(Self::Skipped(number));
        }
        Self::NUMBERED.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// The number that travels.
    pub const fn number(self) -> u8 {
        match self {
            Self::Call => 1,
            Self::Reply => 2,
            Self::Fault => 3,
            Self::Item => 4,
            Self::End => 5,
            Self::Cancel => 6,
            Self::Credit => 7,
            Self::Ping => 8,
            Self::Pong => 9,
            Self::GoAway => 10,
            Self::Skipped(number) => number,
        }
    }

    /// The flags that may be set.
    const fn flags(self) -> u8 {
        match self {
            Self::Call => MORE | ONEWAY,
            Self::Reply | Self::Fault | Self::Item => MORE,
            _ => 0,
        }
    }

    /// Whether extensions may begin the payload.
    const fn takes_extensions(self) -> bool {
        matches!(self, Self::Call | Self::Reply | Self::Fault)
    }

    /// Whether it belongs to the connection and not to a call.
    const fn is_of_connection(self) -> bool {
        matches!(self, Self::Ping | Self::Pong | Self::GoAway)
    }

    /// Whether the argument can be this.
    const fn takes_argument(self, argument: u32) -> bool {
        match self {
            Self::Reply | Self::End | Self::Cancel => argument == 0,
            Self::Item | Self::Credit => argument > 0,
            _ => true,
        }
    }

    /// The most payload that makes sense, in bytes.
    const fn most_payload(self) -> u32 {
        match self {
            Self::End | Self::Cancel | Self::Credit => 0,
            Self::Ping | Self::Pong => 64,
            _ => u32::MAX,
        }
    }
}

/// A frame's header, `!IBBHII`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Bytes that follow the header, extensions included.
    pub length: u32,
    /// What the frame is.
    pub kind: Kind,
    /// [`MORE`] and [`ONEWAY`].
    pub flags: u8,
    /// Bytes of extensions at the start of the payload.
    pub extension: u16,
    /// The call it belongs to; 0 for frames of the connection.
    pub call: u32,
    /// By kind: the method, a status code, a count.
    pub argument: u32,
}

/// What is wrong with a frame: the connection cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A kind under 128 that is not known.
    #[error("a frame is of kind {0}, which is not known and may not be skipped")]
    Kind(u8),
    /// A flag that this kind does not have.
    #[error("a {kind:?} frame has flags {flags:#04x}, which it may not have")]
    Flags {
        /// The frame.
        kind: Kind,
        /// All its flags.
        flags: u8,
    },
    /// A longer payload than was announced to the peer.
    #[error("a frame announces a payload of {length} bytes, and at most {limit} are accepted (Limits::frame)")]
    TooLong {
        /// What was announced in the header.
        length: u32,
        /// What is accepted.
        limit: u32,
    },
    /// A payload where there can be none, or a longer one than there can be.
    #[error("a {kind:?} frame has a payload of {length} bytes, which it may not have")]
    Payload {
        /// The frame.
        kind: Kind,
        /// Its payload.
        length: u32,
    },
    /// Extensions where there can be none, or more of them than payload.
    #[error(
        "a {kind:?} frame with a payload of {length} bytes has {extension} bytes of extensions, which it may not have"
    )]
    Extension {
        /// The frame.
        kind: Kind,
        /// Its payload.
        length: u32,
        /// Of which are extensions.
        extension: u16,
    },
    /// An id of a call on a frame of the connection, or none on a frame of a call.
    #[error("a {kind:?} frame names call {call}, which it may not")]
    Call {
        /// The frame.
        kind: Kind,
        /// The call.
        call: u32,
    },
    /// An argument that this kind may not have.
    #[error("a {kind:?} frame has argument {argument}, which it may not have")]
    Argument {
        /// The frame.
        kind: Kind,
        /// Its argument.
        argument: u32,
    },
    /// A part that is not the last carries nothing.
    #[error("a {0:?} frame says that more follows, but carries nothing itself")]
    EmptyPart(Kind),
}

impl Header {
    /// How many bytes it takes.
    pub const SIZE: usize = 16;

    /// A header with no flags and no extensions; the length is set when it is known.
    pub const fn new(kind: Kind, call: u32, argument: u32) -> Self {
        Self { length: 0, kind, flags: 0, extension: 0, call, argument }
    }

    /// Whether the message goes on in a later frame.
    pub const fn has_more(&self) -> bool {
        self.flags & MORE != 0
    }

    /// Whether nothing comes back.
    pub const fn is_oneway(&self) -> bool {
        self.flags & ONEWAY != 0
    }

    /// The bytes that travel.
    pub fn encode(&self) -> [u8; Self::SIZE] {
        let mut bytes = [0; Self::SIZE];
        BigEndian::write_u32(&mut bytes[0..4], self.length);
        bytes[4] = self.kind.number();
        bytes[5] = self.flags;
        BigEndian::write_u16(&mut bytes[6..8], self.extension);
        BigEndian::write_u32(&mut bytes[8..12], self.call);
        BigEndian::write_u32(&mut bytes[12..16], self.argument);
        bytes
    }

    /// Reads a header, and checks all that can be told from it alone.
    ///
    /// # Errors
    ///
    /// When a rule of the format is broken, or the payload is over `limit` bytes.
    pub fn decode(bytes: &[u8; Self::SIZE], limit: u32) -> Result<Self, Malformed> {
        let header = Self {
            length: BigEndian::read_u32(&bytes[0..4]),
            kind: Kind::from_number(bytes[4]).ok_or(Malformed::Kind(bytes[4]))?,
            flags: bytes[5],
            extension: BigEndian::read_u16(&bytes[6..8]),
            call: BigEndian::read_u32(&bytes[8..12]),
            argument: BigEndian::read_u32(&bytes[12..16]),
        };
        if header.length > limit {
            return Err(Malformed::TooLong { length: header.length, limit });
        }
        if let Kind::Skipped(_) = header.kind { Ok(header) } else { header.check() }
    }

    fn check(self) -> Result<Self, Malformed> {
        let Self { length, kind, flags, extension, call, argument } = self;
        if flags & !kind.flags() != 0 {
            return Err(Malformed::Flags { kind, flags });
        }
        if length > kind.most_payload() {
            return Err(Malformed::Payload { kind, length });
        }
        if u32::from(extension) > length || (extension > 0 && !kind.takes_extensions()) {
            return Err(Malformed::Extension { kind, length, extension });
        }
        if kind.is_of_connection() != (call == 0) {
            return Err(Malformed::Call { kind, call });
        }
        if !kind.takes_argument(argument) {
            return Err(Malformed::Argument { kind, argument });
        }
        if self.has_more() && length == u32::from(extension) {
            return Err(Malformed::EmptyPart(kind));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: Header = Header { length: 12, kind: Kind::Call, flags: 0, extension: 0, call: 1, argument: 7 };

    /// R9: sixteen bytes.
    #[test]
    fn a_header_survives_the_wire() {
        for number in (1..=10).chain([128, 255]) {
            let kind = Kind::from_number(number).expect("a kind");
            assert_eq!(kind.number(), number);
            let call = u32::from(!kind.is_of_connection());
            let argument = u32::from(kind.takes_argument(1));
            let header = Header { length: 0, kind, call, argument, ..CALL };
            assert_eq!(Header::decode(&header.encode(), 64), Ok(header));
        }
    }

    /// R10: whatever breaks the tables.
    #[test]
    fn what_a_kind_may_not_have_is_refused() {
        let cases = [
            (Header { length: 65, ..CALL }, Malformed::TooLong { length: 65, limit: 64 }),
            (Header { flags: 4, ..CALL }, Malformed::Flags { kind: Kind::Call, flags: 4 }),
            (Header { kind: Kind::Reply, flags: ONEWAY, ..CALL }, Malformed::Flags { kind: Kind::Reply, flags: 2 }),
            (Header { kind: Kind::End, ..CALL }, Malformed::Payload { kind: Kind::End, length: 12 }),
            (Header { extension: 13, ..CALL }, Malformed::Extension { kind: Kind::Call, length: 12, extension: 13 }),
            (
                Header { kind: Kind::Item, extension: 1, ..CALL },
                Malformed::Extension { kind: Kind::Item, length: 12, extension: 1 },
            ),
            (Header { kind: Kind::Reply, ..CALL }, Malformed::Argument { kind: Kind::Reply, argument: 7 }),
            (Header { call: 0, ..CALL }, Malformed::Call { kind: Kind::Call, call: 0 }),
            (Header { kind: Kind::Ping, ..CALL }, Malformed::Call { kind: Kind::Ping, call: 1 }),
            (Header { flags: MORE, extension: 12, ..CALL }, Malformed::EmptyPart(Kind::Call)),
        ];
        for (header, malformed) in cases {
            assert_eq!(Header::decode(&header.encode(), 64), Err(malformed));
        }
    }

    /// R11: hints are skipped.
    #[test]
    fn unknown_kinds_are_malformed_below_128_and_skipped_above() {
        let mut bytes = CALL.encode();
        bytes[4] = 11;
        assert_eq!(Header::decode(&bytes, 64), Err(Malformed::Kind(11)));
        bytes[4] = 200;
        bytes[5] = 0xff;
        assert_eq!(Header::decode(&bytes, 64).map(|header| header.kind), Ok(Kind::Skipped(200)));
    }
}
