//! A server's end of a connection, by hand.

#![allow(dead_code, reason = "not every test uses all of it")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};

use rpcgen_runtime::Code;
use rpcgen_runtime::wire::{Header, Kind, Preface};

use crate::PATIENCE;

/// A server's end of a connection, by hand.
pub(crate) struct Peer<S = TcpStream>(pub(crate) S);

pub(crate) const PREFACE: Preface = Preface { calls: 64, frame: 65_536, window: 16_384 };

impl Peer {
    /// Accepts, and exchanges prefaces.
    pub(crate) fn accept(listener: &TcpListener) -> Self {
        let mut peer = Self::accept_silently(listener);
        peer.0.write_all(&PREFACE.encode()).expect("sent");
        peer
    }

    pub(crate) fn accept_silently(listener: &TcpListener) -> Self {
        let mut stream = listener.accept().expect("a connection").0;
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.read_exact(&mut [0; Preface::SIZE]).expect("a preface");
        Self(stream)
    }
}

impl Peer<UnixStream> {
    /// Accepts, and exchanges prefaces.
    pub(crate) fn accept_unix(listener: &UnixListener) -> Self {
        let mut stream = listener.accept().expect("a connection").0;
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.read_exact(&mut [0; Preface::SIZE]).expect("a preface");
        stream.write_all(&PREFACE.encode()).expect("sent");
        Self(stream)
    }
}

impl<S: Read + Write> Peer<S> {
    pub(crate) fn send(&mut self, header: Header, payload: &[u8]) {
        let length = payload.len().try_into().expect("short");
        let frame = [&Header { length, ..header }.encode()[..], payload].concat();
        self.0.write_all(&frame).expect("sent");
    }

    pub(crate) fn reply(&mut self, call: u32) {
        self.send(Header::new(Kind::Reply, call, 0), &[0, 0, 0, 7]);
    }

    pub(crate) fn refuse(&mut self, call: u32, code: Code, did_not_run: bool) {
        self.send(Header::new(Kind::Fault, call, code.number()), &[u8::from(did_not_run), 0, 0, 0, 0]);
    }

    /// The next frame.
    pub(crate) fn frame(&mut self) -> (Header, Vec<u8>) {
        let mut head = [0; Header::SIZE];
        self.0.read_exact(&mut head).expect("a frame");
        let header = Header::decode(&head, 65_536).expect("a good header");
        let mut payload = vec![0; header.length as usize];
        self.0.read_exact(&mut payload).expect("a payload");
        (header, payload)
    }

    /// The number of the next frame, which must be a CALL.
    pub(crate) fn call(&mut self) -> u32 {
        let (header, _) = self.frame();
        assert_eq!(header.kind, Kind::Call);
        header.call
    }

    /// That nothing more comes before the client ends the connection.
    pub(crate) fn ends(mut self) {
        let mut rest = Vec::new();
        let _reset = self.0.read_to_end(&mut rest);
        assert_eq!(rest, []);
    }
}
