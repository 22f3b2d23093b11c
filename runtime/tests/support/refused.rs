//! An error that an interface declares, written as generated code would be.

use rpcgen_runtime::stub::{DeclaredError, Pack, PackError, Packer, Unpack, UnpackError, Unpacker};

/// The one error that is declared.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused;

impl Pack for Refused {
    fn pack(&self, out: &mut Packer<'_>) -> Result<(), PackError> {
        out.fixed(&1_u16)?;
        out.fixed(&0_u32)
    }
}

impl Unpack<'_> for Refused {
    const MIN_SIZE: usize = 6;

    fn unpack(input: &mut Unpacker<'_>) -> Result<Self, UnpackError> {
        let _ordinal = input.fixed::<u16>()?;
        input.fixed::<u32>().map(|_| Self)
    }
}

impl DeclaredError for Refused {
    fn unknown_ordinal(&self) -> Option<u16> {
        None
    }
}
