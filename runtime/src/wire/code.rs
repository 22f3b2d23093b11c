//! Status codes: gRPC's canonical sixteen, and one for two sides that disagree about a layout.

use std::fmt;

macro_rules! codes {
    ($($(#[$docs:meta])* $name:ident = $number:literal,)*) => {
        /// Why a call failed. The numbers are those of gRPC's canonical codes, and 17.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$docs])* $name = $number,)*
        }

        impl Code {
            /// Every code, by number.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code of this number; a number that is not known here counts as [`Code::Unknown`].
            pub const fn from_number(number: u32) -> Self {
                match number {
                    $($number => Self::$name,)*
                    _ => Self::Unknown,
                }
            }

            /// The name, as in `DeadlineExceeded`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }
        }
    };
}

codes! {
    /// The caller lost interest.
    Cancelled = 1,
    /// Something that no other code says.
    Unknown = 2,
    /// The arguments cannot be right, whatever the state of the server.
    InvalidArgument = 3,
    /// The time for the call was over before it was done.
    DeadlineExceeded = 4,
    /// Something asked for is not there.
    NotFound = 5,
    /// Something to be made is already there.
    AlreadyExists = 6,
    /// The caller may not do this.
    PermissionDenied = 7,
    /// A limit or a quota is used up.
    ResourceExhausted = 8,
    /// The server is not in the state that the call needs.
    FailedPrecondition = 9,
    /// The call lost a race; trying again from the start may help.
    Aborted = 10,
    /// Past the end of something.
    OutOfRange = 11,
    /// The server has no such method.
    Unimplemented = 12,
    /// A bug: something that must hold does not.
    Internal = 13,
    /// The server cannot be reached now; trying again later may help.
    Unavailable = 14,
    /// Data is lost or damaged.
    DataLoss = 15,
    /// The caller did not say who it is.
    Unauthenticated = 16,
    /// Client and server disagree about the layout of the method's parameters or results.
    SchemaMismatch = 17,
}

impl Code {
    /// The number that travels.
    pub const fn number(self) -> u32 {
        self as u32
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn numbers_and_codes_are_one_to_one() {
        for (code, number) in Code::ALL.iter().zip(1..) {
            assert_eq!(code.number(), number);
            assert_eq!(Code::from_number(number), *code);
        }
        assert_eq!(Code::ALL.len(), 17);
        assert_eq!(Code::from_number(0), Code::Unknown);
        assert_eq!(Code::from_number(18), Code::Unknown);
    }
}
