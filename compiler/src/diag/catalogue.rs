//! The catalogue of codes. A number is never used for anything else: retired ones stay, marked so.
//!
//! Each code has a page in the folder `explain` of this crate. Without it, the crate does not compile.

/// Whether a finding stops the compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth a look; the output is still written.
    Warning,
    /// Nothing is written.
    Error,
}

macro_rules! catalogue {
    (@is_retired) => { false };
    (@is_retired retired) => { true };
    ($($name:ident = $number:literal $severity:ident $summary:literal $($retired:ident)?;)*) => {
        /// The kind of a finding; its number is stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $summary] $name,)*
        }

        impl Code {
            /// Every code, by number.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name people see, such as `RPC0012`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => concat!("RPC", $number)),* }
            }

            /// Whether it stops the compiler.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity),* }
            }

            /// Whether it is of an earlier compiler, and never reported any more.
            pub const fn is_retired(self) -> bool {
                match self { $(Self::$name => catalogue!(@is_retired $($retired)?)),* }
            }

            /// What it means, in one line.
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$name => $summary),* }
            }

            /// A page of Markdown: what it means, why it is reported, and what to do, with a wrong and a right example.
            pub const fn page(self) -> &'static str {
                match self {
                    $(Self::$name => include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/explain/RPC", $number, ".md")),)*
                }
            }
        }
    };
}

// 00 reading and syntax, 01 names and imports, 02 types, 03 constants and values, 04 members, 05 services, 06 numbers and Rust names, 07 annotations.
// What a change breaks, by level: 08 the wire, 09 the order of roll-out, 10 source code.
catalogue! {
    Unreadable = "0001" Error "a file cannot be read";
    NotUtf8 = "0002" Error "a file is not UTF-8";
    TooLarge = "0003" Error "a file is larger than 16 MiB";
    Syntax = "0004" Error "the text does not follow the grammar";
    Unclosed = "0005" Error "a comment, string, bracket or brace is never closed";
    TooDeep = "0006" Error "types or expressions are nested more than 32 deep";
    BadLiteral = "0007" Error "a number, string or escape is malformed";
    BadIdentifier = "0008" Error "an identifier is too long, ends in `_` or is reserved";
    NoPackage = "0009" Error "a file does not begin with its package";
    DanglingDocs = "0010" Warning "a doc comment stands before nothing";
    TooMany = "0011" Error "more findings than are shown";

    UndefinedName = "0101" Error "a name is not defined";
    DoubledName = "0102" Error "a name is defined twice";
    MissingImport = "0103" Error "an imported file is not found";
    ImportCycle = "0104" Error "files import one another in a circle";
    UnusedImport = "0105" Warning "an imported package is not used";
    WrongKind = "0106" Error "a name stands for another kind of thing than is needed here";
    DoubledPackage = "0107" Error "two files declare the same package";
    BadImport = "0108" Error "an import path is absolute, empty or doubled";
    AmbiguousPackage = "0109" Error "the short name of a package stands for two imported packages";

    InfiniteType = "0201" Error "a type contains itself without end";
    BadMapKey = "0202" Error "a type cannot be the key of a map";
    EmptyElement = "0203" Error "elements that take no bytes cannot be counted";
    NestedOptional = "0204" Error "an optional of an optional";
    TooWide = "0205" Error "a type's fixed part is over 16 MiB";
    BadBound = "0206" Error "a bound is zero, negative or too large";
    BadBase = "0207" Error "the base of an enum or of flags is not an integer type that it can have";
    AliasCycle = "0208" Error "aliases name one another in a circle";
    LargeArray = "0209" Warning "an array may be too large for the stack of a thread";
    DeepAlias = "0210" Error "a type nests too deep by its aliases";

    ConstCycle = "0301" Error "constants need one another in a circle";
    ConstOverflow = "0302" Error "a constant expression overflows";
    DivisionByZero = "0303" Error "a constant expression divides by zero";
    BadShift = "0304" Error "a constant shift is negative or 128 and more";
    OutOfRange = "0305" Error "a value does not fit its type";
    WrongValue = "0306" Error "a value is of another type than is needed";
    BadConstType = "0307" Error "a constant cannot have this type";
    BadDefault = "0308" Error "a field of this type cannot have a default";

    EmptyItem = "0401" Error "an enum, flags, a union or an error is empty";
    DoubledValue = "0402" Error "two members have the same value";
    ReservedUsed = "0403" Error "a reserved value, ordinal or name is used";
    DoubledOrdinal = "0404" Error "two fields or variants have the same ordinal";
    BadOrdinal = "0405" Error "an ordinal is not from 1 to 8,191";
    BadReserved = "0406" Error "a reserved range is empty, doubled or overlaps another";
    UnknownPlaceholder = "0407" Warning "an error's docs name a field that does not exist";
    NoValue = "0408" Error "a member of flags has no value";
    LaterMember = "0409" Error "a member of flags combines one that stands behind it";
    NoZero = "0410" Error "a plain field of a table has a type without a zero";

    BadOneway = "0501" Error "a oneway method has a result, a stream or throws";
    NotAnError = "0502" Error "a method throws something that is no error";
    ShapeTooLarge = "0503" Error "the parameters and results of a method are too much to describe";
    BadStream = "0504" Error "a stream stands where none may be";
    NoStreamStubs = "0505" Warning "there were no stubs for a method with a stream" retired;

    MethodCollision = "0601" Error "two methods of a service have the same number";
    RustCollision = "0602" Error "two names are the same after conversion to Rust";

    UnknownAnnotation = "0701" Warning "there is no such annotation";
    MisplacedAnnotation = "0702" Error "an annotation stands where it says nothing";
    BadAnnotation = "0703" Error "an annotation has wrong arguments";
    DoubledAnnotation = "0704" Error "an annotation is given twice";
    DoubledWireName = "0705" Error "two names of one list are the same on the wire";

    ServiceGone = "0801" Error "a service is gone, or is called otherwise";
    MethodGone = "0802" Error "a method is gone, or is called otherwise";
    MethodNumber = "0803" Error "a method has another number";
    FieldsChanged = "0804" Error "fields, parameters or results came, went, moved or have other names";
    TypeChanged = "0805" Error "something has another type";
    CallKindChanged = "0806" Error "a method became oneway or streams, or is so no longer";
    ThrowsOther = "0807" Error "a method throws another error";
    ClosedChanged = "0808" Error "a closed enum, closed flags or a closed union has other members";
    OpennessChanged = "0809" Error "an enum, flags or a union became closed, or open";
    BaseChanged = "0810" Error "an enum or flags has another base";
    Renumbered = "0811" Error "a member, variant or field has another number";
    KindChanged = "0812" Error "a name stands for another kind of type";
    Unreserved = "0813" Error "a number was given up and is not reserved";
    ReservationGone = "0814" Error "something is not reserved any more";
    ShapeChanged = "0815" Error "a method has another shape though its types look alike";

    MethodAdded = "0901" Error "a method or service is new: servers first";
    BoundChanged = "0902" Error "a bound is another";
    ThrowsChanged = "0903" Error "a method throws an error, or does so no longer";
    MemberAdded = "0904" Error "a member or variant is new: those who receive it first";
    MemberRemoved = "0905" Error "a member or variant is gone and reserved: those who send it first";
    OptionalChanged = "0906" Error "a table's field may be absent, or no longer";

    Renamed = "1001" Error "something has another name, which does not travel";
    Gone = "1002" Error "a declaration, or a number that is reserved now, is gone";
    NewToHandle = "1003" Error "something is new that code in Rust has to handle";
    RustTypeChanged = "1004" Error "something has another type in Rust, and the same bytes";
    DefaultChanged = "1005" Error "a table's field has another default";
    ConstChanged = "1006" Error "a constant has another value or type";
    TraitLost = "1007" Error "a type in Rust has a trait no longer";
    CallChanged = "1008" Error "calls of a method behave otherwise";
    NewlyDeprecated = "1009" Warning "something is deprecated now";
}
