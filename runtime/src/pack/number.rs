//! Numbers and truth values.

use byteorder::{BigEndian, ByteOrder as _};

use super::path::Segment;
use super::{Fixed, FixedIn, FixedOut, PackError, UnpackError, UnpackErrorKind};

/// How many bytes of a list are turned at once, with one check of the room in `out`: a line of the processor's cache.
const BLOCK: usize = 64;

/// Numbers of several bytes, by the functions of `byteorder` that write and read one and many.
macro_rules! number {
    ($($type:ident $write:ident $read:ident $write_into:ident $read_into:ident;)*) => {$(
        impl Fixed for $type {
            const SIZE: usize = size_of::<Self>();

            #[inline]
            fn put(&self, out: &mut FixedOut<'_>) -> Result<(), PackError> {
                let mut bytes = [0; Self::SIZE];
                BigEndian::$write(&mut bytes, *self);
                out.write(bytes);
                Ok(())
            }

            #[inline]
            fn get(input: &mut FixedIn<'_>) -> Result<Self, UnpackError> {
                Ok(Self::from_be_bytes(input.read()))
            }

            #[inline]
            fn put_array<const N: usize>(items: &[Self; N], out: &mut FixedOut<'_>) -> Result<(), PackError> {
                if let Some(bytes) = out.slice(N * Self::SIZE) {
                    BigEndian::$write_into(items, bytes);
                }
                Ok(())
            }

            #[inline]
            fn get_array<const N: usize>(input: &mut FixedIn<'_>) -> Result<[Self; N], UnpackError> {
                let mut items = [Self::default(); N];
                if let Some(bytes) = input.slice(N * Self::SIZE) {
                    BigEndian::$read_into(bytes, &mut items);
                }
                Ok(items)
            }

            #[inline]
            fn assign_array<const N: usize>(items: &mut [Self; N], input: &mut FixedIn<'_>) -> Result<(), UnpackError> {
                if let Some(bytes) = input.slice(N * Self::SIZE) {
                    BigEndian::$read_into(bytes, items);
                }
                Ok(())
            }

            #[inline(always)]
            fn put_list(items: &[Self], out: &mut Vec<u8>) -> Result<(), PackError> {
                let (blocks, rest) = items.as_chunks::<{ BLOCK / Self::SIZE }>();
                for block in blocks {
                    let mut bytes = [0; BLOCK];
                    BigEndian::$write_into(block, &mut bytes);
                    out.extend_from_slice(&bytes);
                }
                for item in rest {
                    out.extend_from_slice(&item.to_be_bytes());
                }
                Ok(())
            }

            #[inline(always)]
            fn get_list(bytes: &[u8], items: &mut Vec<Self>) -> Result<(), UnpackError> {
                let (numbers, _) = bytes.as_chunks::<{ Self::SIZE }>();
                items.extend(numbers.iter().map(|number| Self::from_be_bytes(*number)));
                Ok(())
            }
        }
    )*};
}

number! {
    u16 write_u16 read_u16 write_u16_into read_u16_into;
    u32 write_u32 read_u32 write_u32_into read_u32_into;
    u64 write_u64 read_u64 write_u64_into read_u64_into;
    i16 write_i16 read_i16 write_i16_into read_i16_into;
    i32 write_i32 read_i32 write_i32_into read_i32_into;
    i64 write_i64 read_i64 write_i64_into read_i64_into;
    f32 write_f32 read_f32 write_f32_into read_f32_into;
    f64 write_f64 read_f64 write_f64_into read_f64_into;
}

impl Fixed for u8 {
    const SIZE: usize = 1;

    #[inline]
    fn put(&self, out: &mut FixedOut<'_>) -> Result<(), PackError> {
        out.write([*self]);
        Ok(())
    }

    #[inline]
    fn get(input: &mut FixedIn<'_>) -> Result<Self, UnpackError> {
        let [byte] = input.read();
        Ok(byte)
    }

    #[inline]
    fn put_array<const N: usize>(items: &[Self; N], out: &mut FixedOut<'_>) -> Result<(), PackError> {
        out.write(*items);
        Ok(())
    }

    #[inline]
    fn get_array<const N: usize>(input: &mut FixedIn<'_>) -> Result<[Self; N], UnpackError> {
        Ok(input.read())
    }

    #[inline]
    fn assign_array<const N: usize>(items: &mut [Self; N], input: &mut FixedIn<'_>) -> Result<(), UnpackError> {
        *items = input.read();
        Ok(())
    }

    #[inline]
    fn put_list(items: &[Self], out: &mut Vec<u8>) -> Result<(), PackError> {
        out.extend_from_slice(items);
        Ok(())
    }

    #[inline]
    fn get_list(bytes: &[u8], items: &mut Vec<Self>) -> Result<(), UnpackError> {
        items.extend_from_slice(bytes);
        Ok(())
    }
}

impl Fixed for i8 {
    const SIZE: usize = 1;

    #[inline]
    fn put(&self, out: &mut FixedOut<'_>) -> Result<(), PackError> {
        self.cast_unsigned().put(out)
    }

    #[inline]
    fn get(input: &mut FixedIn<'_>) -> Result<Self, UnpackError> {
        u8::get(input).map(u8::cast_signed)
    }

    #[inline]
    fn put_array<const N: usize>(items: &[Self; N], out: &mut FixedOut<'_>) -> Result<(), PackError> {
        out.write(items.map(Self::cast_unsigned));
        Ok(())
    }

    #[inline]
    fn get_array<const N: usize>(input: &mut FixedIn<'_>) -> Result<[Self; N], UnpackError> {
        Ok(input.read().map(u8::cast_signed))
    }

    #[inline]
    fn put_list(items: &[Self], out: &mut Vec<u8>) -> Result<(), PackError> {
        out.extend(items.iter().map(|item| item.cast_unsigned()));
        Ok(())
    }

    #[inline]
    fn get_list(bytes: &[u8], items: &mut Vec<Self>) -> Result<(), UnpackError> {
        items.extend(bytes.iter().map(|byte| byte.cast_signed()));
        Ok(())
    }
}

impl Fixed for bool {
    const SIZE: usize = 1;

    #[inline]
    fn put(&self, out: &mut FixedOut<'_>) -> Result<(), PackError> {
        u8::from(*self).put(out)
    }

    #[inline]
    fn get(input: &mut FixedIn<'_>) -> Result<Self, UnpackError> {
        match u8::get(input)? {
            0 => Ok(false),
            1 => Ok(true),
            value => Err(UnpackErrorKind::NotBool { value }.into()),
        }
    }

    #[inline]
    fn put_list(items: &[Self], out: &mut Vec<u8>) -> Result<(), PackError> {
        out.extend(items.iter().map(|item| u8::from(*item)));
        Ok(())
    }

    #[inline]
    fn get_list(bytes: &[u8], items: &mut Vec<Self>) -> Result<(), UnpackError> {
        // One look at all of them together is many times faster than one at each.
        if bytes.iter().fold(0, |all, byte| all | byte) > 1 {
            return Err(not_bool(bytes));
        }
        items.extend(bytes.iter().map(|byte| *byte == 1));
        Ok(())
    }
}

/// The first of `bytes` that is no truth value.
#[cold]
fn not_bool(bytes: &[u8]) -> UnpackError {
    let first = bytes.iter().copied().enumerate().find(|(_, value)| *value > 1);
    let (index, value) = first.unwrap_or_default();
    UnpackError::new(UnpackErrorKind::NotBool { value }, index).within(Segment::Index(index))
}
