//! Errors of packing and unpacking: one word in size, with the path of the field and the offset of the byte.

use std::fmt::{self, Display, Formatter};

use super::path::{Path, Segment};
use super::{PackErrorKind, UnknownBits, UnknownValue, UnpackErrorKind};

/// A value that cannot be packed: [what is wrong](PackErrorKind) and [where](Path).
///
/// ```
/// use rpcgen_runtime::pack::{At as _, PackLimits, Packer};
///
/// let mut bytes = Vec::new();
/// let mut out = Packer::new(&mut bytes, &PackLimits::default());
/// let error = out.list(&["ok", "long"], 16, |out, item| out.string(item, 3)).at("tags").unwrap_err();
/// assert_eq!(error.to_string(), "tags[1]: 4 bytes where at most 3 are allowed");
/// ```
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct PackError(Box<PackFault>);

#[derive(Debug, thiserror::Error)]
#[error("{}{kind}", Prefix(path))]
struct PackFault {
    kind: PackErrorKind,
    path: Path,
}

impl PackError {
    /// What is wrong.
    pub fn kind(&self) -> &PackErrorKind {
        &self.0.kind
    }

    /// Where it is wrong.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Puts a step before the path, as the error leaves a part of a value.
    #[cold]
    pub(super) fn within(mut self, segment: Segment) -> Self {
        self.0.path.wrap(segment);
        self
    }
}

impl From<PackErrorKind> for PackError {
    #[cold]
    fn from(kind: PackErrorKind) -> Self {
        Self(Box::new(PackFault { kind, path: Path::default() }))
    }
}

/// Bytes that cannot be unpacked: [what is wrong](UnpackErrorKind), [where](Path), and at which byte.
///
/// ```
/// use rpcgen_runtime::pack::{At as _, UnpackLimits, Unpacker};
///
/// let bytes = b"\0\0\0\x02\0\0\0\x02ok\0\0\0\x28 ...";
/// let mut input = Unpacker::new(bytes, &UnpackLimits::default());
/// let error = input.list(16, 4, |input| input.string(32)).at("tags").unwrap_err();
/// assert_eq!(error.to_string(), "tags[1]: 40 bytes where at most 32 are allowed (at byte 10)");
/// assert!(!error.is_memory_limit());
/// ```
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct UnpackError(Box<UnpackFault>);

#[derive(Debug, thiserror::Error)]
#[error("{}{kind} (at byte {offset})", Prefix(path))]
struct UnpackFault {
    kind: UnpackErrorKind,
    path: Path,
    offset: usize,
}

impl UnpackError {
    /// What is wrong.
    pub fn kind(&self) -> &UnpackErrorKind {
        &self.0.kind
    }

    /// Where it is wrong.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Where the wrong value begins: bytes from the first packed value on.
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// Whether the message is larger than this side takes (`ResourceExhausted`), not malformed (`InvalidArgument`).
    pub fn is_memory_limit(&self) -> bool {
        matches!(self.0.kind, UnpackErrorKind::Memory { .. })
    }

    /// What is wrong with the value that begins at `offset`.
    #[cold]
    pub(super) fn new(kind: UnpackErrorKind, offset: usize) -> Self {
        Self(Box::new(UnpackFault { kind, path: Path::default(), offset }))
    }

    /// Adds what lies before the bytes that the offset was counted from.
    #[cold]
    pub(super) fn shift(mut self, bytes: usize) -> Self {
        self.0.offset += bytes;
        self
    }

    /// Puts a step before the path, as the error leaves a part of a value.
    #[cold]
    pub(super) fn within(mut self, segment: Segment) -> Self {
        self.0.path.wrap(segment);
        self
    }
}

impl From<UnpackErrorKind> for UnpackError {
    /// With offset 0: who knows the offset adds it.
    #[cold]
    fn from(kind: UnpackErrorKind) -> Self {
        Self::new(kind, 0)
    }
}

impl From<UnknownValue> for UnpackError {
    #[cold]
    fn from(value: UnknownValue) -> Self {
        UnpackErrorKind::from(value).into()
    }
}

impl From<UnknownBits> for UnpackError {
    #[cold]
    fn from(bits: UnknownBits) -> Self {
        UnpackErrorKind::from(bits).into()
    }
}

/// Adds the name of a field to the path of an error that passes through.
///
/// ```
/// use rpcgen_runtime::pack::{At as _, UnpackError, UnpackLimits, Unpacker};
///
/// let truth: Result<bool, UnpackError> = Unpacker::new(&[2], &UnpackLimits::default()).fixed();
/// let error = truth.at("paid").at("order").unwrap_err();
/// assert_eq!(error.to_string(), "order.paid: 2 is neither 0 (false) nor 1 (true) (at byte 0)");
/// ```
pub trait At {
    /// Says that an error lies within `field`.
    #[must_use]
    fn at(self, field: &'static str) -> Self;
}

impl<T> At for Result<T, PackError> {
    #[inline]
    fn at(self, field: &'static str) -> Self {
        self.map_err(|error| error.within(Segment::Field(field)))
    }
}

impl<T> At for Result<T, UnpackError> {
    #[inline]
    fn at(self, field: &'static str) -> Self {
        self.map_err(|error| error.within(Segment::Field(field)))
    }
}

/// A path and a colon, or nothing where the value as a whole is meant.
struct Prefix<'a>(&'a Path);

impl Display for Prefix<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "{}: ", self.0) }
    }
}
