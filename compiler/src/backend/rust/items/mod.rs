//! One file a kind of item: the view that its template prints, and how it is made from the IR.
//!
//! A view holds final text and lists of it; no template decides anything about an interface.

mod alias;
mod client;
mod constant;
mod enumeration;
mod error;
mod server;
mod service;
mod structure;

use askama::Template;

use super::docs::{self, Rustdoc};
use super::format;
use super::memory::Memory;
use super::scope::Scope;
use crate::backend::InternalError;
use crate::ir::{Docs, Item, ItemId, ItemKind};
use crate::source::{Location, SourceMap};

/// What the views of one package are made from.
pub(super) struct Maker<'a> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) memory: &'a Memory,
    pub(super) sources: &'a SourceMap,
}

impl Maker<'_> {
    /// The finished Rust items for one item of the interface.
    ///
    /// # Errors
    ///
    /// When a template printed something that is not Rust.
    pub(super) fn item(&self, id: ItemId) -> Result<String, InternalError> {
        let item = self.scope.program.item(id);
        let text = match &item.kind {
            ItemKind::Const(of) => constant::render(self, item, of),
            ItemKind::Alias(of) => alias::render(self, item, of),
            ItemKind::Enum(of) => enumeration::render(self, id, of),
            ItemKind::Struct(of) => structure::render(self, id, of),
            // TODO(backend): flags, tables, unions.
            ItemKind::Flags(_) | ItemKind::Table(_) | ItemKind::Union(_) => String::new(),
            ItemKind::Error(of) => error::render(self, id, of),
            ItemKind::Service(of) => service::render(self, item, of),
        };
        format::items(&self.scope.interface_name(item), &text)
    }

    /// The docs of an item, with the place of its declaration.
    fn item_docs(&self, item: &Item) -> String {
        Rustdoc::new(&item.docs).paragraph(format!("Defined in {}.", docs::code(&self.place(item.location)))).comment()
    }

    /// `idl/calculator.rpc:8`
    fn place(&self, location: Location) -> String {
        let file = self.sources.file(location.file);
        let line = file.line_column(location.span.lo).line;
        format!("{}:{line}", super::shown_path(&file.path))
    }
}

/// The docs of a field, a member, a variant.
fn member_docs(docs: &Docs) -> String {
    Rustdoc::new(docs).comment()
}

/// A rendered view. Views are plain text, so rendering one can only fail for want of memory.
pub(super) fn print(view: &impl Template) -> String {
    view.render().unwrap_or_else(|error| format!("compile_error!({:?});", error.to_string()))
}
