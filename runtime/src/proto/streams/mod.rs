//! The streams of calls: items come and go under credit, at both ends alike.
//!
//! The driver moves bytes; who reads or writes a stream is elsewhere, asks, and hears through `poll_news` when it makes sense
//! to ask again. Items are packed values here, one after the other.

mod client;
mod incoming;
mod link;
mod outgoing;
mod server;
mod table;

pub(super) use table::Table;

/// Which streams a call has, seen from this end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Streams {
    /// Items come from the peer.
    pub incoming: bool,
    /// Items go to the peer.
    pub outgoing: bool,
}

/// One direction of a call's streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Half {
    /// Items that come.
    Incoming,
    /// Items that go.
    Outgoing,
}

/// Items that came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Items {
    /// Packed one after the other.
    pub bytes: Vec<u8>,
    /// How many they are, as the peer says.
    pub count: u64,
}

/// What there is to take of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// The next ones. There may be more behind them.
    Items(Items),
    /// None now; news will come.
    Nothing,
    /// The peer has ended its stream, and all before that was taken.
    End,
    /// The call is over at this end, or has no such stream.
    Over,
}

/// What became of items that were to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// They will be sent.
    Queued,
    /// The peer gives no credit, or too much waits to be sent; news will come.
    Full,
    /// The call is over at this end, or its stream was ended, or there is none.
    Over,
}

impl Streams {
    /// The same, as the other end sees it.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self { incoming: self.outgoing, outgoing: self.incoming }
    }

    /// Whether there is any.
    pub const fn any(self) -> bool {
        self.incoming || self.outgoing
    }
}
