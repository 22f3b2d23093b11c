//! Numbers, packed one after the other.

use std::io::{Read, Write as _};
use std::net::TcpStream;

use anyhow::{Result, ensure};

use crate::work::sum_below;

/// Bytes that are written and read at once.
pub(crate) const BUFFER: usize = 64 << 10;

/// Sends as many numbers as it is asked for.
pub(super) fn send_counted(mut client: TcpStream) -> Result<()> {
    let count = read_number(&mut client)?;
    send_numbers(&mut client, count)
}

/// Adds up as many numbers as are announced, and answers with the sum.
pub(super) fn answer_sum(mut client: TcpStream) -> Result<()> {
    let count = read_number(&mut client)?;
    let sum = add_up(&mut client, count)?;
    Ok(client.write_all(&sum.to_be_bytes())?)
}

pub(super) fn receive(mut server: TcpStream, count: u64) -> Result<()> {
    server.write_all(&count.to_be_bytes())?;
    ensure!(add_up(&mut server, count)? == sum_below(count), "a wrong sum");
    Ok(())
}

pub(super) fn send(mut server: TcpStream, count: u64) -> Result<()> {
    server.write_all(&count.to_be_bytes())?;
    send_numbers(&mut server, count)?;
    ensure!(read_number(&mut server)? == sum_below(count), "a wrong sum");
    Ok(())
}

fn read_number(peer: &mut TcpStream) -> Result<u64> {
    let mut number = [0; 8];
    peer.read_exact(&mut number)?;
    Ok(u64::from_be_bytes(number))
}

fn send_numbers(peer: &mut TcpStream, count: u64) -> Result<()> {
    let mut buffer = Vec::with_capacity(BUFFER);
    for number in 0..count {
        buffer.extend(number.to_be_bytes());
        if buffer.len() == BUFFER {
            peer.write_all(&buffer)?;
            buffer.clear();
        }
    }
    Ok(peer.write_all(&buffer)?)
}

fn add_up(peer: &mut TcpStream, count: u64) -> Result<u64> {
    let (mut buffer, mut arrived, mut sum, mut left) = (vec![0; BUFFER], 0, 0, count);
    while left > 0 {
        let read = peer.read(&mut buffer[arrived..])?;
        ensure!(read > 0, "the stream is too short");
        arrived += read;
        let (numbers, _) = buffer[..arrived].as_chunks();
        sum = add_all(sum, numbers);
        left -= numbers.len() as u64;
        let taken = numbers.len() * 8;
        buffer.copy_within(taken..arrived, 0);
        arrived -= taken;
    }
    Ok(sum)
}

/// Decodes numbers and adds them up.
pub(crate) fn add_all(sum: u64, numbers: &[[u8; 8]]) -> u64 {
    numbers.iter().fold(sum, |sum, number| sum.wrapping_add(u64::from_be_bytes(*number)))
}
