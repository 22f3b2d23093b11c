//! A server at work.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::timeout_at;

use crate::net::endpoint::Endpoint;
use crate::net::server::{Registry, Report, ServerError};

/// A server at work. Dropping it does not stop the server, but dropping its runtime does.
#[derive(Debug)]
pub struct Running {
    pub(super) endpoint: Endpoint,
    pub(super) stop: Arc<Notify>,
    pub(super) registry: Arc<Registry>,
    pub(super) accepting: JoinHandle<io::Result<()>>,
}

impl Running {
    /// The address it listens on.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Waits until the server ends.
    ///
    /// # Errors
    ///
    /// When it ended because the system refuses what every server needs.
    pub async fn wait(mut self) -> Result<(), ServerError> {
        self.join().await?;
        self.wait_empty(None).await;
        Ok(())
    }

    /// The same; accepts no more once it is dropped.
    pub(super) async fn serve(self) -> Result<(), ServerError> {
        let _ends = AbortOnDrop(self.accepting.abort_handle());
        self.wait().await
    }

    /// Stops accepting, tells every client to make no further calls here, waits for up to `drain` until running handlers
    /// have answered, and cuts what is left.
    ///
    /// Connections that wait to be accepted, and those on which no call was made, are told as well: calls that certainly did not
    /// run are sent again by their channel, elsewhere or when the next server is there.
    pub async fn shutdown(mut self, drain: Duration) -> Report {
        let until = Instant::now().checked_add(drain);
        self.registry.stop_accepting(true);
        self.stop.notify_one();
        if let Err(error) = self.join().await {
            log::warn!("{error}");
        }
        let cut = self.wait_empty(until).await;
        let calls = self.registry.cut_all();
        Report { connections: self.registry.served(), cut, calls, workers_lost: 0 }
    }

    async fn join(&mut self) -> Result<(), ServerError> {
        match (&mut self.accepting).await {
            Ok(ended) => Ok(ended?),
            Err(error) => Err(io::Error::other(error).into()),
        }
    }

    /// Waits until all connections have ended, or until the time has come; says how many have something left to do.
    async fn wait_empty(&self, until: Option<Instant>) -> usize {
        let empty = poll_fn(|task| match self.registry.count(task.waker()) {
            0 => Poll::Ready(()),
            _ => Poll::Pending,
        });
        let Some(until) = until else {
            empty.await;
            return 0;
        };
        match timeout_at(until.into(), empty).await {
            Ok(()) => 0,
            Err(_) => self.registry.unfinished(),
        }
    }
}

struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
