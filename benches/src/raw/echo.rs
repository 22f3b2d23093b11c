//! Bytes that come back as they are.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use anyhow::{Result, ensure};

/// Gives messages of one length back, each when all of it has come.
pub(super) fn answer(mut client: TcpStream, bytes: usize) -> Result<()> {
    let mut message = vec![0; 4 + bytes];
    loop {
        client.read_exact(&mut message)?;
        client.write_all(&message)?;
    }
}

pub(super) fn run(mut server: TcpStream, data: Vec<u8>, count: u64) -> Result<()> {
    let message = framed(&data)?;
    let mut reply = vec![0; message.len()];
    for _ in 0..count {
        server.write_all(&message)?;
        server.read_exact(&mut reply)?;
        ensure!(reply[..4] == message[..4] && reply.last() == message.last(), "a wrong echo");
    }
    Ok(())
}

/// The bytes behind their length.
pub(crate) fn framed(data: &[u8]) -> Result<Vec<u8>> {
    Ok([&u32::try_from(data.len())?.to_be_bytes(), data].concat())
}
