//! A caller that speaks in frames, over any stream.

#![allow(dead_code, reason = "not every test uses all of it")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rpcgen_runtime::wire::{Header, Kind, Preface};

/// A preface that takes long frames.
pub(crate) const PREFACE: Preface = Preface { calls: 64, frame: 1 << 20, window: 16_384 };

/// A caller's end of a connection, by hand.
pub(crate) struct Raw<S = TcpStream>(pub(crate) S);

impl Raw {
    /// Connects, and says nothing.
    pub(crate) fn tcp(url: &str, patience: Duration) -> Self {
        let stream = TcpStream::connect(url.trim_start_matches("tcp://")).expect("connects");
        stream.set_read_timeout(Some(patience)).expect("a timeout");
        stream.set_nodelay(true).expect("set");
        Self(stream)
    }
}

impl Raw<UnixStream> {
    /// Connects, and says nothing.
    pub(crate) fn unix(url: &str, patience: Duration) -> Self {
        let stream = UnixStream::connect(url.trim_start_matches("unix://")).expect("connects");
        stream.set_read_timeout(Some(patience)).expect("a timeout");
        Self(stream)
    }
}

impl<S: Read + Write> Raw<S> {
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).expect("sent");
    }

    /// Sends the preface, and hears the server's.
    pub(crate) fn greet(mut self) -> Self {
        self.send(&PREFACE.encode());
        self.greeting();
        self
    }

    /// Hears the server's preface.
    pub(crate) fn greeting(&mut self) {
        self.0.read_exact(&mut [0; Preface::SIZE]).expect("a preface");
    }

    /// The next frame.
    pub(crate) fn hear(&mut self) -> (Header, Vec<u8>) {
        let mut head = [0; Header::SIZE];
        self.0.read_exact(&mut head).expect("a header");
        let header = Header::decode(&head, u32::MAX).expect("a good header");
        let mut payload = vec![0; header.length as usize];
        self.0.read_exact(&mut payload).expect("a payload");
        (header, payload)
    }

    /// Everything that comes until the server closes.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).expect("closed");
        rest
    }
}

/// A frame.
pub(crate) fn frame(header: Header, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short");
    [&Header { length, ..header }.encode()[..], payload].concat()
}

/// A call of `test.Sums/add`.
pub(crate) fn add(number: u32) -> Vec<u8> {
    frame(Header::new(Kind::Call, number, 1), &[0, 0, 0, 11, 0, 0, 0, 2, 0, 0, 0, 3])
}

/// A call of `test.Sums/echo` with so many bytes.
pub(crate) fn echo(number: u32, size: usize) -> Vec<u8> {
    let length = u32::try_from(size).expect("short").to_be_bytes();
    frame(Header::new(Kind::Call, number, 2), &[&[0, 0, 0, 12][..], &length, &vec![7; size]].concat())
}
