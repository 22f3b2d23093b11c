//! The program after all checks: resolved, indexed by ids, the same for every backend. Never sees `ast`.
//!
//! Nothing here is "not known yet": a [`Program`] exists only when there were no errors. Names, docs and places are kept as written.

mod facts;
pub mod layout;

pub use crate::scalar::Scalar;
use crate::source::{FileId, Location};

/// Every package of one run, and every item by id.
#[derive(Debug)]
pub struct Program {
    /// Imported packages stand before those that import them.
    pub packages: Vec<Package>,
    /// Indexed by [`ItemId`].
    pub items: Vec<Item>,
    /// The packed size of every item, indexed by [`ItemId`].
    sizes: Vec<layout::Size>,
}

/// An index into [`Program::items`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId(pub u32);

/// An index into [`Program::packages`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageId(pub u32);

impl Program {
    /// Puts a checked program together: ids are in range, no type is infinite.
    pub fn new(packages: Vec<Package>, items: Vec<Item>) -> Self {
        let sizes = layout::sizes(&items);
        Self { packages, items, sizes }
    }

    /// The item of this id.
    pub fn item(&self, id: ItemId) -> &Item {
        &self.items[id.0 as usize]
    }

    /// The package of this id.
    pub fn package(&self, id: PackageId) -> &Package {
        &self.packages[id.0 as usize]
    }
}

/// One file's worth of declarations.
#[derive(Debug)]
pub struct Package {
    /// Such as `demo.calculator`.
    pub name: String,
    /// Where the name stands.
    pub location: Location,
    /// The file's docs.
    pub docs: Docs,
    /// The file.
    pub file: FileId,
    /// Whether it was asked for, not only imported.
    pub is_root: bool,
    /// In the order written.
    pub items: Vec<ItemId>,
    /// In the order written.
    pub imports: Vec<PackageId>,
}

/// Lines of docs, empty for none.
pub type Docs = Vec<String>;

/// A declaration.
#[derive(Debug)]
pub struct Item {
    /// As written.
    pub name: String,
    /// Where the name stands.
    pub location: Location,
    /// As written.
    pub docs: Docs,
    /// Why nobody should use it any more.
    pub deprecated: Option<String>,
    /// What a backend for Rust derives beside what it does by itself: paths of derive macros.
    pub derives: Vec<String>,
    /// Where it lives.
    pub package: PackageId,
    /// What it is.
    pub kind: ItemKind,
}

/// What a declaration declares.
#[derive(Debug)]
pub enum ItemKind {
    /// `const`
    Const(Const),
    /// `alias`
    Alias(Alias),
    /// `enum`, `closed enum`
    Enum(Enum),
    /// `flags`, `closed flags`
    Flags(Enum),
    /// `struct`
    Struct(Struct),
    /// `table`
    Table(Table),
    /// `union`, `closed union`
    Union(Union),
    /// `error`: an open union, and a failure of methods.
    Error(Union),
    /// `service`
    Service(Service),
}

/// A constant, worked out.
#[derive(Debug)]
pub struct Const {
    /// A scalar, a string, a duration, an enum or flags (perhaps by an alias).
    pub ty: Type,
    /// Fits the type.
    pub value: Value,
}

/// The value of a constant, or of a table's field that is absent.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// In the range of its type.
    Int(i128),
    /// For `f32`, already rounded to one.
    Float(f64),
    /// `true` or `false`
    Bool(bool),
    /// Any text.
    String(String),
    /// A member of an enum or flags: the enum or flags, and the index of the member.
    Member(ItemId, usize),
    /// In nanoseconds.
    Duration(u64),
    /// A list, a map, bytes or a string with nothing in it.
    Empty,
}

/// Another name for a type.
#[derive(Debug)]
pub struct Alias {
    /// What it stands for; perhaps another alias, never itself.
    pub ty: Type,
}

/// A named integer, or for flags a set of named bits.
#[derive(Debug)]
pub struct Enum {
    /// Whether unknown values (of flags: unknown bits) are refused.
    pub closed: bool,
    /// An integer type; of flags, an unsigned one.
    pub base: Scalar,
    /// At least one; values differ.
    pub members: Vec<Member>,
    /// Values that no member may take, each range inclusive.
    pub reserved: Vec<(i128, i128)>,
}

/// A member of an enum or flags.
#[derive(Debug)]
pub struct Member {
    /// As written.
    pub name: String,
    /// Where the name stands.
    pub location: Location,
    /// As written.
    pub docs: Docs,
    /// Why nobody should use it any more.
    pub deprecated: Option<String>,
    /// Its name in shape texts.
    pub wire_name: String,
    /// In the range of the base.
    pub value: i128,
}

/// Fields, packed in order.
#[derive(Debug)]
pub struct Struct {
    /// Perhaps none.
    pub fields: Vec<Field>,
}

/// A field, a parameter or a named result.
#[derive(Debug)]
pub struct Field {
    /// As written.
    pub name: String,
    /// Where the name stands.
    pub location: Location,
    /// As written.
    pub docs: Docs,
    /// Why nobody should use it any more.
    pub deprecated: Option<String>,
    /// Its name in shape texts.
    pub wire_name: String,
    /// What it is.
    pub ty: Type,
    /// The field's type leads back to the struct, table, union or error that holds it, without a list or map between: a language
    /// whose structs hold their fields in place needs a pointer here.
    pub recursive: bool,
}

/// Fields that each may be absent, by ordinal.
#[derive(Debug)]
pub struct Table {
    /// Perhaps none; ordinals differ. In the order written, which need not be that of the ordinals.
    pub fields: Vec<TableField>,
    /// Ordinals that no field may take, each range inclusive.
    pub reserved: Vec<(u16, u16)>,
}

/// A field of a table.
///
/// One whose type is optional is there or not; any other reads as its default, or as the zero of its type, when it is absent.
#[derive(Debug)]
pub struct TableField {
    /// Name, docs, type. An optional type stands here as such.
    pub field: Field,
    /// From 1 to 8,191.
    pub ordinal: u16,
    /// What an absent field reads as; `None` for the zero of its type. Never there if the type is optional.
    pub default: Option<Value>,
}

/// One of several variants. Of an error: a declared failure of a method, which may be used as data too.
#[derive(Debug)]
pub struct Union {
    /// Whether unknown variants are refused; never of an error.
    pub closed: bool,
    /// At least one; ordinals differ.
    pub variants: Vec<Variant>,
    /// Ordinals that no variant may take, each range inclusive.
    pub reserved: Vec<(u16, u16)>,
}

/// A variant of a union or an error.
#[derive(Debug)]
pub struct Variant {
    /// As written.
    pub name: String,
    /// Where the name stands.
    pub location: Location,
    /// As written; for an error the first lines are its message.
    pub docs: Docs,
    /// Why nobody should use it any more.
    pub deprecated: Option<String>,
    /// Its name in shape texts.
    pub wire_name: String,
    /// From 1 to 8,191.
    pub ordinal: u16,
    /// What it carries.
    pub payload: Payload,
}

/// What a variant carries.
#[derive(Debug)]
pub enum Payload {
    /// Nothing.
    None,
    /// One value; `recursive` as in [`Field`].
    Type {
        /// What it is.
        ty: Type,
        /// Whether it needs a pointer.
        recursive: bool,
    },
    /// Named fields; perhaps none.
    Fields(Vec<Field>),
}

/// Methods that are called together.
#[derive(Debug)]
pub struct Service {
    /// Perhaps none.
    pub methods: Vec<Method>,
    /// Names that no method may take.
    pub reserved: Vec<String>,
}

/// A method.
#[derive(Debug)]
pub struct Method {
    /// As written.
    pub name: String,
    /// Where the name stands.
    pub location: Location,
    /// As written.
    pub docs: Docs,
    /// Why nobody should use it any more.
    pub deprecated: Option<String>,
    /// Whether it does no harm to run it twice.
    pub idempotent: bool,
    /// How long a call may take where the caller says nothing, in nanoseconds.
    pub deadline: Option<u64>,
    /// Whether nothing comes back, not even a failure.
    pub oneway: bool,
    /// In the order written, without the stream.
    pub params: Vec<Field>,
    /// The last parameter, if it is a stream; its type is that of the items.
    pub stream_in: Option<Field>,
    /// Empty for none, and where a stream comes back.
    pub results: Vec<Field>,
    /// The type of the items, if the result is a stream.
    pub stream_out: Option<Type>,
    /// The error it may raise: an item of kind [`ItemKind::Error`].
    pub throws: Option<ItemId>,
    /// FNV-1a of `package.Service/method`, or what `@id` says.
    pub number: u32,
    /// FNV-1a of [`Method::shape_text`].
    pub shape: u32,
    /// The canonical text of what goes there and back (`docs/language.md`).
    pub shape_text: String,
}

/// A type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// `bool`, `i8` … `f64`
    Scalar(Scalar),
    /// Nanoseconds since the Unix epoch, `i64`.
    Timestamp,
    /// Nanoseconds, `u64`.
    Duration,
    /// Text of at most `max` bytes (`u32::MAX` for no bound).
    String {
        /// In bytes.
        max: u32,
    },
    /// At most `max` bytes (`u32::MAX` for no bound).
    Bytes {
        /// In bytes.
        max: u32,
    },
    /// At most `max` elements (`u32::MAX` for no bound).
    List {
        /// Each takes at least one byte.
        element: Box<Type>,
        /// In elements.
        max: u32,
    },
    /// Exactly `len` elements.
    Array {
        /// Each takes at least one byte.
        element: Box<Type>,
        /// At least 1.
        len: u32,
    },
    /// At most `max` pairs (`u32::MAX` for no bound).
    Map {
        /// An integer, `bool`, string or enum, perhaps by an alias; never flags.
        key: Box<Type>,
        /// A pair takes at least one byte.
        value: Box<Type>,
        /// In pairs.
        max: u32,
    },
    /// `T?`; never of another optional.
    Optional(Box<Type>),
    /// An alias, enum, flags, struct, table, union or error.
    Item(ItemId),
}
