//! Servers of many clients at once.

mod answer;
mod early;
mod handle;
mod leaving;
mod life;
mod options;
mod pool;
mod reader;
mod registry;
mod report;
mod seat;
mod session;
mod stream_end;
mod stream_wire;
mod streams;
#[cfg(all(test, shuttle))]
mod tests;
mod thread;
mod times;
mod watch;
mod wire;

#[cfg(feature = "tokio")]
pub(super) use {
    answer::{Owed, answer, refuse_for_room},
    early::{Early, SEND_EARLY},
    leaving::LULL,
    life::Life,
    options::call_deadline,
    registry::{Entry, Registered, Registry, Room},
    session::{End, STILL_THERE, cancel},
    stream_end::{CarriesStreams, StreamEnd},
    thread::ACCEPT_AGAIN,
    times::Times,
    wire::Wire,
};

pub use options::{ServerError, ServerOptions};
pub use report::{Calls, Report};
pub(super) use seat::Seat;
pub(super) use session::Session;
pub use thread::{Running, ThreadServer};
