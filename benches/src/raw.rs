//! The baseline: what sockets cost without any RPC.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use anyhow::{Result, ensure};

/// Bytes of a request: length, a, b.
const REQUEST: usize = 12;

/// Bytes of a reply: length, sum.
const REPLY: usize = 8;

pub(crate) fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    for client in listener.incoming() {
        let client = client?;
        thread::spawn(move || answer(client));
    }
    Ok(())
}

/// Answers all that one read brings with one write.
fn answer(mut client: TcpStream) -> Result<()> {
    client.set_nodelay(true)?;
    let (mut buffer, mut arrived, mut replies) = ([0; 65_536], 0, Vec::new());
    loop {
        let count = client.read(&mut buffer[arrived..])?;
        if count == 0 {
            return Ok(());
        }
        arrived += count;
        let (requests, _) = buffer[..arrived].as_chunks::<REQUEST>();
        for request in requests {
            let sum = number(&request[4..8]).wrapping_add(number(&request[8..12]));
            replies.extend(4_u32.to_be_bytes());
            replies.extend(sum.to_be_bytes());
        }
        let taken = requests.len() * REQUEST;
        buffer.copy_within(taken..arrived, 0);
        arrived -= taken;
        client.write_all(&replies)?;
        replies.clear();
    }
}

/// Makes calls in batches of `depth`: one write, and reads until all replies are there.
pub(crate) fn run(address: &str, depth: usize, count: u32) -> Result<()> {
    let mut server = TcpStream::connect(address)?;
    server.set_nodelay(true)?;
    let (mut requests, mut replies) = (Vec::new(), vec![0; depth * REPLY]);
    let numbers: Vec<i32> = (0..i32::try_from(count)?).collect();
    for batch in numbers.chunks(depth) {
        requests.clear();
        for number in batch {
            requests.extend(8_u32.to_be_bytes());
            requests.extend(number.to_be_bytes());
            requests.extend(1_i32.to_be_bytes());
        }
        server.write_all(&requests)?;
        let replies = &mut replies[..batch.len() * REPLY];
        server.read_exact(replies)?;
        let sums = replies.chunks(REPLY).map(|reply| number(&reply[4..8]));
        ensure!(sums.eq(batch.iter().map(|number| number + 1)), "a wrong sum");
    }
    Ok(())
}

fn number(bytes: &[u8]) -> i32 {
    i32::from_be_bytes(bytes.try_into().unwrap_or_default())
}
