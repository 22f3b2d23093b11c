//! The connection as a state machine: no socket, no clock, no thread. Time is an argument, bytes come in and go out.
//!
//! Each end is driven alike, whatever carries the bytes:
//!
//! 1. *receive*: [`Inbox::space`] and [`Inbox::filled`] put in what the transport brought, [`Inbox::next`] takes it out as
//!    [`Incoming`] values, and `handle` of [`ClientConnection`] or [`ServerConnection`] decides what each means; `received`
//!    notes that something came, where it does not complete a frame;
//! 2. *act*: calls are opened or answered;
//! 3. *transmit*: `poll_transmit` gives the bytes to send, `transmitted` says how many the transport took;
//! 4. *wait*: `poll_timeout` says until when, `handle_timeout` what it means that this time has come.
//!
//! The inbox is apart from the connection, so that one thread can look at what arrived while others open calls.

mod assembly;
mod client;
mod held;
mod inbox;
mod keepalive;
mod limits;
mod link;
mod outbox;
mod running;
mod server;

pub use client::{CallId, ClientConnection, Ended, Lost, OpenError, Outcome};
pub use held::Held;
pub use inbox::{Frame, Inbox, Incoming};
pub use limits::Limits;
pub use link::{Broken, Transmit};
pub use running::RunningCall;
pub use server::{IncomingCall, ServerConnection};

use std::time::Duration;

use crate::wire::Extensions;

/// What stands before the shape of a call that must be over in `timeout`; its size goes into the header.
pub(crate) fn put_timeout(out: &mut Vec<u8>, timeout: Option<Duration>) -> u16 {
    let before = out.len();
    Extensions { timeout }.encode(out);
    u16::try_from(out.len() - before).unwrap_or(u16::MAX)
}
