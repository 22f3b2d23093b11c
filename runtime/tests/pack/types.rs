//! Types as the compiler generates them, written by hand.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use rpcgen_runtime::pack::{self as stub, At as _};

/// `enum Op: u8 { Add = 1, Subtract = 2 }`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Op {
    Add,
    Subtract,
    Unknown(UnknownOp),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct UnknownOp(u8);

impl Op {
    pub(crate) const fn value(self) -> u8 {
        match self {
            Self::Add => 1,
            Self::Subtract => 2,
            Self::Unknown(unknown) => unknown.0,
        }
    }
}

impl From<u8> for Op {
    fn from(value: u8) -> Self {
        match value {
            1 => Self::Add,
            2 => Self::Subtract,
            _ => Self::Unknown(UnknownOp(value)),
        }
    }
}

impl PartialOrd for Op {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Op {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.value().cmp(&other.value())
    }
}

impl stub::Fixed for Op {
    const SIZE: usize = 1;

    fn put(&self, out: &mut stub::FixedOut<'_>) -> Result<(), stub::PackError> {
        self.value().put(out)
    }

    fn get(input: &mut stub::FixedIn<'_>) -> Result<Self, stub::UnpackError> {
        Ok(Self::from(u8::get(input)?))
    }
}

/// `closed enum Level: i16 { Low = -5, High = 5 }`
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Level {
    Low,
    High,
}

impl Level {
    pub(crate) const fn value(self) -> i16 {
        match self {
            Self::Low => -5,
            Self::High => 5,
        }
    }
}

impl TryFrom<i16> for Level {
    type Error = stub::UnknownValue;

    fn try_from(value: i16) -> Result<Self, Self::Error> {
        match value {
            -5 => Ok(Self::Low),
            5 => Ok(Self::High),
            _ => Err(stub::UnknownValue::new("Level", i128::from(value))),
        }
    }
}

impl stub::Fixed for Level {
    const SIZE: usize = 2;

    fn put(&self, out: &mut stub::FixedOut<'_>) -> Result<(), stub::PackError> {
        self.value().put(out)
    }

    fn get(input: &mut stub::FixedIn<'_>) -> Result<Self, stub::UnpackError> {
        let value = i16::get(input)?;
        Self::try_from(value).map_err(stub::UnpackError::from)
    }
}

/// `struct Empty {}`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Empty {}

impl stub::Fixed for Empty {
    const SIZE: usize = 0;

    fn put(&self, _: &mut stub::FixedOut<'_>) -> Result<(), stub::PackError> {
        Ok(())
    }

    fn get(_: &mut stub::FixedIn<'_>) -> Result<Self, stub::UnpackError> {
        Ok(Self {})
    }
}

/// A struct of fixed size with every kind of field that it may have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sample {
    pub(crate) flag: bool,
    pub(crate) level: Level,
    pub(crate) op: Op,
    pub(crate) a: i8,
    pub(crate) b: u64,
    pub(crate) point: [f32; 3],
    pub(crate) bits: [bool; 5],
    pub(crate) levels: [Level; 2],
    pub(crate) empty: Empty,
    pub(crate) at: SystemTime,
    pub(crate) took: Duration,
}

impl stub::Fixed for Sample {
    const SIZE: usize = 50;

    #[inline]
    fn put(&self, out: &mut stub::FixedOut<'_>) -> Result<(), stub::PackError> {
        stub::Fixed::put(&self.flag, out).at("flag")?;
        stub::Fixed::put(&self.level, out).at("level")?;
        stub::Fixed::put(&self.op, out).at("op")?;
        stub::Fixed::put(&self.a, out).at("a")?;
        stub::Fixed::put(&self.b, out).at("b")?;
        stub::Fixed::put(&self.point, out).at("point")?;
        stub::Fixed::put(&self.bits, out).at("bits")?;
        stub::Fixed::put(&self.levels, out).at("levels")?;
        stub::Fixed::put(&self.empty, out).at("empty")?;
        stub::Fixed::put(&self.at, out).at("at")?;
        stub::Fixed::put(&self.took, out).at("took")
    }

    #[inline]
    fn get(input: &mut stub::FixedIn<'_>) -> Result<Self, stub::UnpackError> {
        Ok(Self {
            flag: stub::Fixed::get(input).at("flag")?,
            level: stub::Fixed::get(input).at("level")?,
            op: stub::Fixed::get(input).at("op")?,
            a: stub::Fixed::get(input).at("a")?,
            b: stub::Fixed::get(input).at("b")?,
            point: stub::Fixed::get(input).at("point")?,
            bits: stub::Fixed::get(input).at("bits")?,
            levels: stub::Fixed::get(input).at("levels")?,
            empty: stub::Fixed::get(input).at("empty")?,
            at: stub::Fixed::get(input).at("at")?,
            took: stub::Fixed::get(input).at("took")?,
        })
    }

    #[inline]
    fn assign(&mut self, input: &mut stub::FixedIn<'_>) -> Result<(), stub::UnpackError> {
        stub::Fixed::assign(&mut self.flag, input).at("flag")?;
        stub::Fixed::assign(&mut self.level, input).at("level")?;
        stub::Fixed::assign(&mut self.op, input).at("op")?;
        stub::Fixed::assign(&mut self.a, input).at("a")?;
        stub::Fixed::assign(&mut self.b, input).at("b")?;
        stub::Fixed::assign(&mut self.point, input).at("point")?;
        stub::Fixed::assign(&mut self.bits, input).at("bits")?;
        stub::Fixed::assign(&mut self.levels, input).at("levels")?;
        stub::Fixed::assign(&mut self.empty, input).at("empty")?;
        stub::Fixed::assign(&mut self.at, input).at("at")?;
        stub::Fixed::assign(&mut self.took, input).at("took")
    }
}

/// A struct of varying size with every kind of field; it contains itself in two ways.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Person {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) photo: Vec<u8>,
    pub(crate) tags: Vec<String>,
    pub(crate) samples: Vec<Sample>,
    pub(crate) weights: Vec<f32>,
    pub(crate) parent: Option<Box<Person>>,
    pub(crate) children: Vec<Person>,
    pub(crate) scores: BTreeMap<String, u32>,
    pub(crate) ops: BTreeMap<Op, Option<i64>>,
    pub(crate) lines: [String; 2],
    pub(crate) problem: Option<Problem>,
}

impl stub::Pack for Person {
    fn pack(&self, out: &mut stub::Packer<'_>) -> Result<(), stub::PackError> {
        out.fixed(&self.id).at("id")?;
        out.string(&self.name, 64).at("name")?;
        out.bytes(&self.photo, stub::UNBOUNDED).at("photo")?;
        out.list(&self.tags, 16, |out, item| out.string(item, 32)).at("tags")?;
        out.fixed_list(&self.samples, stub::UNBOUNDED).at("samples")?;
        out.fixed_list(&self.weights, 4096).at("weights")?;
        out.option(self.parent.as_ref(), |out, item| out.value(&**item)).at("parent")?;
        out.list(&self.children, stub::UNBOUNDED, stub::Packer::value).at("children")?;
        out.map(&self.scores, stub::UNBOUNDED, |out, key| out.string(key, 8), stub::Packer::fixed).at("scores")?;
        out.map(&self.ops, 8, stub::Packer::fixed, |out, value| out.option(*value, |out, item| out.fixed(&item)))
            .at("ops")?;
        out.array(&self.lines, |out, item| out.string(item, 80)).at("lines")?;
        out.option(self.problem.as_ref(), stub::Packer::value).at("problem")
    }
}

impl<'a> stub::Unpack<'a> for Person {
    const MIN_SIZE: usize = 50;

    fn unpack(input: &mut stub::Unpacker<'a>) -> Result<Self, stub::UnpackError> {
        Ok(Self {
            id: input.fixed().at("id")?,
            name: input.string(64).at("name")?,
            photo: input.bytes(stub::UNBOUNDED).at("photo")?,
            tags: input.list(16, 4, |input| input.string(32)).at("tags")?,
            samples: input.fixed_list(stub::UNBOUNDED).at("samples")?,
            weights: input.fixed_list(4096).at("weights")?,
            parent: input.option(|input| Ok(Box::new(input.value()?))).at("parent")?,
            children: input.list(stub::UNBOUNDED, 50, stub::Unpacker::value).at("children")?,
            scores: input.map(stub::UNBOUNDED, 8, |input| input.string(8), stub::Unpacker::fixed).at("scores")?,
            ops: input.map(8, 2, stub::Unpacker::fixed, |input| input.option(stub::Unpacker::fixed)).at("ops")?,
            lines: input.array(|input| input.string(80)).at("lines")?,
            problem: input.option(stub::Unpacker::value).at("problem")?,
        })
    }
}

/// `error Problem { Gone @1, Overflow @2 { bits: u32 }, Named @7: string<8> }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    Gone,
    Overflow { bits: u32 },
    Named(String),
    Unknown(UnknownProblem),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnknownProblem(pub(crate) stub::UnknownVariant);

impl stub::Pack for Problem {
    fn pack(&self, out: &mut stub::Packer<'_>) -> Result<(), stub::PackError> {
        match self {
            Self::Gone => out.variant(1, |_| Ok(())).at("Gone"),
            Self::Overflow { bits } => out.variant(2, |out| out.fixed(bits).at("bits")).at("Overflow"),
            Self::Named(name) => out.variant(7, |out| out.string(name, 8)).at("Named"),
            Self::Unknown(UnknownProblem(unknown)) => out.unknown_variant(unknown),
        }
    }
}

impl<'a> stub::Unpack<'a> for Problem {
    const MIN_SIZE: usize = 6;

    fn unpack(input: &mut stub::Unpacker<'a>) -> Result<Self, stub::UnpackError> {
        input.variant(|ordinal, input| {
            Ok(match ordinal {
                1 => Self::Gone,
                2 => Self::Overflow { bits: input.fixed().at("bits").at("Overflow")? },
                7 => Self::Named(input.string(8).at("Named")?),
                _ => Self::Unknown(UnknownProblem(input.unknown_variant(ordinal))),
            })
        })
    }
}
