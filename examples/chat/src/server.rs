//! The server.

use std::time::Duration;

use chat::Rooms;
use chat::stubs::{AsyncChatServer, MAX_PEOPLE};
use rpcgen_runtime::{Router, ServerOptions, TokioServer};
use tokio::signal::unix::{SignalKind, signal};

/// How long goodbyes may take.
const DRAIN: Duration = Duration::from_secs(5);

/// Serves until SIGTERM or SIGINT, then sends everybody home.
#[tokio::main]
pub(crate) async fn serve(url: &str) -> anyhow::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let rooms = Rooms::default();
    let router = Router::new().add_async(AsyncChatServer::new(rooms.clone()));
    // Whoever is in a room is a handler that waits.
    let options = ServerOptions { handler_threads: MAX_PEOPLE as usize, ..ServerOptions::default() };
    let running = TokioServer::bind(url)?.options(options).start(router)?;
    println!("listening on {}", running.endpoint());
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    rooms.close();
    println!("{}", running.shutdown(DRAIN).await);
    Ok(())
}
