//! `alias Name = type;`

use askama::Template;

use super::{Maker, print};
use crate::backend::rust::{names, types};
use crate::ir::{Alias, Item};

#[derive(Template)]
#[template(path = "alias.rs.askama")]
struct View {
    docs: String,
    name: String,
    ty: String,
}

pub(super) fn render(maker: &Maker<'_>, item: &Item, alias: &Alias) -> String {
    print(&View {
        docs: maker.item_docs(item),
        name: names::type_name(&item.name),
        ty: types::owned(maker.scope, &alias.ty),
    })
}
