//! What both implementations share: all that takes no time.

use std::time::Duration;

use rpcgen_runtime::{Context, Fault, Status};

use crate::stubs::tests::behaviour::{Ending, Known, Refused};

/// How long `hurry` waits for a number.
pub(crate) const HURRY: Duration = Duration::from_millis(50);

/// A service of either kind.
pub(crate) struct Desk;

pub(crate) fn halve(number: i64) -> Result<i64, Fault<Refused>> {
    if number % 2 == 0 { Ok(number / 2) } else { Err(Refused::Odd { number }.into()) }
}

pub(crate) fn fail(context: &Context, message: &str) -> Status {
    say_back(context);
    Status::aborted(message)
}

pub(crate) fn tell(context: &Context, size: u32) -> (u32, String) {
    say_back(context);
    (size, text(size))
}

/// A text of so many bytes, in which each place differs from the others.
pub(crate) fn text(size: u32) -> String {
    let numbers = (0..=size / 8).map(|number| format!("{number:08}"));
    let mut text: String = numbers.collect();
    text.truncate(size as usize);
    text
}

fn say_back(context: &Context) {
    for (key, value) in context.metadata() {
        context.append_reply_metadata(key, value);
    }
}

pub(crate) fn make(size: u32) -> Vec<u8> {
    vec![7; size as usize]
}

pub(crate) fn known(context: &Context) -> Known {
    Known { trace: context.trace().map(|trace| trace.to_string()), left: context.time_left() }
}

/// How a handler ends that has done all else.
pub(crate) fn end<T>(ending: Ending, result: T) -> Result<T, Fault<Refused>> {
    match ending {
        Ending::Status => Err(Status::aborted("as asked").into()),
        Ending::Refusal => Err(Refused::Odd { number: 7 }.into()),
        Ending::Panic => panic!("as asked"),
        Ending::Well | Ending::Unknown(_) => Ok(result),
    }
}
