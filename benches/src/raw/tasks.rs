//! The same bytes on tokio.

use anyhow::{Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{add, echo, stream};
use crate::entrant::Entrant;
use crate::runtime::{block_on, in_tasks};
use crate::users;
use crate::work::{Kind, share, sum_below};

pub(crate) const RAW_TOKIO: Entrant =
    Entrant { name: "raw-tokio", title: "raw, tokio", does: |_| true, serve, run, hold: Some(super::hold) };

fn serve(kind: Kind) -> Result<()> {
    block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        loop {
            let (client, _) = listener.accept().await?;
            client.set_nodelay(true)?;
            tokio::spawn(answer(client, kind));
        }
    })
}

async fn answer(mut client: TcpStream, kind: Kind) -> Result<()> {
    match kind {
        Kind::Add { .. } => answer_add(client).await,
        Kind::Users => answer_echo(client, users::packed()?.len()).await,
        Kind::Echo { bytes } => answer_echo(client, bytes).await,
        Kind::Down { .. } => {
            let count = client.read_u64().await?;
            send_numbers(&mut client, count).await
        }
        Kind::Up { .. } => {
            let count = client.read_u64().await?;
            let sum = add_up(&mut client, count).await?;
            Ok(client.write_u64(sum).await?)
        }
    }
}

async fn answer_add(mut client: TcpStream) -> Result<()> {
    let (mut buffer, mut arrived, mut replies) = (vec![0; 65_536], 0, Vec::new());
    loop {
        let count = client.read(&mut buffer[arrived..]).await?;
        if count == 0 {
            return Ok(());
        }
        arrived += count;
        let taken = add::reply(&buffer[..arrived], &mut replies);
        buffer.copy_within(taken..arrived, 0);
        arrived -= taken;
        client.write_all(&replies).await?;
        replies.clear();
    }
}

async fn answer_echo(mut client: TcpStream, bytes: usize) -> Result<()> {
    let mut message = vec![0; 4 + bytes];
    loop {
        client.read_exact(&mut message).await?;
        client.write_all(&message).await?;
    }
}

fn run(address: &str, kind: Kind, count: u64) -> Result<()> {
    block_on(async {
        match kind {
            Kind::Add { connections, in_flight } => {
                let run = || add_numbers(address.to_owned(), in_flight, share(count, connections));
                in_tasks(connections, run).await
            }
            Kind::Users => run_echo(connect(address).await?, &users::packed()?, count).await,
            Kind::Echo { bytes } => run_echo(connect(address).await?, &vec![7; bytes], count).await,
            Kind::Down { .. } => receive(connect(address).await?, count).await,
            Kind::Up { .. } => send(connect(address).await?, count).await,
        }
    })
}

async fn connect(address: &str) -> Result<TcpStream> {
    let server = TcpStream::connect(address).await?;
    server.set_nodelay(true)?;
    Ok(server)
}

async fn add_numbers(address: String, in_flight: usize, count: u64) -> Result<()> {
    let mut server = connect(&address).await?;
    let (mut requests, mut replies) = (Vec::new(), vec![0; in_flight * add::REPLY]);
    let numbers: Vec<i32> = (0..i32::try_from(count)?).collect();
    for batch in numbers.chunks(in_flight) {
        add::request(batch, &mut requests);
        server.write_all(&requests).await?;
        let replies = &mut replies[..batch.len() * add::REPLY];
        server.read_exact(replies).await?;
        add::check(batch, replies)?;
    }
    Ok(())
}

async fn run_echo(mut server: TcpStream, data: &[u8], count: u64) -> Result<()> {
    let message = echo::framed(data)?;
    let mut reply = vec![0; message.len()];
    for _ in 0..count {
        server.write_all(&message).await?;
        server.read_exact(&mut reply).await?;
        ensure!(reply[..4] == message[..4] && reply.last() == message.last(), "a wrong echo");
    }
    Ok(())
}

async fn receive(mut server: TcpStream, count: u64) -> Result<()> {
    server.write_u64(count).await?;
    ensure!(add_up(&mut server, count).await? == sum_below(count), "a wrong sum");
    Ok(())
}

async fn send(mut server: TcpStream, count: u64) -> Result<()> {
    server.write_u64(count).await?;
    send_numbers(&mut server, count).await?;
    ensure!(server.read_u64().await? == sum_below(count), "a wrong sum");
    Ok(())
}

async fn send_numbers(peer: &mut TcpStream, count: u64) -> Result<()> {
    let mut buffer = Vec::with_capacity(stream::BUFFER);
    for number in 0..count {
        buffer.extend(number.to_be_bytes());
        if buffer.len() == stream::BUFFER {
            peer.write_all(&buffer).await?;
            buffer.clear();
        }
    }
    Ok(peer.write_all(&buffer).await?)
}

async fn add_up(peer: &mut TcpStream, count: u64) -> Result<u64> {
    let (mut buffer, mut arrived, mut sum, mut left) = (vec![0; stream::BUFFER], 0, 0, count);
    while left > 0 {
        let read = peer.read(&mut buffer[arrived..]).await?;
        ensure!(read > 0, "the stream is too short");
        arrived += read;
        let (numbers, _) = buffer[..arrived].as_chunks();
        sum = stream::add_all(sum, numbers);
        left -= numbers.len() as u64;
        let taken = numbers.len() * 8;
        buffer.copy_within(taken..arrived, 0);
        arrived -= taken;
    }
    Ok(sum)
}
