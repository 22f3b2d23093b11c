//! What a project may be called: a name for its crate that makes one for a package of the language, too.

use crate::rust_names::is_keyword;

/// Names that Rust itself or a dependency of the project has.
const TAKEN: [(&str, &str); 8] = [
    ("alloc", "a crate of Rust's standard library"),
    ("core", "a crate of Rust's standard library"),
    ("proc_macro", "a crate of Rust's standard library"),
    ("std", "a crate of Rust's standard library"),
    ("test", "Rust's crate for tests"),
    ("anyhow", "a crate that the project uses"),
    ("rpcgen", "a crate that the project uses"),
    ("rpcgen_runtime", "a crate that the project uses"),
];

/// The longest name, in bytes; that of crates.io.
const LONGEST: usize = 64;

/// The name of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectName {
    krate: String,
    module: String,
}

/// Why a project cannot be called so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Empty, or begins with something else than a letter.
    #[error("a name begins with a letter, as in `demo`")]
    Begin,
    /// Ends with a dash or an underscore, or has two in a row.
    #[error("`-` and `_` stand between letters, one at a time, as in `my-demo`")]
    Dashes,
    /// Has capital letters, which the names of Rust's modules have not.
    #[error("a name is in lower case: `{}`", .0.to_ascii_lowercase())]
    Capital(String),
    /// Has a character that no crate's name may have.
    #[error("{0:?} cannot be in a name: it is letters from a to z, digits, `-` and `_`")]
    Character(char),
    /// More than 64 letters.
    #[error("a name has at most {LONGEST} letters")]
    Long,
    /// A word of Rust.
    #[error("`{0}` is a keyword of Rust: choose another name, such as `{0}-service`")]
    Keyword(String),
    /// Somebody else's crate.
    #[error("`{0}` is {1}: choose another name, such as `my-{0}`")]
    Taken(String, &'static str),
    /// The language keeps the prefix for generated code.
    #[error("a name cannot begin with `rpc-` or `rpc_`: generated code has names like that")]
    Prefix,
}

impl ProjectName {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// Where it is no name for a crate, or Rust or the language has another use for it.
    pub fn new(text: &str) -> Result<Self, NameError> {
        check_letters(text)?;
        let module = text.replace('-', "_");
        if is_keyword(&module) {
            return Err(NameError::Keyword(text.to_owned()));
        }
        if let Some((_, whose)) = TAKEN.iter().find(|(name, _)| *name == module) {
            return Err(NameError::Taken(text.to_owned(), whose));
        }
        if module.starts_with("rpc_") {
            return Err(NameError::Prefix);
        }
        Ok(Self { krate: text.to_owned(), module })
    }

    /// As Cargo writes it: `my-shop`.
    pub fn krate(&self) -> &str {
        &self.krate
    }

    /// As Rust and the language write it: `my_shop`.
    pub fn module(&self) -> &str {
        &self.module
    }
}

fn check_letters(text: &str) -> Result<(), NameError> {
    let fits = |char: &char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_');
    if let Some(other) = text.chars().find(|char| !fits(char)) {
        Err(NameError::Character(other))
    } else if !text.starts_with(|char: char| char.is_ascii_alphabetic()) {
        Err(NameError::Begin)
    } else if text.contains(|char: char| char.is_ascii_uppercase()) {
        Err(NameError::Capital(text.to_owned()))
    } else if text.split(['-', '_']).any(str::is_empty) {
        Err(NameError::Dashes)
    } else if text.len() > LONGEST {
        Err(NameError::Long)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::load::MemoryReader;
    use crate::{Input, check};

    #[test]
    fn names_that_mean_something_else_are_refused() {
        for (name, expected) in [
            ("", "begins with a letter"),
            ("7up", "begins with a letter"),
            ("-a", "begins with a letter"),
            ("_a", "begins with a letter"),
            ("a/b", "'/' cannot be"),
            ("a.b", "'.' cannot be"),
            ("né", "'é' cannot be"),
            ("a\u{202e}", "'\\u{202e}' cannot be"),
            ("a-", "one at a time"),
            ("a-_b", "one at a time"),
            ("Shop", "lower case: `shop`"),
            ("type", "keyword"),
            ("self", "keyword"),
            ("gen", "keyword"),
            ("test", "Rust's crate for tests"),
            ("proc-macro", "standard library"),
            ("rpcgen-runtime", "a crate that the project uses"),
            ("rpc-demo", "`rpc_`"),
        ] {
            let error = ProjectName::new(name).unwrap_err().to_string();
            assert!(error.contains(expected), "{name}: {error}");
        }
        assert_eq!(ProjectName::new(&"a".repeat(65)), Err(NameError::Long));
    }

    proptest! {
        #[test]
        fn a_name_that_is_admitted_makes_an_interface_without_errors(name in "[a-z][a-z0-9_-]{0,8}|[a-z]{1,6}|([a-z][a-z0-9]{0,9}[_-]){0,6}[a-z0-9]{1,9}") {
            if let Ok(name) = ProjectName::new(&name) {
                let files = super::super::generate(&name, &super::super::ProjectOptions::default());
                let path = format!("idl/{}.rpc", name.krate());
                let reader = MemoryReader::default().with(&path, files[&path].as_str());
                let checked = check(&Input { roots: vec![path.into()], ..Input::default() }, &reader);
                prop_assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
            }
        }
    }
}
