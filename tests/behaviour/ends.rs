//! The calls of either client, once they are made.

use std::borrow::Borrow;
use std::time::Duration;

use anyhow::{Result, bail};
use rpcgen_runtime::failure::CallFailure;
use rpcgen_runtime::stream::{
    AsyncClientSender, AsyncClientStream, AsyncReceiver, ClientSender, ClientStream, Receiver,
};
use rpcgen_runtime::{PendingCall, Status};
use tokio::task::JoinHandle;

use crate::client::RUNTIME;

type Plain<T> = Result<T, Status>;

/// A call whose answer is not waited for yet. To drop it cancels the call.
pub(crate) enum Pending<T> {
    Blocking(PendingCall<T, Status>),
    Tokio(Task<Plain<T>>),
}

impl<T> Pending<T> {
    pub(crate) fn wait(self) -> Plain<T> {
        match self {
            Self::Blocking(call) => call.wait(),
            Self::Tokio(mut task) => RUNTIME.block_on(&mut task.0).expect("the task does not panic"),
        }
    }
}

/// A future at work, which is dropped with this.
pub(crate) struct Task<T>(pub(crate) JoinHandle<T>);

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Items that come: an iterator, whoever waits for them.
pub(crate) enum Items<T, E = Status> {
    Blocking(Receiver<T, E>),
    Tokio(AsyncReceiver<T, E>),
}

impl<T, E> Items<T, E> {
    pub(crate) fn with_item_timeout(self, timeout: Duration) -> Self {
        match self {
            Self::Blocking(items) => Self::Blocking(items.with_item_timeout(timeout)),
            Self::Tokio(items) => Self::Tokio(items.with_item_timeout(timeout)),
        }
    }
}

impl<T, E: CallFailure> Iterator for Items<T, E> {
    type Item = Result<T, E>;

    fn next(&mut self) -> Option<Result<T, E>> {
        match self {
            Self::Blocking(items) => items.next(),
            Self::Tokio(items) => RUNTIME.block_on(items.next()),
        }
    }
}

impl<T, E: CallFailure> Items<T, E> {
    /// The next item, which must come.
    pub(crate) fn item(&mut self) -> Result<T>
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        let Some(item) = self.next() else { bail!("the stream has ended") };
        Ok(item?)
    }

    /// How the stream fails, behind so many items.
    pub(crate) fn failure(mut self) -> Result<(usize, E)> {
        let mut count = 0;
        loop {
            match self.next() {
                Some(Ok(_)) => count += 1,
                Some(Err(error)) if self.next().is_none() => return Ok((count, error)),
                Some(Err(_)) => bail!("something comes behind the failure"),
                None => bail!("the stream is complete, with {count} items"),
            }
        }
    }
}

/// A call that is sent items, and gives its results then.
pub(crate) enum Upload<T: ?Sized, R, E = Status> {
    Blocking(ClientStream<T, R, E>),
    Tokio(AsyncClientStream<T, R, E>),
}

impl<T: ?Sized, R, E: CallFailure> Upload<T, R, E> {
    pub(crate) fn send(&mut self, item: &T) -> Result<(), E> {
        match self {
            Self::Blocking(stream) => stream.send(item),
            Self::Tokio(stream) => RUNTIME.block_on(stream.send(item)),
        }
    }

    pub(crate) fn send_all<I>(&mut self, items: I) -> Result<(), E>
    where
        I: IntoIterator<Item: Borrow<T>, IntoIter: Send>,
    {
        match self {
            Self::Blocking(stream) => stream.send_all(items),
            Self::Tokio(stream) => RUNTIME.block_on(stream.send_all(items)),
        }
    }

    pub(crate) fn finish(self) -> Result<R, E> {
        match self {
            Self::Blocking(stream) => stream.finish(),
            Self::Tokio(stream) => RUNTIME.block_on(stream.finish()),
        }
    }
}

/// Where items go whose call also gives items.
pub(crate) enum Outlet<T: ?Sized> {
    Blocking(ClientSender<T>),
    Tokio(AsyncClientSender<T>),
}

impl<T: ?Sized> Outlet<T> {
    pub(crate) fn send(&self, item: &T) -> Plain<()> {
        match self {
            Self::Blocking(sender) => sender.send(item),
            Self::Tokio(sender) => RUNTIME.block_on(sender.send(item)),
        }
    }

    pub(crate) fn finish(self) {
        match self {
            Self::Blocking(sender) => sender.finish(),
            Self::Tokio(sender) => sender.finish(),
        }
    }
}
