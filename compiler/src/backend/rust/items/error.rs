//! `error`: a union that is a failure too.

use askama::Template;

use super::{Maker, print, union};
use crate::backend::rust::lints::Allows;
use crate::backend::rust::message::Message;
use crate::backend::rust::names;
use crate::backend::rust::scope::Prelude;
use crate::ir::{ItemId, Union};

/// The traits of an error: its message, what the runtime asks of it.
#[derive(Template)]
#[template(path = "error_traits.rs.askama")]
struct TraitsView {
    name: String,
    allow_display: String,
    /// The arms of `Display`.
    messages: Vec<String>,
    std: Prelude,
}

pub(super) fn render(maker: &Maker<'_>, id: ItemId, of: &Union) -> String {
    let name = names::type_name(&maker.scope.program.item(id).name);
    [union::definition(maker, id, of, &union::FAILURE), traits(maker, &name, of), union::packed(maker, id, of)]
        .join("\n")
}

fn traits(maker: &Maker<'_>, name: &str, of: &Union) -> String {
    let messages: Vec<_> = of.variants.iter().map(|variant| Message::new(maker.scope, variant)).collect();
    let repeated = (1..messages.len()).any(|at| messages[..at].iter().any(|other| other.body == messages[at].body));
    let reason = "the interface has the same message for different failures";
    print(&TraitsView {
        name: name.to_owned(),
        allow_display: Allows::default().when(repeated, "clippy::match_same_arms", reason).text(),
        messages: messages
            .into_iter()
            .map(|message| format!("Self::{} => {}", message.pattern, message.body))
            .collect(),
        std: maker.scope.prelude.clone(),
    })
}
