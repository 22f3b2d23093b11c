//! What all clients have in common, however they wait: the options of a channel, a call as it is packed, sent again and
//! answered.

mod answer;
mod ending;
mod options;
mod request;
mod results;
mod settings;

pub(in crate::net) use answer::Answer;
pub(in crate::net) use ending::Ending;
pub use options::ChannelOptions;
pub(in crate::net) use request::Request;
pub(in crate::net) use results::Reader;
pub(in crate::net) use settings::{Settings, Terms};
