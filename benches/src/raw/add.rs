//! Sums of two numbers.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use anyhow::{Result, ensure};

/// Bytes of a request: length, a, b.
pub(crate) const REQUEST: usize = 12;

/// Bytes of a reply: length, sum.
pub(crate) const REPLY: usize = 8;

/// Answers all that one read brings with one write.
pub(super) fn answer(mut client: TcpStream) -> Result<()> {
    let (mut buffer, mut arrived, mut replies) = ([0; 65_536], 0, Vec::new());
    loop {
        let count = client.read(&mut buffer[arrived..])?;
        if count == 0 {
            return Ok(());
        }
        arrived += count;
        let taken = reply(&buffer[..arrived], &mut replies);
        buffer.copy_within(taken..arrived, 0);
        arrived -= taken;
        client.write_all(&replies)?;
        replies.clear();
    }
}

/// Writes the replies to all whole requests; how many bytes those are.
pub(crate) fn reply(arrived: &[u8], replies: &mut Vec<u8>) -> usize {
    let (requests, _) = arrived.as_chunks::<REQUEST>();
    for request in requests {
        let sum = number(&request[4..8]).wrapping_add(number(&request[8..12]));
        replies.extend(4_u32.to_be_bytes());
        replies.extend(sum.to_be_bytes());
    }
    requests.len() * REQUEST
}

/// Makes calls in batches of `in_flight`: one write, and reads until all replies are there.
pub(super) fn run(mut server: TcpStream, in_flight: usize, count: u64) -> Result<()> {
    let (mut requests, mut replies) = (Vec::new(), vec![0; in_flight * REPLY]);
    let numbers: Vec<i32> = (0..i32::try_from(count)?).collect();
    for batch in numbers.chunks(in_flight) {
        request(batch, &mut requests);
        server.write_all(&requests)?;
        let replies = &mut replies[..batch.len() * REPLY];
        server.read_exact(replies)?;
        check(batch, replies)?;
    }
    Ok(())
}

/// Writes requests in place of others.
pub(crate) fn request(batch: &[i32], requests: &mut Vec<u8>) {
    requests.clear();
    for number in batch {
        requests.extend(8_u32.to_be_bytes());
        requests.extend(number.to_be_bytes());
        requests.extend(1_i32.to_be_bytes());
    }
}

pub(crate) fn check(batch: &[i32], replies: &[u8]) -> Result<()> {
    let sums = replies.chunks(REPLY).map(|reply| number(&reply[4..8]));
    ensure!(sums.eq(batch.iter().map(|number| number + 1)), "a wrong sum");
    Ok(())
}

fn number(bytes: &[u8]) -> i32 {
    i32::from_be_bytes(bytes.try_into().unwrap_or_default())
}
