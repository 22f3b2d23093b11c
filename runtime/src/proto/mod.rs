//! The connection as a state machine: no socket, no clock, no thread. Time is an argument, bytes come in and go out.
//!
//! Each end is driven alike, whatever carries the bytes:
//!
//! 1. *receive*: [`Inbox::space`] and [`Inbox::filled`] put in what the transport brought, [`Inbox::next`] takes it out as
//!    [`Incoming`] values, and `handle` of [`ClientConnection`] or [`ServerConnection`] decides what each means; `received`
//!    notes that something came, where it does not complete a frame; `place`, once nothing that is complete is left, lets the
//!    rest of a long message come to where it is put together;
//! 2. *act*: calls are opened or answered, items taken and put, and `poll_news` says of which streams there is news;
//! 3. *transmit*: `poll_transmit` gives the bytes to send, `transmitted` says how many the transport took;
//! 4. *wait*: `poll_timeout` says until when, `handle_timeout` what it means that this time has come.
//!
//! The inbox is apart from the connection, so that one thread can look at what arrived while others open calls.

mod answer;
mod assembly;
mod client;
mod clocks;
mod held;
mod holding;
mod inbox;
mod incoming_call;
mod keepalive;
mod limits;
mod link;
pub(crate) mod options;
mod outbox;
mod outcome;
mod outgoing;
mod placed;
mod row;
mod running;
mod server;
mod streams;

pub use answer::Answer;
pub use client::{CallId, ClientConnection, Ended, Lost, OpenError};
pub use held::Held;
pub use inbox::{Frame, Inbox, Incoming};
pub use incoming_call::IncomingCall;
pub use limits::Limits;
pub use link::{Broken, Transmit};
pub use options::OptionError;
pub use outcome::Outcome;
pub use outgoing::Outgoing;
pub use placed::Placed;
pub use running::RunningCall;
pub use server::ServerConnection;
pub use streams::{Half, Items, Put, Streams, Taken};
