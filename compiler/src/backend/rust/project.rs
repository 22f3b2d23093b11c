//! A project to begin with: an interface, its implementation, a server, a client and tests.

mod name;

use std::path::PathBuf;

use askama::Template;

pub use name::{NameError, ProjectName};

use super::items::print;
use super::stub_crate::toml;
use crate::backend::Files;

/// Where a project stands and what it is built with.
#[derive(Debug, Clone, Default)]
pub struct ProjectOptions {
    /// The folder with the sources of rpcgen, absolute; `None` for the published crates.
    pub checkout: Option<PathBuf>,
    /// Whether the project's folder lies in that of another Cargo workspace.
    pub is_in_workspace: bool,
}

#[derive(Template)]
#[template(path = "new/Cargo.toml.askama")]
struct ManifestView<'a> {
    name: &'a str,
    /// The oldest Rust that builds the runtime.
    rust_version: &'static str,
    /// Of the crates, as a requirement: `0.1`.
    version: &'static str,
    is_local: bool,
    /// What Cargo.toml says of the two crates.
    runtime: String,
    compiler: String,
    is_in_workspace: bool,
}

/// Templates that hold no more than these names.
macro_rules! views {
    ($($view:ident: $path:literal,)*) => { $(
        #[derive(Template)]
        #[template(path = $path)]
        struct $view<'a> {
            #[allow(dead_code, reason = "not every file has all the names")]
            name: &'a str,
            #[allow(dead_code, reason = "not every file has all the names")]
            library: &'a str,
            #[allow(dead_code, reason = "not every file has all the names")]
            package: &'a str,
        }

        impl $view<'_> {
            fn text(name: &ProjectName) -> String {
                print(&$view { name: name.krate(), library: name.module(), package: name.module() }) + "\n"
            }
        }
    )* };
}

views! {
    Readme: "new/README.md.askama",
    Ignored: "new/gitignore.askama",
    BuildScript: "new/build.rs.askama",
    Interface: "new/interface.rpc.askama",
    Library: "new/lib.rs.askama",
    Implementation: "new/greeter.rs.askama",
    Server: "new/server.rs.askama",
    Client: "new/client.rs.askama",
    Tests: "new/test.rs.askama",
}

/// The files of a new project.
pub fn generate(name: &ProjectName, options: &ProjectOptions) -> Files {
    let krate = name.krate();
    let files = [
        ("Cargo.toml".to_owned(), manifest(krate, options)),
        ("README.md".to_owned(), Readme::text(name)),
        (".gitignore".to_owned(), Ignored::text(name)),
        ("build.rs".to_owned(), BuildScript::text(name)),
        (format!("idl/{krate}.rpc"), Interface::text(name)),
        ("src/lib.rs".to_owned(), Library::text(name)),
        ("src/greeter.rs".to_owned(), Implementation::text(name)),
        (format!("src/bin/{krate}-server.rs"), Server::text(name)),
        (format!("src/bin/{krate}-client.rs"), Client::text(name)),
        ("tests/greeter.rs".to_owned(), Tests::text(name)),
    ];
    files.into()
}

/// The version of the crates as a requirement that their next patches meet.
const REQUIREMENT: &str = concat!(env!("CARGO_PKG_VERSION_MAJOR"), ".", env!("CARGO_PKG_VERSION_MINOR"));

fn manifest(name: &str, options: &ProjectOptions) -> String {
    let local = |folder: &str| {
        let checkout = options.checkout.as_ref()?;
        Some(format!("path = {}", toml(&checkout.join(folder).to_string_lossy())))
    };
    let published = || format!("version = \"{REQUIREMENT}\"");
    let text = print(&ManifestView {
        name,
        rust_version: env!("CARGO_PKG_RUST_VERSION"),
        version: REQUIREMENT,
        is_local: options.checkout.is_some(),
        runtime: local("runtime").map_or_else(|| format!("\"{REQUIREMENT}\""), |path| format!("{{ {path} }}")),
        compiler: format!("{{ {}, default-features = false }}", local("compiler").unwrap_or_else(published)),
        is_in_workspace: options.is_in_workspace,
    });
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_crates_are_used_unless_there_is_a_checkout() {
        let name = ProjectName::new("my-shop").unwrap();
        let files = generate(&name, &ProjectOptions::default());
        let manifest = &files["Cargo.toml"];
        assert!(manifest.contains("\nrpcgen-runtime = \"0.1\"\n"), "{manifest}");
        assert!(manifest.ends_with("\nrpcgen = { version = \"0.1\", default-features = false }\n"), "{manifest}");
        assert!(files["idl/my-shop.rpc"].contains("\npackage my_shop;\n"));

        let options = ProjectOptions { checkout: Some("/src/rpc \"gen\"".into()), is_in_workspace: true };
        let manifest = &generate(&name, &options)["Cargo.toml"];
        assert!(manifest.contains("rpcgen-runtime = { path = \"/src/rpc \\\"gen\\\"/runtime\" }\n"), "{manifest}");
        assert!(manifest.ends_with("\n[workspace]\n"), "{manifest}");
    }

    #[test]
    fn no_file_has_a_blank_line_at_its_end() {
        let files = generate(&ProjectName::new("demo").unwrap(), &ProjectOptions::default());
        for (path, text) in files {
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{path} ends with {text:?}");
        }
    }
}
