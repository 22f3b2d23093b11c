//! Views of structs; types that have none are their own.

use askama::Template;

use super::{Maker, deprecation, print};
use crate::backend::rust::boxing::{Boxed, Place};
use crate::backend::rust::docs::{Rustdoc, code};
use crate::backend::rust::lints::Allows;
use crate::backend::rust::scope::Prelude;
use crate::backend::rust::views::{Seen, Viewing};
use crate::backend::rust::{names, types};
use crate::ir::{Field, ItemId, ItemKind, Struct, Type};

#[derive(Template)]
#[template(path = "view.rs.askama")]
struct View {
    docs: String,
    deprecation: String,
    allow: String,
    name: String,
    owned: String,
    fields: Vec<FieldView>,
    std: Prelude,
}

struct FieldView {
    docs: String,
    allow: String,
    name: String,
    ty: String,
    /// The step that checks it.
    check: String,
    getter: Getter,
    /// The expression for its copy.
    copy: String,
}

/// What gives a field: the type, and the expression.
struct Getter {
    ty: String,
    value: String,
}

/// A type that is unpacked wherever a view is.
#[derive(Template)]
#[template(path = "view_of_itself.rs.askama")]
struct ItselfView {
    name: String,
    copy: &'static str,
    std: Prelude,
}

/// What an item's view is; nothing where there are no views, and for what is of fixed size, which the runtime knows.
pub(super) fn render(maker: &Maker<'_>, id: ItemId) -> String {
    let program = maker.scope.program;
    match &program.item(id).kind {
        _ if !maker.plan.has_views() || program.item_size(id).fixed => String::new(),
        ItemKind::Struct(of) if maker.scope.views.has_type(id) => of_struct(maker, id, of),
        ItemKind::Struct(_) | ItemKind::Table(_) | ItemKind::Union(_) | ItemKind::Error(_) => of_itself(maker, id),
        _ => String::new(),
    }
}

fn of_itself(maker: &Maker<'_>, id: ItemId) -> String {
    print(&ItselfView {
        name: names::type_name(&maker.scope.program.item(id).name),
        copy: if maker.scope.derives.of_item(id).copy { "*self" } else { "self.clone()" },
        std: maker.scope.prelude.clone(),
    })
}

fn of_struct(maker: &Maker<'_>, id: ItemId, of: &Struct) -> String {
    let item = maker.scope.program.item(id);
    let (name, owned) = (names::view_name(&item.name), names::type_name(&item.name));
    let viewing = Viewing { scope: maker.scope, input: "input", lifetime: "'a" };
    let fields: Vec<_> = of.fields.iter().collect();
    let docs = Rustdoc::default().paragraph(format!(
        "[`{owned}`], checked when it came and read where it lies. `{owned}::from(&view)` copies it."
    ));
    print(&View {
        docs: docs.comment(),
        deprecation: deprecation(item.deprecated.as_deref()),
        allow: Allows::for_struct(maker.scope, &name, &fields).text(),
        fields: of.fields.iter().map(|field| field_view(&viewing, field)).collect(),
        name,
        owned,
        std: maker.scope.prelude.clone(),
    })
}

fn field_view(viewing: &Viewing<'_>, field: &Field) -> FieldView {
    let (name, place) = (names::field_name(&field.name), Place::field(field.recursive));
    let docs = Rustdoc::new(&field.docs);
    let docs = if docs.is_empty() { docs.paragraph(format!("The field {}.", code(&field.name))) } else { docs };
    let getter = getter(viewing, &format!("self.{name}"), &field.ty, place);
    FieldView {
        docs: docs.comment() + &deprecation(field.deprecated.as_deref()),
        allow: Allows::default().for_getter(&field.name, &getter.ty).text(),
        ty: viewing.field_type(&field.ty, place),
        check: viewing.field(&field.name, &field.ty, place),
        getter,
        copy: copy(viewing, &name, field),
        name,
    }
}

fn getter(viewing: &Viewing<'_>, field: &str, ty: &Type, place: Place) -> Getter {
    let scope = viewing.scope;
    let getter = |ty: String, method: &str| Getter { ty, value: format!("{field}{method}") };
    let reference = |ty: String| Getter { ty: format!("&{ty}"), value: format!("&{field}") };
    match viewing.seen(ty, place) {
        Seen::Text { .. } => getter(viewing.element_type(ty), ".as_str()"),
        Seen::Optional(inner) if viewing.is_text(inner) => getter(viewing.element_type(ty), ".map(stub::Text::as_str)"),
        Seen::Optional(inner) if !viewing.is_copy(inner) => {
            getter(types::option(scope, &format!("&{}", viewing.element_type(inner))), ".as_ref()")
        }
        Seen::OnDemand(inner) => getter(types::option(scope, &viewing.element_type(inner)), ".get()"),
        Seen::Item(_) => reference(viewing.element_type(ty)),
        Seen::Whole => whole(viewing, field, ty, place),
        _ => getter(viewing.element_type(ty), ""),
    }
}

/// A reference to what was unpacked, without boxes.
fn whole(viewing: &Viewing<'_>, field: &str, ty: &Type, place: Place) -> Getter {
    let scope = viewing.scope;
    let boxed = place.boxed(scope.program, ty);
    match scope.program.peel(ty) {
        Type::Optional(inner) if boxed != Boxed::Whole => Getter {
            ty: types::option(scope, &format!("&{}", types::owned(scope, inner))),
            value: format!("{field}.{}()", if boxed == Boxed::InOption { "as_deref" } else { "as_ref" }),
        },
        Type::Array { .. } => {
            Getter { ty: format!("&{}", types::placed(scope, ty, place)), value: format!("&{field}") }
        }
        _ => Getter { ty: format!("&{}", types::sent(scope, ty)), value: format!("&{field}") },
    }
}

/// A copy of a field that lives on its own.
fn copy(viewing: &Viewing<'_>, name: &str, field: &Field) -> String {
    let (scope, place) = (viewing.scope, Place::field(field.recursive));
    match viewing.seen(&field.ty, place) {
        Seen::Value => format!("view.{name}"),
        Seen::Whole if scope.derives.is_copy(scope.program, &field.ty, place) => format!("view.{name}"),
        Seen::Whole => format!("view.{name}.clone()"),
        _ => format!("stub::View::owned(&view.{name})"),
    }
}
