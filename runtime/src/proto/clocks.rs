//! What time does to a connection, at either end.

use std::time::Instant;

use super::link::Broken;
use super::{ClientConnection, ServerConnection};

impl<T> ClientConnection<T> {
    /// Whether a wait needs no end: nothing is expected of the peer.
    pub fn is_quiet(&self, is_mid_frame: bool) -> bool {
        self.link.is_quiet(is_mid_frame)
    }

    /// Until when to wait at most, if anything is expected of the peer.
    pub fn poll_timeout(&mut self, is_mid_frame: bool, now: Instant) -> Option<Instant> {
        self.link.poll_timeout(is_mid_frame, now)
    }

    /// Says what it means that time has passed.
    ///
    /// # Errors
    ///
    /// When the peer took too long: the connection is over.
    pub fn handle_timeout(&mut self, now: Instant) -> Result<(), Broken> {
        self.link.handle_timeout(now)
    }

    /// Checks, where bytes came, that the peer takes what it is sent as well.
    ///
    /// # Errors
    ///
    /// When it has taken nothing for too long: the connection is over.
    pub fn check_writing(&self, now: Instant) -> Result<(), Broken> {
        self.link.check_writing(now)
    }
}

impl ServerConnection {
    /// Checks, where bytes came, that the peer takes what it is sent as well.
    ///
    /// # Errors
    ///
    /// When it has taken nothing for too long: the connection is over.
    pub fn check_writing(&self, now: Instant) -> Result<(), Broken> {
        self.link.check_writing(now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{Inbox, Incoming, Limits, Outgoing, Transmit as _};
    use super::*;
    use crate::wire::preface::MINIMUM;
    use crate::wire::{Code, Header, Kind};

    const STALL: Duration = Duration::from_secs(30);

    /// A PING, as it arrives.
    fn ping(inbox: &mut Inbox) {
        let bytes = Header::new(Kind::Ping, 0, 0).encode();
        inbox.space()[..bytes.len()].copy_from_slice(&bytes);
        inbox.filled(bytes.len());
    }

    fn greeted() -> Inbox {
        let mut inbox = Inbox::new(65_536);
        inbox.space()[..16].copy_from_slice(&MINIMUM.encode());
        inbox.filled(16);
        assert!(matches!(inbox.next(), Ok(Some(Incoming::Preface(_)))));
        inbox
    }

    /// L6: a peer that sends all the time and takes nothing is noticed too, and one that takes a byte is not.
    #[test]
    fn a_server_notices_a_flood_of_pings_whose_answers_are_never_read() {
        let (now, mut inbox) = (Instant::now(), greeted());
        let mut server = ServerConnection::new(Limits::default(), now);
        assert_eq!(server.handle(Incoming::Preface(MINIMUM), now).map(|call| call.is_none()), Ok(true));
        let mut sent = Outgoing::default();
        for second in 0..60 {
            ping(&mut inbox);
            let Ok(Some(incoming)) = inbox.next() else { panic!("a ping") };
            assert!(server.handle(incoming, now).is_ok());
            let later = now + Duration::from_secs(second);
            server.poll_transmit(&mut sent);
            if second == 10 {
                server.transmitted(1);
            }
            assert!(server.poll_timeout(false, later).is_some());
            let expected = if second < 10 + 30 { Ok(()) } else { Err(Code::DeadlineExceeded) };
            assert_eq!(server.check_writing(later).map_err(|broken| broken.code), expected, "after {second} s");
        }
    }

    /// L6: the same at the other end; the reason names the limit and what waits.
    #[test]
    fn a_client_notices_a_server_that_takes_nothing() {
        let now = Instant::now();
        let mut client = ClientConnection::<()>::new(Limits::default(), now);
        assert!(client.poll_timeout(false, now).is_some());
        assert_eq!(client.check_writing(now + STALL / 2), Ok(()));
        let broken = client.check_writing(now + STALL).expect_err("too slow");
        let reason = "the peer has read nothing for 30s, while 16 bytes wait (Limits::write_stall)";
        assert_eq!(broken.reason, reason);
        client.transmitted(16);
        assert_eq!(client.check_writing(now + STALL), Ok(()));
    }
}
