//! Tables, unions and flags as the compiler generates them, written by hand.

use std::ops::Not as _;
use std::time::{Duration, SystemTime};

use rpcgen_runtime::stub::{self, At as _};

use super::types::{Level, Op, Problem};

/// `table Profile { name @1: string<64>, email @2: string?, age @3: u32 = 18, tags @5: list<string<32>, 16> }`
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) age: u32,
    pub(crate) tags: Vec<String>,
}

impl Default for Profile {
    fn default() -> Self {
        Self { name: String::new(), email: None, age: 18, tags: Vec::new() }
    }
}

impl stub::Pack for Profile {
    fn pack(&self, out: &mut stub::Packer<'_>) -> Result<(), stub::PackError> {
        out.table(|fields| {
            fields.string(1, &self.name, 64).at("name")?;
            if let Some(email) = &self.email {
                fields.string(2, email, stub::UNBOUNDED).at("email")?;
            }
            fields.fixed(3, &self.age).at("age")?;
            fields.value(5, |out| out.list(&self.tags, 16, |out, item| out.string(item, 32))).at("tags")
        })
    }
}

impl<'a> stub::Unpack<'a> for Profile {
    const MIN_SIZE: usize = 4;

    fn unpack(input: &mut stub::Unpacker<'a>) -> Result<Self, stub::UnpackError> {
        input.table(|fields| {
            Ok(Self {
                name: fields.string(1, 64).at("name")?.unwrap_or_default(),
                email: fields.string(2, stub::UNBOUNDED).at("email")?,
                age: fields.fixed(3).at("age")?.unwrap_or(18),
                tags: fields
                    .value(5, |input| input.list(16, 4, |input| input.string(32)))
                    .at("tags")?
                    .unwrap_or_default(),
            })
        })
    }
}

/// `flags Access: u32 { Read = 1, Write = 2 }`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Access(pub(crate) u32);

impl stub::Fixed for Access {
    const SIZE: usize = 4;

    #[inline]
    fn put(&self, out: &mut stub::FixedOut<'_>) -> Result<(), stub::PackError> {
        self.0.put(out)
    }

    #[inline]
    fn get(input: &mut stub::FixedIn<'_>) -> Result<Self, stub::UnpackError> {
        u32::get(input).map(Self)
    }
}

/// `closed flags Mode: u8 { Fast = 1, Safe = 2 }`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Mode(u8);

impl Mode {
    const ALL: u8 = 3;
}

impl TryFrom<u8> for Mode {
    type Error = stub::UnknownBits;

    fn try_from(bits: u8) -> Result<Self, Self::Error> {
        match bits & Self::ALL.not() {
            0 => Ok(Self(bits)),
            unknown => Err(stub::UnknownBits::new("Mode", unknown.into())),
        }
    }
}

impl stub::Fixed for Mode {
    const SIZE: usize = 1;

    #[inline]
    fn put(&self, out: &mut stub::FixedOut<'_>) -> Result<(), stub::PackError> {
        self.0.put(out)
    }

    #[inline]
    fn get(input: &mut stub::FixedIn<'_>) -> Result<Self, stub::UnpackError> {
        Self::try_from(u8::get(input)?).map_err(stub::UnpackError::from)
    }
}

/// `closed union Key { id @1: u64, name @2: string<32>, nothing @3 }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    Id(u64),
    Name(String),
    Nothing,
}

impl stub::Pack for Key {
    fn pack(&self, out: &mut stub::Packer<'_>) -> Result<(), stub::PackError> {
        match self {
            Self::Id(value) => out.closed_variant(1, |out| out.fixed(value)).at("id"),
            Self::Name(value) => out.closed_variant(2, |out| out.string(value, 32)).at("name"),
            Self::Nothing => out.closed_variant(3, |_| Ok(())).at("nothing"),
        }
    }
}

impl<'a> stub::Unpack<'a> for Key {
    const MIN_SIZE: usize = 2;

    fn unpack(input: &mut stub::Unpacker<'a>) -> Result<Self, stub::UnpackError> {
        input.closed_variant(|ordinal, input| match ordinal {
            1 => Ok(Self::Id(input.fixed().at("id")?)),
            2 => Ok(Self::Name(input.string(32).at("name")?)),
            3 => Ok(Self::Nothing),
            _ => Err(input.unknown_ordinal("Key", ordinal)),
        })
    }
}

/// A table with every kind of field, at ordinals of every length; it contains itself.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Everything {
    pub(crate) flag: bool,
    pub(crate) op: Option<Op>,
    pub(crate) level: Option<Level>,
    pub(crate) access: Access,
    pub(crate) mode: Mode,
    pub(crate) photo: Vec<u8>,
    pub(crate) point: Option<[u16; 3]>,
    pub(crate) key: Option<Key>,
    pub(crate) problem: Option<Problem>,
    pub(crate) next: Option<Box<Everything>>,
    pub(crate) weights: Vec<f32>,
    pub(crate) at: SystemTime,
    pub(crate) took: Option<Duration>,
}

impl stub::Pack for Everything {
    fn pack(&self, out: &mut stub::Packer<'_>) -> Result<(), stub::PackError> {
        out.table(|fields| {
            fields.fixed(1, &self.flag).at("flag")?;
            if let Some(op) = &self.op {
                fields.fixed(2, op).at("op")?;
            }
            if let Some(level) = &self.level {
                fields.fixed(3, level).at("level")?;
            }
            fields.fixed(4, &self.access).at("access")?;
            fields.fixed(6, &self.mode).at("mode")?;
            fields.bytes(7, &self.photo, 8).at("photo")?;
            if let Some(point) = &self.point {
                fields.value(8, |out| out.fixed(point)).at("point")?;
            }
            if let Some(key) = &self.key {
                fields.value(9, |out| out.value(key)).at("key")?;
            }
            if let Some(problem) = &self.problem {
                fields.value(31, |out| out.value(problem)).at("problem")?;
            }
            if let Some(next) = &self.next {
                fields.value(32, |out| out.value(&**next)).at("next")?;
            }
            fields.value(300, |out| out.fixed_list(&self.weights, 64)).at("weights")?;
            fields.fixed(8190, &self.at).at("at")?;
            if let Some(took) = &self.took {
                fields.fixed(8191, took).at("took")?;
            }
            Ok(())
        })
    }
}

impl<'a> stub::Unpack<'a> for Everything {
    const MIN_SIZE: usize = 4;

    fn unpack(input: &mut stub::Unpacker<'a>) -> Result<Self, stub::UnpackError> {
        input.table(|fields| {
            Ok(Self {
                flag: fields.fixed(1).at("flag")?.unwrap_or_default(),
                op: fields.fixed(2).at("op")?,
                level: fields.fixed(3).at("level")?,
                access: fields.fixed(4).at("access")?.unwrap_or_default(),
                mode: fields.fixed(6).at("mode")?.unwrap_or_default(),
                photo: fields.bytes(7, 8).at("photo")?.unwrap_or_default(),
                point: fields.value(8, stub::Unpacker::fixed).at("point")?,
                key: fields.value(9, stub::Unpacker::value).at("key")?,
                problem: fields.value(31, stub::Unpacker::value).at("problem")?,
                next: fields.value(32, stub::Unpacker::boxed).at("next")?,
                weights: fields.value(300, |input| input.fixed_list(64)).at("weights")?.unwrap_or_default(),
                at: fields.fixed(8190).at("at")?.unwrap_or(SystemTime::UNIX_EPOCH),
                took: fields.fixed(8191).at("took")?,
            })
        })
    }
}
