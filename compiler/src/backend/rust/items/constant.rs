//! `const NAME: type = value;`

use askama::Template;

use super::{Maker, print};
use crate::backend::rust::lints::Allows;
use crate::backend::rust::{literals, names, types};
use crate::ir::{Const, Item, Type};

#[derive(Template)]
#[template(path = "constant.rs.askama")]
struct View {
    docs: String,
    allow: String,
    name: String,
    ty: String,
    value: String,
}

pub(super) fn render(maker: &Maker<'_>, item: &Item, constant: &Const) -> String {
    let ty = match maker.scope.program.peel(&constant.ty) {
        Type::String { .. } => "&str".to_owned(),
        _ => types::owned(maker.scope, &constant.ty),
    };
    print(&View {
        docs: maker.item_docs(item),
        allow: Allows::default().with_famous(std::iter::once(&constant.value)).text(),
        name: names::const_name(&item.name),
        ty,
        value: literals::value(maker.scope, &constant.ty, &constant.value),
    })
}
