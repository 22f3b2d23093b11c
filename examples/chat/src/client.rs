//! The client, twice: on tokio, and on threads. While one task or thread says what is typed, another shows what happens, so that
//! neither direction holds up the other.

use std::thread;

use chat::stubs::{AsyncChatClient, ChatClient};
use rpcgen_runtime::stream::{AsyncClientSender, ClientSender};
use rpcgen_runtime::{AsyncChannel, Channel, Code, Status};
use tokio::sync::mpsc;

use crate::terminal::{self, Typed};

/// Talks until one of the two sides says goodbye.
#[tokio::main]
pub(crate) async fn with_tokio(url: &str, room: &str, name: &str) -> anyhow::Result<()> {
    let chat = AsyncChatClient::new(AsyncChannel::connect(url).await?);
    let (lines, mut events) = chat.join(room, name).await?;
    tokio::spawn(say(lines, terminal::typed()?));
    while let Some(event) = events.next().await {
        terminal::show(&event?)?;
    }
    Ok(terminal::say_goodbye()?)
}

async fn say(lines: AsyncClientSender<str>, mut typed: mpsc::Receiver<Typed>) -> Result<(), Status> {
    while let Some(Typed::Line(line)) = typed.recv().await {
        lines.send(&line).await.or_else(complain)?;
    }
    lines.finish();
    Ok(())
}

/// The same without tokio's runtime.
pub(crate) fn with_threads(url: &str, room: &str, name: &str) -> anyhow::Result<()> {
    let chat = ChatClient::new(Channel::connect(url)?);
    let (lines, events) = chat.join(room, name)?;
    let typed = terminal::typed()?;
    thread::spawn(move || say_blocking(lines, typed));
    for event in events {
        terminal::show(&event?)?;
    }
    Ok(terminal::say_goodbye()?)
}

fn say_blocking(lines: ClientSender<str>, mut typed: mpsc::Receiver<Typed>) -> Result<(), Status> {
    while let Some(Typed::Line(line)) = typed.blocking_recv() {
        lines.send(&line).or_else(complain)?;
    }
    lines.finish();
    Ok(())
}

/// A line that is too long is no reason to leave. Of all else the events say more.
fn complain(status: Status) -> Result<(), Status> {
    if status.code() != Code::InvalidArgument {
        return Err(status);
    }
    eprintln!("* {}", status.message());
    Ok(())
}
