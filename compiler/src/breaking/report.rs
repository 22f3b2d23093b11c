//! What is said about a change.

use super::types::Difference;
use super::users::Users;
use super::{Compare, Level};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::ir::{ItemId, ItemKind, Program};
use crate::source::Location;

/// A finding, and whose layout it is about.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) about: About,
    pub(super) diagnostic: Diagnostic,
}

/// What a change is a change of, in the old version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// Nothing that travels.
    Nothing,
    /// A declared type.
    Item(ItemId),
    /// A method: its service, and which of its methods.
    Method(ItemId, usize),
}

/// Which way a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// To the server.
    Request,
    /// To the client.
    Reply,
    /// Either way.
    Any,
}

/// A place that both versions have.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Such as "field `x` of `Point`".
    pub(super) what: String,
    pub(super) old: Location,
    pub(super) new: Location,
    pub(super) flow: Flow,
    pub(super) about: About,
}

impl Place {
    pub(super) fn new(what: impl Into<String>, old: Location, new: Location) -> Self {
        Self { what: what.into(), old, new, flow: Flow::Any, about: About::Nothing }
    }

    /// Says which type it belongs to.
    pub(super) fn of(self, item: ItemId) -> Self {
        Self { about: About::Item(item), ..self }
    }
}

/// Something that is not in the new version.
pub(super) fn gone(code: Code, place: &Place, message: String) -> Diagnostic {
    Diagnostic::new(code, place.new, message).label("it is not in here").other(place.old, "it was here")
}

/// Such as "struct `Point`".
pub(super) fn titled(program: &Program, id: ItemId) -> String {
    format!("{} `{}`", kind_word(&program.item(id).kind), program.item(id).name)
}

/// The words of the language that declare such an item.
pub(super) fn kind_word(kind: &ItemKind) -> &'static str {
    match kind {
        ItemKind::Const(_) => "constant",
        ItemKind::Alias(_) => "alias",
        ItemKind::Enum(of) if of.closed => "closed enum",
        ItemKind::Enum(_) => "enum",
        ItemKind::Flags(of) if of.closed => "closed flags",
        ItemKind::Flags(_) => "flags",
        ItemKind::Struct(_) => "struct",
        ItemKind::Table(_) => "table",
        ItemKind::Union(of) if of.closed => "closed union",
        ItemKind::Union(_) => "union",
        ItemKind::Error(_) => "error",
        ItemKind::Service(_) => "service",
    }
}

impl Compare<'_> {
    pub(super) fn push(&mut self, about: About, diagnostic: Diagnostic) {
        self.found.push(Found { about, diagnostic });
    }

    /// Something is another than it was.
    pub(super) fn changed(&mut self, code: Code, place: &Place, message: String) {
        let found = Diagnostic::new(code, place.new, message).other(place.old, "it was this");
        self.push(place.about, found);
    }

    /// Something is new: `owner` is where it would have stood in the old version.
    pub(super) fn added(&mut self, code: Code, place: &Place, message: String) {
        let found =
            Diagnostic::new(code, place.new, message).label("this is new").other(place.old, "it is not in here");
        self.push(place.about, found);
    }

    /// Something is gone: `owner` is where it would stand in the new version.
    pub(super) fn removed(&mut self, code: Code, place: &Place, message: String) {
        self.push(place.about, gone(code, place, message));
    }

    pub(super) fn retyped(&mut self, code: Code, place: &Place, was: &str, is: &str) {
        let message = match code {
            Code::RustTypeChanged => format!("{} has another type in Rust: `{is}`, no longer `{was}`", place.what),
            _ => format!("{} has another type: `{is}`, no longer `{was}`", place.what),
        };
        let found = Diagnostic::new(code, place.new, message)
            .label(format!("`{is}` now"))
            .other(place.old, format!("it was `{was}`"));
        self.push(place.about, found);
    }

    /// A bound is another: who receives must not take less than what others send.
    pub(super) fn bound(&mut self, place: &Place, difference: Difference, (was, is): (&str, &str)) {
        let (how, first) = match (difference.wider, difference.narrower, place.flow) {
            (true, true, _) => ("is wider in one part and narrower in another", "split the change in two"),
            (true, _, Flow::Request) => ("takes more", "servers first"),
            (true, _, Flow::Reply) => ("takes more", "clients first"),
            (true, _, Flow::Any) => ("takes more", "those who receive it first"),
            (_, _, Flow::Request) => ("takes less", "clients first"),
            (_, _, Flow::Reply) => ("takes less", "servers first"),
            (_, _, Flow::Any) => ("takes less", "those who send it first"),
        };
        let found = Diagnostic::new(Code::BoundChanged, place.new, format!("{} {how}: {first}", place.what))
            .label(format!("`{is}` now"))
            .other(place.old, format!("it was `{was}`"));
        self.push(place.about, found);
    }

    /// Only the name is another.
    pub(super) fn renamed(&mut self, what: &str, (old, was): (Location, &str), (new, is): (Location, &str)) {
        let found = Diagnostic::new(Code::Renamed, new, format!("{what} is called `{is}` now"))
            .other(old, format!("it was `{was}`"));
        self.push(About::Nothing, found);
    }

    /// A name stands for a declaration of another kind.
    pub(super) fn other_kind(&mut self, a: ItemId, b: ItemId, code: Code) {
        let (old, new) = (self.old.item(a), self.new.item(b));
        let (was, is) = (kind_word(&old.kind), kind_word(&new.kind));
        let found = Diagnostic::new(
            code,
            new.location,
            format!("`{}` is declared with `{is}` now, no longer with `{was}`", new.name),
        )
        .label(format!("{is} now"))
        .other(old.location, format!("it was {was}"));
        self.push(About::Item(a), found);
    }

    /// Something became deprecated.
    pub(super) fn deprecation(
        &mut self,
        what: &str,
        (old, was): (Location, &Option<String>),
        (new, is): (Location, &Option<String>),
    ) {
        if let (None, Some(why)) = (was, is) {
            let found = Diagnostic::new(Code::NewlyDeprecated, new, format!("{what} is deprecated now: {why}"))
                .other(old, "it was not");
            self.push(About::Nothing, found);
        }
    }
}

/// The findings with advice, and with the methods that those about the wire travel in.
pub(super) fn publish(found: Vec<Found>, old: &Program) -> Diagnostics {
    let users = Users::of(old);
    let mut all = Diagnostics::default();
    for Found { about, mut diagnostic } in found {
        let travels = match about {
            About::Item(id) if Level::of(diagnostic.code) != Some(Level::Source) => users.in_words(old, id),
            _ => None,
        };
        let help: Vec<String> =
            travels.into_iter().chain(diagnostic.help.take()).chain(advice(diagnostic.code)).collect();
        diagnostic.help = Some(help.join("; ")).filter(|help| !help.is_empty());
        all.push(diagnostic);
    }
    all
}

/// What to do instead, or in which order.
fn advice(code: Code) -> Option<String> {
    let text = match code {
        Code::ServiceGone => "keep it until no program calls it any more",
        Code::MethodNumber => "leave `@id` as it was",
        Code::FieldsChanged => "leave it as it was: add a method or a type, use a table, or keep a name with `@wire`",
        Code::TypeChanged => "leave the type as it was, and add what is new under a name or an ordinal of its own",
        Code::CallKindChanged | Code::ThrowsOther => "leave it as it was, and add a method",
        Code::ClosedChanged | Code::OpennessChanged | Code::BaseChanged | Code::KindChanged => {
            "leave it as it was, and add a type for what is new"
        }
        Code::Renumbered => "give it its number again",
        Code::Unreserved => "write `reserved` for it, so that it never means anything else",
        Code::ReservationGone => "reserve it again: older programs may still send it",
        _ => return None,
    };
    Some(text.to_owned())
}
