//! What can be wrong with a value: the kinds of errors, and their words.

use std::fmt::{self, Display, Formatter};

use super::table::ShownClass;
use super::{UnknownBits, UnknownValue};

/// What a size or a bound counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// The bytes of a string, of bytes, or of the value of a variant or a table's field.
    Bytes,
    /// The elements of a list.
    Elements,
    /// The pairs of a map.
    Pairs,
}

impl Display for Unit {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::Elements => "elements",
            Self::Pairs => "pairs",
        })
    }
}

/// Why a value cannot be packed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackErrorKind {
    /// A string, list or map is larger than its bound.
    #[error("{size} {unit} where at most {bound} are allowed")]
    TooLong {
        /// What is counted.
        unit: Unit,
        /// How many there are.
        size: usize,
        /// How many there may be.
        bound: u32,
    },
    /// The value nests too deep.
    #[error("nested deeper than {limit} levels (Limits::nesting)")]
    TooDeep {
        /// The levels allowed.
        limit: u32,
    },
    /// A point in time that an `i64` of nanoseconds since the Unix epoch cannot tell.
    #[error("a time outside of the years 1677 to 2262: its nanoseconds since 1970 do not fit in 64 bits")]
    TimeTooFar,
    /// A duration that a `u64` of nanoseconds cannot tell.
    #[error("a duration of {seconds} s is too long: its nanoseconds do not fit in 64 bits")]
    DurationTooLong {
        /// Its whole seconds.
        seconds: u64,
    },
    /// An implementation of `Fixed` wrote another number of bytes than its `SIZE`: a mistake in the program.
    #[error("the implementation of Fixed and its SIZE disagree")]
    WrongSize,
    /// What is sent on as it was received breaks a rule of the type that it is sent as: that one's bounds are others.
    #[error("what was received may not be sent here: {why}")]
    InPlace {
        /// Which rule, and where.
        why: String,
    },
}

/// Why bytes cannot be unpacked.
///
/// All kinds but [`Memory`](Self::Memory) say that the sender broke the rules; that one says that this side takes no
/// more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnpackErrorKind {
    /// The bytes end within a value.
    #[error("{needed} bytes are needed where {left} are left")]
    Truncated {
        /// The bytes that the value takes.
        needed: usize,
        /// The bytes that are there.
        left: usize,
    },
    /// A string, list or map is larger than its bound.
    #[error("{size} {unit} where at most {bound} are allowed")]
    TooLong {
        /// What is counted.
        unit: Unit,
        /// How many are announced.
        size: u32,
        /// How many there may be.
        bound: u32,
    },
    /// More elements or pairs are announced than the bytes that are left can hold.
    #[error("{count} {unit} of at least {least} bytes each are announced where {left} bytes are left")]
    TooFewBytes {
        /// What is counted.
        unit: Unit,
        /// How many are announced.
        count: u32,
        /// The fewest bytes that one takes.
        least: usize,
        /// The bytes that are there.
        left: usize,
    },
    /// Elements that take no bytes: a count of them would cost nothing to send and much to read.
    #[error("{unit} that take no bytes are not allowed")]
    NoSize {
        /// What is counted.
        unit: Unit,
    },
    /// The value nests too deep.
    #[error("nested deeper than {limit} levels (Limits::nesting)")]
    TooDeep {
        /// The levels allowed.
        limit: u32,
    },
    /// The message would unpack to more memory than is allowed.
    #[error(
        "{needed} bytes of memory are needed where {left} are left of the {limit} that one message may unpack to \
         (Limits::unpacked)"
    )]
    Memory {
        /// The bytes that would be reserved now.
        needed: u64,
        /// The bytes left of the limit.
        left: usize,
        /// The limit.
        limit: usize,
    },
    /// A byte that stands for a truth value and is neither 0 nor 1.
    #[error("{value} is neither 0 (false) nor 1 (true)")]
    NotBool {
        /// The byte.
        value: u8,
    },
    /// A byte that says whether a value follows and is neither 0 nor 1.
    #[error("{value} is neither 0 (no value) nor 1 (a value follows)")]
    NotOption {
        /// The byte.
        value: u8,
    },
    /// A string that is not UTF-8.
    #[error("the string is not UTF-8 from its byte {valid_up_to} on")]
    NotUtf8 {
        /// How many bytes of the string are UTF-8.
        valid_up_to: usize,
    },
    /// A number that stands for nothing in a closed enum.
    #[error(transparent)]
    UnknownValue(#[from] UnknownValue),
    /// Bits that stand for nothing in closed flags.
    #[error(transparent)]
    UnknownBits(#[from] UnknownBits),
    /// An ordinal that stands for nothing in a closed union.
    #[error("@{ordinal} is no variant of {type_name}")]
    UnknownOrdinal {
        /// The union's name in the interface.
        type_name: &'static str,
        /// The ordinal.
        ordinal: u16,
    },
    /// A number that no field and no variant can have.
    #[error("{ordinal} is no ordinal: they are 1 to 8191")]
    NoOrdinal {
        /// The number.
        ordinal: u16,
    },
    /// A point in time that this system's clock cannot tell.
    #[error("this system cannot tell the time {nanoseconds} ns from 1970")]
    TimeTooFar {
        /// Nanoseconds since the Unix epoch.
        nanoseconds: i64,
    },
    /// A map's key is below the one before it.
    #[error("the key is below the one before it: keys ascend")]
    KeyOrder,
    /// A map's key is there twice.
    #[error("the key is there twice")]
    KeyDoubled,
    /// A variant's value takes fewer bytes than its length announces.
    #[error("{left} bytes are left over of the {length} announced for the variant")]
    VariantTooLong {
        /// The bytes left over.
        left: usize,
        /// The bytes announced.
        length: usize,
    },
    /// A table's field is below the one before it.
    #[error("field @{ordinal} comes behind field @{last}: they ascend")]
    FieldOrder {
        /// The field's ordinal.
        ordinal: u16,
        /// The ordinal of the one before it.
        last: u16,
    },
    /// A table's field is there twice.
    #[error("field @{ordinal} is there twice")]
    FieldDoubled {
        /// The field's ordinal.
        ordinal: u16,
    },
    /// A table's field, known or not, has a class that means nothing.
    #[error("field @{ordinal} has class {class}: classes are 0 to 4")]
    ReservedClass {
        /// The field's ordinal.
        ordinal: u16,
        /// The class, 5 to 7.
        class: u8,
    },
    /// A table's field came with another class than its type has.
    #[error("{} came where {} is expected: the sender has another type for this field", ShownClass(*.class), ShownClass(*.expected))]
    WrongClass {
        /// The class that came.
        class: u8,
        /// The class of the type.
        expected: u8,
    },
    /// The value of a table's field takes fewer bytes than its length announces.
    #[error("{left} bytes are left over of the {length} announced for the field")]
    FieldTooLong {
        /// The bytes left over.
        left: usize,
        /// The bytes announced.
        length: usize,
    },
    /// Bytes follow the last value.
    #[error("{left} bytes follow the last value")]
    Trailing {
        /// How many.
        left: usize,
    },
    /// An implementation of `Fixed` read another number of bytes than its `SIZE`: a mistake in the program.
    #[error("the implementation of Fixed and its SIZE disagree")]
    WrongSize,
}
