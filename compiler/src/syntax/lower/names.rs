//! Identifiers. Their form is checked where they are declared; a use of a bad one is an undefined name in any case.

use super::Lower;
use crate::ast::{Name, Path, Scalar};
use crate::diag::Code;
use crate::source::Span;
use crate::syntax::cursor::{parts, place};
use crate::syntax::parser::Node;

/// The longest identifier, in bytes.
const MAX_LENGTH: usize = 255;

/// The longest name of a package, in bytes: with an ending it is the name of a file, which systems limit to 255.
const MAX_PACKAGE_LENGTH: u32 = 200;

impl Lower<'_, '_> {
    /// The name of something declared here.
    pub(super) fn name(&mut self, node: &Node<'_>) -> Name {
        let name = ident(node);
        self.check_name(&name);
        name
    }

    /// The name of a type declared here.
    pub(super) fn type_name(&mut self, node: &Node<'_>) -> Name {
        let name = self.name(node);
        if is_built_in(&name.text) {
            let message = format!("`{}` is a built-in type", name.text);
            self.complain(Code::BadIdentifier, name.span, message, "give the type another name");
        }
        name
    }

    /// Reports a name of a package that is too long as a whole.
    pub(super) fn check_package_length(&mut self, path: &Path) {
        let length = path.span.hi.saturating_sub(path.span.lo);
        if length > MAX_PACKAGE_LENGTH {
            let message =
                format!("the name of a package is {length} bytes long, and at most {MAX_PACKAGE_LENGTH} are allowed");
            self.complain(Code::BadIdentifier, path.span, message, "give the package a shorter name");
        }
    }

    /// Reports what is wrong with a declared name.
    pub(super) fn check_name(&mut self, name: &Name) {
        if let Some(Flaw { offset, length, message, help }) = flaw(&name.text) {
            let lo = name.span.lo.saturating_add(offset);
            let place = Span::new(lo, lo.saturating_add(length).min(name.span.hi));
            self.complain(Code::BadIdentifier, place, message, help);
        }
    }
}

/// Names with dots between.
pub(super) fn path(node: Node<'_>) -> Path {
    let span = place(&node);
    Path { parts: parts(node).map(|part| ident(&part)).collect(), span }
}

pub(super) fn ident(node: &Node<'_>) -> Name {
    Name { text: node.as_str().to_owned(), span: place(node) }
}

/// Whether the language has a type of this name.
fn is_built_in(name: &str) -> bool {
    let others = ["string", "bytes", "list", "array", "map", "stream", "timestamp", "duration"];
    others.contains(&name) || Scalar::ALL.iter().any(|(word, _)| *word == name)
}

struct Flaw {
    offset: u32,
    length: u32,
    message: String,
    help: &'static str,
}

/// The first thing wrong with an identifier.
fn flaw(name: &str) -> Option<Flaw> {
    let whole = u32::try_from(name.len()).unwrap_or(u32::MAX);
    let flaw = |message, help| Some(Flaw { offset: 0, length: whole, message, help });
    if let Some((at, c)) = name.char_indices().find(|(_, c)| !c.is_ascii()) {
        let (offset, length) = (u32::try_from(at).unwrap_or(0), u32::try_from(c.len_utf8()).unwrap_or(1));
        let message = format!("`{c}` cannot stand in an identifier");
        return Some(Flaw { offset, length, message, help: "identifiers are made of ASCII letters, digits and `_`" });
    }
    match name {
        _ if name.len() > MAX_LENGTH => {
            flaw(format!("this identifier has {} characters, and {MAX_LENGTH} is the most", name.len()), "shorten it")
        }
        _ if name.starts_with('_') => flaw(format!("`{name}` begins with `_`"), "begin it with a letter"),
        _ if name.ends_with('_') => flaw(format!("`{name}` ends in `_`"), "leave out the `_` at the end"),
        _ if name.starts_with("rpc_") || name.starts_with("Rpc") => flaw(
            format!("`{name}` has a prefix that belongs to generated code"),
            "names that begin with `rpc_` or `Rpc` are reserved; choose another",
        ),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::flaw;

    #[test]
    fn the_flaws_of_identifiers() {
        for good in ["a", "Rp", "rpc", "RPCServer", "a_b1", &"x".repeat(255)] {
            assert!(flaw(good).is_none(), "{good}");
        }
        for bad in ["a_", "_a", "_", "rpc_a", "Rpc", "RpcA", "größe", &"x".repeat(256)] {
            assert!(flaw(bad).is_some(), "{bad}");
        }
    }
}
