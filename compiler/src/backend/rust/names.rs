//! Names that generated code uses, beyond the conversion of case in [`rust_names`](crate::rust_names).

pub(super) use crate::rust_names::{
    const_name, field_name, in_place_name, method_name, raw_free, service_name, type_name, variant_name, view_name,
};

/// Lower-case names of types that a module of the same name would hide from the package around it.
const TAKEN_BY_TYPES: [&str; 17] = [
    "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
    "f32", "f64",
];

/// The module for one part of a package's name.
pub(super) fn module_name(part: &str) -> String {
    let name = crate::rust_names::module_name(part);
    if TAKEN_BY_TYPES.contains(&name.as_str()) { name + "_" } else { name }
}

/// The private module with the numbers of a service's methods.
pub(super) fn numbers_module(service: &str) -> String {
    format!("rpc_{}", raw_free(service))
}

/// A name of an interface as words: `DivideByZero` is `divide by zero`.
pub(super) fn words(name: &str) -> String {
    raw_free(name).replace('_', " ")
}
