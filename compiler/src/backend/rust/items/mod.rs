//! One file a kind of item: the view that its template prints, and how it is made from the IR.
//!
//! A view holds final text and lists of it; no template decides anything about an interface.

mod alias;
mod client;
mod constant;
mod enumeration;
mod error;
mod flags;
mod flavour;
mod server;
mod server_trait;
mod service;
mod streams;
mod structure;
mod table;
mod union;
mod view;

use askama::Template;

use super::docs::{self, Rustdoc};
use super::memory::Memory;
use super::plan::{Condition, Plan};
use super::scope::Scope;
use super::{format, literals};
use crate::backend::InternalError;
use crate::ir::{Docs, Item, ItemId, ItemKind, Service};
use crate::source::{Location, SourceMap};

/// What the views of one package are made from.
pub(super) struct Maker<'a> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) memory: &'a Memory,
    pub(super) sources: &'a SourceMap,
    pub(super) plan: &'a Plan,
}

/// Finished Rust items, and when they are there.
pub(super) struct Piece {
    pub(super) condition: Condition,
    pub(super) text: String,
}

impl Maker<'_> {
    /// The finished Rust items for one item of the interface, without those that are never there.
    ///
    /// # Errors
    ///
    /// When a template printed something that is not Rust.
    pub(super) fn item(&self, id: ItemId) -> Result<Vec<Piece>, InternalError> {
        let item = self.scope.program.item(id);
        let text = match &item.kind {
            ItemKind::Service(of) => return self.service(item, of),
            ItemKind::Const(of) => constant::render(self, item, of),
            ItemKind::Alias(of) => alias::render(self, item, of),
            ItemKind::Enum(of) => enumeration::render(self, id, of),
            ItemKind::Struct(of) => structure::render(self, id, of),
            ItemKind::Flags(of) => flags::render(self, id, of),
            ItemKind::Table(of) => table::render(self, id, of),
            ItemKind::Union(of) => union::render(self, id, of),
            ItemKind::Error(of) => error::render(self, id, of),
        };
        let text = [text, view::render(self, id)].join("\n");
        Ok(vec![self.piece(item, Condition::ALWAYS, &text)?])
    }

    fn service(&self, item: &Item, of: &Service) -> Result<Vec<Piece>, InternalError> {
        let parts = service::render(self, item, of).into_iter();
        let made = parts.filter(|(condition, _)| *condition != Condition::NEVER);
        made.map(|(condition, text)| self.piece(item, condition, &text)).collect()
    }

    fn piece(&self, item: &Item, condition: Condition, text: &str) -> Result<Piece, InternalError> {
        let text = format::items(&self.scope.program.full_name(item), text, condition.attribute().as_deref())?;
        Ok(Piece { condition, text })
    }

    /// A list of derives with what else is asked for; `written` are traits that are implemented by hand.
    fn derives_beside(&self, id: ItemId, list: &str, written: &[&str]) -> String {
        self.plan.derives(id).after(list, written)
    }

    /// The docs of an item, with the place of its declaration, and whether nobody should use it any more.
    fn item_docs(&self, item: &Item) -> String {
        self.item_rustdoc(item).comment() + &deprecation(item.deprecated.as_deref())
    }

    /// The docs of an item, with the place of its declaration.
    fn item_rustdoc(&self, item: &Item) -> Rustdoc {
        Rustdoc::new(&item.docs).paragraph(format!("Defined in {}.", docs::code(&self.place(item.location))))
    }

    /// What is derived for an item: what holds, but for what is `written` out, and what else is asked for.
    fn derives(&self, id: ItemId, written: &[&str]) -> String {
        self.derives_beside(id, &self.scope.derives.of_item(id).list(written), written)
    }

    /// `idl/calculator.rpc:8`
    fn place(&self, location: Location) -> String {
        let file = self.sources.file(location.file);
        let line = file.line_column(location.span.lo).line;
        format!("{}:{line}", super::shown_path(&file.path))
    }
}

/// The docs of a field, a member, a variant, and why nobody should use it any more.
fn member_docs(docs: &Docs, deprecated: Option<&str>) -> String {
    Rustdoc::new(docs).comment() + &deprecation(deprecated)
}

/// `#[deprecated = "why"]`
fn deprecation(why: Option<&str>) -> String {
    why.map(|why| format!("#[deprecated = {}]\n", literals::string(&docs::sentence(why)))).unwrap_or_default()
}

/// A rendered view. Views are plain text, so rendering one can only fail for want of memory.
pub(super) fn print(view: &impl Template) -> String {
    view.render().unwrap_or_else(|error| format!("compile_error!({:?});", error.to_string()))
}
