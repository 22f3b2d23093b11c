//! The docs of a client's methods.

use crate::backend::idl;
use crate::backend::rust::docs::{Rustdoc, code};
use crate::backend::rust::items::Maker;
use crate::backend::rust::items::flavour::Flavour;
use crate::backend::rust::items::service::{link, method_docs, raised};
use crate::ir::Method;

/// What the method does, and how long that may take.
pub(super) fn of_call(flavour: Flavour, method: &Method) -> Rustdoc {
    let docs = with_streams(method_docs(method), flavour, method);
    match method.deadline.map(idl::duration) {
        Some(time) => docs.paragraph(format!(
            "It must be over within {time}, unless [`with_timeout`](Self::with_timeout) says otherwise."
        )),
        None => docs,
    }
}

/// How the items of its streams go.
fn with_streams(docs: Rustdoc, flavour: Flavour, method: &Method) -> Rustdoc {
    let link = |name| format!("[`{}`]", flavour.runtime(name));
    match (&method.stream_in, &method.stream_out) {
        (None, None) => docs,
        (None, Some(_)) => docs.paragraph(format!(
            "The items come out of the {} as the server sends them.\nDropping it before its end cancels the call.",
            link("Receiver")
        )),
        (Some(field), None) => docs.paragraph(format!(
            "The items of {} go into the {}, whose `finish` ends them and gives\n\
             the result. Dropping it before cancels the call.",
            code(&field.name),
            link("ClientStream")
        )),
        (Some(field), Some(_)) => docs.paragraph(format!(
            "The items of {} go into the {}, whose `finish` ends them; those of\n\
             the server come out of the {}. Dropping either before its end cancels the call.",
            code(&field.name),
            link("ClientSender"),
            link("Receiver")
        )),
    }
}

/// When the method fails.
pub(super) fn errors(maker: &Maker<'_>, method: &Method) -> String {
    let text = match raised(maker, method) {
        _ if method.oneway => {
            "A [`stub::Status`] when it could not be sent; what becomes of it then, nobody hears.".to_owned()
        }
        _ if method.has_stream() => {
            "When the call could not be begun; all other failures come from what this gives.".to_owned()
        }
        Some(error) => {
            format!("The server's {}, or a [`stub::Status`] when the call fails in another way.", link(&error))
        }
        None => "A [`stub::Status`] when the call fails.".to_owned(),
    };
    format!("# Errors\n\n{text}")
}

/// A link to a method.
fn link_to(name: &str) -> String {
    if name.starts_with("r#") { format!("`{name}`") } else { format!("[`{name}`](Self::{name})") }
}

/// What the twin of a method does that reads the results in place.
pub(super) fn of_in_place(name: &str) -> String {
    let method = link_to(name);
    let docs = Rustdoc::default()
        .paragraph(format!(
            "The same as {method}, with results that are read where they were received: `rpc_read` is given views of\n\
             them, and what it makes of them is the result."
        ))
        .paragraph(format!("# Errors\n\nAs {method}."));
    docs.comment()
}

/// What the twin of a method does.
pub(super) fn of_twin(flavour: Flavour, name: &str) -> String {
    let method = link_to(name);
    let docs = match flavour {
        Flavour::Blocking => Rustdoc::default()
            .paragraph(format!("Starts {method} without waiting for its result."))
            .paragraph("# Errors\n\nWhen the call could not be sent; all other failures come with the result."),
        Flavour::Tokio => Rustdoc::default().paragraph(format!(
            "The same as {method}, with what the server said beside the result, or beside the failure."
        )),
    };
    docs.comment()
}
