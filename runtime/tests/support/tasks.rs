//! Channels on tokio with the manners of those of threads: what is tested of the one is tested of the other.

#![allow(dead_code, reason = "not every test uses all of it")]

use std::future::poll_fn;
use std::pin::pin;
use std::sync::LazyLock;
use std::task::Poll;
use std::time::Duration;

use rpcgen_runtime::pack::PackLimits;
use rpcgen_runtime::stub::{AsyncCaller, CallFailure, Method, PackError, Packer, UnpackError, Unpacker};
use rpcgen_runtime::{AsyncChannel, ChannelOptions, Metadata, Router, Status, TraceContext};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// One thread, so that calls leave in the order in which they were started.
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime"));

#[derive(Debug, Clone)]
pub(crate) struct Channel(AsyncChannel);

impl Channel {
    pub(crate) fn connect(url: &str) -> Result<Self, Status> {
        RUNTIME.block_on(AsyncChannel::connect(url)).map(Self)
    }

    pub(crate) fn connect_with(url: &str, options: ChannelOptions) -> Result<Self, Status> {
        RUNTIME.block_on(AsyncChannel::connect_with(url, options)).map(Self)
    }

    pub(crate) fn in_process(router: Router) -> Result<Self, Status> {
        let _runtime = RUNTIME.enter();
        AsyncChannel::in_process(router).map(Self)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Caller(AsyncCaller);

impl Caller {
    pub(crate) fn new(channel: Channel) -> Self {
        Self(AsyncCaller::new(channel.0))
    }

    pub(crate) fn with_timeout(&self, timeout: Duration) -> Self {
        Self(self.0.with_timeout(timeout))
    }

    pub(crate) fn with_metadata(&self, metadata: Metadata) -> Self {
        Self(self.0.with_metadata(metadata))
    }

    pub(crate) fn with_trace(&self, trace: TraceContext) -> Self {
        Self(self.0.with_trace(trace))
    }

    /// Starts a task that makes the call.
    #[expect(clippy::unnecessary_wraps, reason = "as that of threads")]
    pub(crate) fn start<T: Send + 'static, E: CallFailure + Send + 'static>(
        &self,
        method: &'static Method,
        pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
        unpack: fn(&mut Unpacker<'_>) -> Result<T, UnpackError>,
    ) -> Result<PendingCall<T, E>, E> {
        let (caller, packed) = (self.0.clone(), Packed::new(pack));
        let call = async move { caller.call_with_metadata(method, |out| packed.replay(out), unpack).await };
        let (begun, has_begun) = oneshot::channel();
        let task = RUNTIME.spawn(polled_first(call, begun));
        // Else a call that is dropped at once would not even be queued.
        RUNTIME.block_on(has_begun).expect("the task tells");
        Ok(PendingCall(task))
    }

    pub(crate) fn send(
        &self,
        method: &'static Method,
        pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
    ) -> Result<(), Status> {
        RUNTIME.block_on(self.0.send(method, pack))
    }
}

/// Runs a call; tells when it was polled once.
async fn polled_first<T>(call: impl Future<Output = T>, begun: oneshot::Sender<()>) -> T {
    let mut call = pin!(call);
    let first = poll_fn(|context| Poll::Ready(call.as_mut().poll(context))).await;
    begun.send(()).expect("the test waits");
    match first {
        Poll::Ready(answer) => answer,
        Poll::Pending => call.await,
    }
}

/// Arguments that borrow nothing.
struct Packed(Result<Vec<u8>, PackError>);

impl Packed {
    fn new(pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>) -> Self {
        let mut bytes = Vec::new();
        let packed = pack(&mut Packer::new(&mut bytes, &PackLimits::default()));
        Self(packed.map(|()| bytes))
    }

    fn replay(self, out: &mut Packer<'_>) -> Result<(), PackError> {
        let bytes = self.0?;
        let (pieces, rest) = bytes.as_chunks::<4096>();
        pieces.iter().try_for_each(|piece| out.fixed(piece))?;
        rest.iter().try_for_each(|byte| out.fixed(byte))
    }
}

/// A call that a task makes. Dropping it drops the task.
pub(crate) struct PendingCall<T, E>(JoinHandle<(Result<T, E>, Metadata)>);

impl<T, E> PendingCall<T, E> {
    pub(crate) fn wait(self) -> Result<T, E> {
        self.wait_with_metadata().0
    }

    pub(crate) fn wait_with_metadata(mut self) -> (Result<T, E>, Metadata) {
        RUNTIME.block_on(&mut self.0).expect("the task neither panics nor is dropped")
    }
}

impl<T, E> Drop for PendingCall<T, E> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
