//! What a newer version of an interface sent and this one does not know.

/// A number that stands for nothing in a closed enum.
///
/// ```
/// # use rpcgen_runtime::pack::UnknownValue;
/// let unknown = UnknownValue::new("Bit", 7);
/// assert_eq!(unknown.to_string(), "7 is no value of Bit");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{value} is no value of {type_name}")]
pub struct UnknownValue {
    type_name: &'static str,
    value: i128,
}

impl UnknownValue {
    /// `value` stands for nothing in the enum `type_name`.
    pub const fn new(type_name: &'static str, value: i128) -> Self {
        Self { type_name, value }
    }

    /// The enum's name in the interface.
    pub const fn type_name(&self) -> &'static str {
        self.type_name
    }

    /// The number.
    pub const fn value(&self) -> i128 {
        self.value
    }
}

/// Bits that stand for nothing in closed flags.
///
/// ```
/// # use rpcgen_runtime::pack::UnknownBits;
/// let unknown = UnknownBits::new("Access", 0x18);
/// assert_eq!(unknown.to_string(), "Access has no bits 0x18");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{type_name} has no bits {bits:#x}")]
pub struct UnknownBits {
    type_name: &'static str,
    bits: u64,
}

impl UnknownBits {
    /// `bits`, of which none is known, stand for nothing in the flags `type_name`.
    pub const fn new(type_name: &'static str, bits: u64) -> Self {
        Self { type_name, bits }
    }

    /// The flags' name in the interface.
    pub const fn type_name(&self) -> &'static str {
        self.type_name
    }

    /// The bits that are unknown, and no others.
    pub const fn bits(&self) -> u64 {
        self.bits
    }
}

/// A variant of an error or an open union that this version of the interface does not know, with its bytes, so that it
/// can be sent on unchanged.
///
/// Only [`Unpacker::unknown_variant`](super::Unpacker::unknown_variant) makes one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownVariant {
    ordinal: u16,
    bytes: Box<[u8]>,
}

impl UnknownVariant {
    /// A variant and its packed value.
    pub(super) fn new(ordinal: u16, bytes: &[u8]) -> Self {
        Self { ordinal, bytes: bytes.into() }
    }

    /// The variant's ordinal.
    pub const fn ordinal(&self) -> u16 {
        self.ordinal
    }

    /// The variant's packed value.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
