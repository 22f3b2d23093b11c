//! Ninth pass: the number of each method. Two equal ones in a service could not be told apart.

use std::collections::HashMap;

use super::collect::Names;
use crate::{
    ast::{Item as Tree, Service},
    diag::{Code, Diagnostic, Diagnostics},
    source::{FileId, Span},
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
pub(super) fn check(names: &Names<'_>, found: &mut Diagnostics) {
    for id in names.ids() {
        let item = names.item(id);
        if let (Tree::Service(of), Some(package)) = (item.tree, &names.scopes[item.file].package) {
            check_service(package, of, names.file_id(item.file), found);
        }
    }
}

fn check_service(package: &str, of: &Service, file: FileId, found: &mut Diagnostics) {
    let mut first: HashMap<u32, (&str, Span)> = HashMap::new();
    for method in &of.methods {
        let number = method_number(package, &of.name.text, &method.name.text);
        let (name, span) = *first.entry(number).or_insert((&method.name.text, method.name.span));
        // Doubled names were reported as such.
        if name != method.name.text {
            let message = format!("methods `{}` and `{name}` have the same number, {number:#010x}", method.name.text);
            found.push(
                Diagnostic::new(Code::MethodCollision, method.name.span.within(file), message)
                    .other(span.within(file), "the other one")
                    .help("the number is a hash of the name: rename one of them"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_published_vectors() {
        // From the FNV reference code, test_fnv.c.
        assert_eq!(fnv1a(b""), 0x811c_9dc5);
        assert_eq!(fnv1a(b"a"), 0xe40c_292c);
        assert_eq!(fnv1a(b"b"), 0xe70c_2de5);
        assert_eq!(fnv1a(b"foobar"), 0xbf9c_f968);
        assert_eq!(fnv1a(b"chongo was here!\n"), 0xd499_30d5);
    }

    #[test]
    fn a_method_is_numbered_by_its_full_name() {
        assert_eq!(method_number("a.b", "S", "m"), fnv1a(b"a.b.S/m"));
    }
}
