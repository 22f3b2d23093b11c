//! The number of each method. Two equal ones in a service could not be told apart.

use foldhash::{HashMap, HashMapExt as _};

use super::{annotations::Values, collect::Names};
use crate::{
    ast::{Item as Tree, Method, Name, Service},
    diag::{Code, Diagnostic, Diagnostics},
    source::FileId,
};

/// The 32-bit FNV-1a hash.
pub(crate) fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// The number of a method: the hash of `package.Service/method`.
pub(super) fn method_number(package: &str, service: &str, method: &str) -> u32 {
    fnv1a(format!("{package}.{service}/{method}").as_bytes())
}

/// Reports methods of one service that have the same number.
pub(super) fn check(names: &Names<'_>, values: &Values, found: &mut Diagnostics) {
    for id in names.ids() {
        let item = names.item(id);
        if let (Tree::Service(of), Some(package)) = (item.tree, &names.scopes[item.file].package) {
            check_service(package, of, names.file_id(item.file), values, found);
        }
    }
}

fn check_service(package: &str, of: &Service, file: FileId, values: &Values, found: &mut Diagnostics) {
    let mut first: HashMap<u32, &Method> = HashMap::new();
    for method in &of.methods {
        let hash = || method_number(package, &of.name.text, &method.name.text);
        let Ok(given) = values.id(file, &method.annotations) else { continue };
        let number = given.unwrap_or_else(hash);
        let other = *first.entry(number).or_insert(method);
        // Doubled names were reported as such.
        if other.name.text != method.name.text {
            let chosen = given.is_some() || values.id(file, &other.annotations).is_ok_and(|id| id.is_some());
            found.push(collision(number, &method.name, &other.name, chosen, file));
        }
    }
}

fn collision(number: u32, name: &Name, other: &Name, chosen: bool, file: FileId) -> Diagnostic {
    let message = format!("methods `{}` and `{}` have the same number, {number:#010x}", name.text, other.text);
    let help = if chosen {
        "give one of them another `@id`"
    } else {
        "the number is a hash of the name: rename one of them, or give it another number with `@id(0x1234)`"
    };
    Diagnostic::new(Code::MethodCollision, name.span.within(file), message)
        .other(other.span.within(file), "the other one")
        .help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R55: FNV-1a.
    #[test]
    fn hashes_are_those_of_the_published_vectors() {
        // From the FNV reference code, test_fnv.c.
        assert_eq!(fnv1a(b""), 0x811c_9dc5);
        assert_eq!(fnv1a(b"a"), 0xe40c_292c);
        assert_eq!(fnv1a(b"b"), 0xe70c_2de5);
        assert_eq!(fnv1a(b"foobar"), 0xbf9c_f968);
        assert_eq!(fnv1a(b"chongo was here!\n"), 0xd499_30d5);
    }

    /// R56: package, service and method.
    #[test]
    fn a_method_is_numbered_by_its_full_name() {
        assert_eq!(method_number("a.b", "S", "m"), fnv1a(b"a.b.S/m"));
    }
}
