//! The task that accepts connections.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::listener::AsyncListener;
use super::reader;
use super::session::{Seat, Session, Shared};
use crate::context::Peer;
use crate::net::listener::{BACKLOG, Listener, is_of_one_connection};
use crate::net::server::{ACCEPT_AGAIN, Registry, Room};
use crate::net::tokio::stream::Stream;

/// What accepts.
#[derive(Debug)]
pub(super) struct Acceptor {
    pub(super) listener: AsyncListener,
    pub(super) connections: Connections,
    pub(super) stop: Arc<Notify>,
}

impl Acceptor {
    /// Accepts until the server is to stop.
    pub(super) async fn run(self) -> io::Result<()> {
        while let Some(accepted) = self.accept().await {
            match accepted {
                Ok((stream, peer)) => {
                    self.connections.make_room().await;
                    self.connections.open(stream, peer);
                }
                Err(error) if is_of_one_connection(&error) => log::debug!("a connection was lost: {error}"),
                Err(error) => {
                    log::warn!("cannot accept now: {error}");
                    sleep(ACCEPT_AGAIN).await;
                }
            }
        }
        self.connections.take_rest(&self.listener.into_std()?);
        Ok(())
    }

    /// Waits for a connection; `None` if the server is to stop first.
    async fn accept(&self) -> Option<io::Result<(Stream, Arc<Peer>)>> {
        let mut stopped = pin!(self.stop.notified());
        poll_fn(|task| match stopped.as_mut().poll(task) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => self.listener.poll_accept(task).map(Some),
        })
        .await
    }
}

/// Where the connections of a server come in. When it is dropped the server ends.
#[derive(Debug)]
pub(super) struct Connections {
    pub(super) shared: Arc<Shared>,
    pub(super) registry: Arc<Registry>,
}

impl Connections {
    /// Waits until there is room for one, or the server is to stop: then it is told as the others are.
    async fn make_room(&self) {
        let (most, mut is_told) = (self.shared.options.connections, false);
        while let Some(wait) = poll_fn(|task| {
            Poll::Ready(match self.registry.ask_for_room(most, &mut is_told, task.waker()) {
                Room::Free | Room::Ending => None,
                Room::Full(wait) => Some(wait),
            })
        })
        .await
        {
            timeout(wait, woken()).await.unwrap_or_default();
        }
    }

    /// Serves one in a task of its own.
    fn open(&self, stream: Stream, peer: Arc<Peer>) {
        let session = Arc::new(Session::new(stream, peer, Arc::clone(&self.shared)));
        let Some(entry) = self.registry.enter(session.clone()) else { return };
        tokio::spawn(reader::serve(Arc::new(Seat { session, _entry: entry })));
    }

    /// Takes those that wait to be accepted: they are to be told, too. No more than could wait when the server stopped.
    fn take_rest(&self, listener: &Listener) {
        for _ in 0..=BACKLOG {
            match listener.accept() {
                Ok(Some((socket, peer))) => match Stream::watch(socket) {
                    Ok(stream) => self.open(stream, peer),
                    Err(error) => log::debug!("a connection was lost: {error}"),
                },
                Err(error) if is_of_one_connection(&error) => {}
                Ok(None) | Err(_) => return,
            }
        }
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        self.registry.close("the server is shutting down");
    }
}

/// Ready when the task is woken.
async fn woken() {
    let mut is_woken = false;
    poll_fn(|_| if std::mem::replace(&mut is_woken, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}
