//! Stubs made by a `build.rs`.

use std::collections::BTreeSet;
use std::env;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf, absolute};
use std::sync::{Mutex, PoisonError};

use anyhow::Context as _;

use crate::backend::rust::{Derive, Options, Presence};
use crate::disk::DiskReader;
use crate::facade::{CompileError, Compiled, Input, compile};
use crate::{diag, output};

/// Compiles interfaces in a `build.rs`, with no external program.
///
/// ```no_run
/// fn main() -> anyhow::Result<()> {
///     rpcgen::Builder::new().compile(["idl/calculator.rpc"])
/// }
/// ```
///
/// The stubs are then part of the crate with `rpcgen_runtime::include_stubs!();`. Cargo runs the
/// `build.rs` again when one of the interfaces changes, or what they import. Files whose content would stay the same
/// are not written.
#[derive(Debug, Clone, Default)]
#[must_use = "nothing is compiled before `compile` is called"]
pub struct Builder {
    include: Vec<PathBuf>,
    out_dir: Option<PathBuf>,
    options: Options,
}

impl Builder {
    /// A builder that looks for imports beside the importing file only, and writes to Cargo's `OUT_DIR`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a folder where imports are looked for, after the folder of the importing file.
    pub fn include(mut self, folder: impl Into<PathBuf>) -> Self {
        self.include.push(folder.into());
        self
    }

    /// Writes to this folder rather than to `OUT_DIR`.
    pub fn out_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(folder.into());
        self
    }

    /// Whether client stubs are made; they are unless this says no.
    pub fn client(mut self, wanted: bool) -> Self {
        self.options.client = Presence::when(wanted);
        self
    }

    /// Whether server stubs are made, with the traits that servers implement; they are unless this says no.
    pub fn server(mut self, wanted: bool) -> Self {
        self.options.server = Presence::when(wanted);
        self
    }

    /// Whether there are stubs for calls and services that block a thread; there are unless this says no.
    pub fn blocking(mut self, wanted: bool) -> Self {
        self.options.blocking = wanted;
        self
    }

    /// Whether there are asynchronous stubs for tokio, such as `AsyncCalculatorClient`; there are none unless this says so.
    /// The crate that they become a part of needs the runtime's feature `tokio`.
    pub fn tokio(mut self, wanted: bool) -> Self {
        self.options.tokio = Presence::when(wanted);
        self
    }

    /// Derives one more trait for a type that is no alias, which is named with its package: `derive("demo.Point",
    /// "serde::Serialize")`.
    ///
    /// An enum that keeps unknown values holds them in a type of its own, for which it is derived too. So do errors and
    /// open unions, but theirs holds bytes in a type of the runtime, which has no traits but those of the standard library.
    pub fn derive(mut self, name: impl Into<String>, path: impl Into<String>) -> Self {
        self.options.derives.push(Derive { item: Some(name.into()), path: path.into() });
        self
    }

    /// Derives one more trait for every struct, table, enum, flags and closed union, those of imported packages included;
    /// for errors and open unions see [`derive`](Self::derive).
    pub fn derive_all(mut self, path: impl Into<String>) -> Self {
        self.options.derives.push(Derive { item: None, path: path.into() });
        self
    }

    /// Has the arguments and results of a method read in place, where they were received: `views("shop.orders.Orders.place")`. The
    /// name of a service or a package stands for all of its methods.
    ///
    /// A struct `Order` of varying size gets a view, `OrderView`, which is checked once and copies nothing. The method of the server's trait
    /// takes views in place of structs, lists and maps, and the client has a twin, `place_in_place`, which hands views of the
    /// results to a function. Nothing changes on the wire, so each side may choose for itself.
    pub fn views(mut self, method: impl Into<String>) -> Self {
        self.options.views.push(method.into());
        self
    }

    /// Says where the code of an imported package is: `extern_package("shop.money", "::money_stubs::shop::money")`.
    ///
    /// The package is read and checked, but no code is made for it. The path begins with `::` and a crate, or with `crate::`.
    pub fn extern_package(mut self, name: impl Into<String>, path: impl Into<String>) -> Self {
        self.options.externs.insert(name.into(), path.into());
        self
    }

    /// Compiles these files, and tells Cargo what they depend on.
    ///
    /// Name all of them in one call: their modules find one another, and `mod.rs` holds those of one call only. A second call
    /// for the same folder is refused.
    ///
    /// Paths are relative to the folder of the crate's `Cargo.toml`, where Cargo runs a `build.rs`.
    ///
    /// # Errors
    ///
    /// When the input has errors or the options do not fit it, when a file cannot be read or written, or when there is no `OUT_DIR`. Printed with
    /// `{:?}`, as Cargo shows it, an error is the underlined findings.
    pub fn compile<P: Into<PathBuf>>(self, files: impl IntoIterator<Item = P>) -> anyhow::Result<()> {
        let input = Input { roots: files.into_iter().map(Into::into).collect(), include: self.include };
        let reader = DiskReader::default();
        let options = Options { command: Some("cargo build".to_owned()), ..self.options };
        let compiled = compile(&input, &reader, &options);
        tell_cargo(&reader, compiled.as_ref().ok())?;
        // The text alone: the error holds whole files, and its `{:?}` would show them all.
        let compiled = compiled.map_err(|error| match error {
            CompileError::Invalid(_) => anyhow::anyhow!("the interface has errors\n\n{error}\n"),
            CompileError::Generate(error) => error.into(),
        })?;
        let folder = match self.out_dir {
            Some(folder) => folder,
            None => env::var_os("OUT_DIR")
                .map(PathBuf::from)
                .context("there is no OUT_DIR: call this from a build.rs, or name a folder with `Builder::out_dir`")?,
        };
        claim(&folder)?;
        output::write(&folder, &compiled.files)?;
        Ok(())
    }
}

/// The folders that this process has written to.
static WRITTEN: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Refuses to write to a folder twice: its `mod.rs` would lose the packages of the first time.
fn claim(folder: &Path) -> anyhow::Result<()> {
    let folder = absolute(folder)?;
    let is_new = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner).insert(folder);
    anyhow::ensure!(
        is_new,
        "this would be the second call of `compile` that writes to one folder, whose mod.rs holds the packages of one call: \
         name all interfaces in one call of `compile`, or give each call a folder with `Builder::out_dir`"
    );
    Ok(())
}

/// Says when to run again, and what is worth a look.
///
/// Where all is well, paths without a file are left out, such as the first places of an import that was found in the
/// second: Cargo would run the `build.rs` each time.
fn tell_cargo(reader: &DiskReader, compiled: Option<&Compiled>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let failed = if compiled.is_some() { Vec::new() } else { reader.failed_files() };
    for path in reader.read_files().into_iter().chain(failed) {
        writeln!(out, "cargo:rerun-if-changed={}", path.display())?;
    }
    let Some(Compiled { checked, .. }) = compiled else { return Ok(()) };
    for finding in &checked.diagnostics {
        writeln!(out, "cargo:warning={}", diag::line::line(finding, &checked.sources))?;
    }
    Ok(())
}
