//! A caller that speaks in frames.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};

use rpcgen_runtime::wire::header::ONEWAY;
use rpcgen_runtime::wire::{Header, Kind, Preface};

use crate::gate::PATIENCE;
use crate::servers::Running;

pub(crate) struct Raw(TcpStream);

impl Raw {
    /// Connects, and exchanges prefaces.
    pub(crate) fn connect(server: &Running) -> Self {
        let stream = TcpStream::connect(server.endpoint().to_string().trim_start_matches("tcp://")).expect("connects");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let mut raw = Self(stream);
        raw.send(&Preface { calls: 64, frame: 65_536, window: 16_384 }.encode());
        raw.0.read_exact(&mut [0; Preface::SIZE]).expect("a preface");
        raw
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).expect("sent");
    }

    pub(crate) fn end(&self) {
        self.0.shutdown(Shutdown::Write).expect("ends");
    }

    /// The next frame but for PINGs: its kind, call and argument, and the first byte of its payload.
    pub(crate) fn hear(&mut self) -> (Kind, u32, u32, Option<u8>) {
        loop {
            let heard = self.hear_any();
            if heard.0 != Kind::Ping {
                return heard;
            }
        }
    }

    fn hear_any(&mut self) -> (Kind, u32, u32, Option<u8>) {
        let mut head = [0; Header::SIZE];
        self.0.read_exact(&mut head).expect("a header");
        let header = Header::decode(&head, u32::MAX).expect("a good header");
        let mut payload = vec![0; header.length as usize];
        self.0.read_exact(&mut payload).expect("a payload");
        (header.kind, header.call, header.argument, payload.first().copied())
    }
}

/// A call of a method without parameters, whose shape is its number and 10; with so many microseconds, if any.
pub(crate) fn call(number: u32, method: u32, timeout: Option<u64>) -> Vec<u8> {
    let mut payload = Vec::new();
    if let Some(timeout) = timeout {
        payload.extend([1, 0, 0, 8]);
        payload.extend(timeout.to_be_bytes());
    }
    let extension = u16::try_from(payload.len()).expect("short");
    payload.extend((method + 10).to_be_bytes());
    let length = u32::try_from(payload.len()).expect("short");
    [&Header { length, extension, ..Header::new(Kind::Call, number, method) }.encode()[..], &payload].concat()
}

/// A call of `note`.
pub(crate) fn note(number: u32) -> Vec<u8> {
    let header = Header { length: 4, flags: ONEWAY, ..Header::new(Kind::Call, number, 4) };
    [&header.encode()[..], &14_u32.to_be_bytes()].concat()
}

/// A frame without payload about a call.
pub(crate) fn frame(kind: Kind, number: u32, argument: u32) -> Vec<u8> {
    Header::new(kind, number, argument).encode().to_vec()
}
