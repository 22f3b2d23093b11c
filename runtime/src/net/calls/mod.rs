//! What all clients have in common, however they wait: the options of a channel, a call as it is packed, sent again and
//! answered.

mod answer;
mod ending;
mod in_process;
mod open_calls;
mod options;
mod places;
mod request;
mod results;
mod settings;
mod standing;
mod streams;
mod target;

pub(in crate::net) use answer::Answer;
pub(in crate::net) use ending::Ending;
pub(in crate::net) use in_process::{options as options_in_process, serve as serve_in_process};
pub(in crate::net) use open_calls::{Flushed, OpenCalls, Started, flush, too_late};
pub use options::ChannelOptions;
pub(in crate::net) use places::Place;
pub(in crate::net) use request::Request;
pub(in crate::net) use results::Reader;
pub(in crate::net) use settings::{Settings, Terms};
pub(in crate::net) use standing::{MOVES, Next, Standing, Usable};
pub(in crate::net) use streams::Streamed;
pub(in crate::net) use target::{IN_PROCESS, Target, cannot_connect, nobody_answers, round};
