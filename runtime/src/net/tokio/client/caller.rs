//! What an asynchronous client stub holds: a channel, and how its calls are to be made.

use std::sync::Arc;
use std::time::Duration;

use super::AsyncChannel;
use super::call::{Call, Packed, start};
use super::streams::StreamEnd;
use crate::buffers::{give_scratch, take_scratch};
use crate::failure::CallFailure;
use crate::net::calls::Settings;
use crate::pack::{PackError, Packer, UnpackError, Unpacker};
use crate::service::Method;
use crate::status::Status;
use crate::stream::{AsyncClientSender, AsyncClientStream, AsyncReceiver, pack_items};
use crate::wire::{Metadata, TraceContext};

/// Makes the calls of an asynchronous client stub.
///
/// A call is packed when it is made, so that its future borrows nothing of the arguments; its time runs from then, and it
/// has what it inherits from the handler that makes it. It is queued when the future is first polled. Dropping the future
/// cancels the call: the server is told, and nothing is kept for it.
#[derive(Debug, Clone)]
pub struct AsyncCaller {
    channel: AsyncChannel,
    settings: Settings,
}

impl AsyncCaller {
    /// Calls over a channel, without a time limit but what the interface sets.
    pub fn new(channel: AsyncChannel) -> Self {
        Self { channel, settings: Settings::default() }
    }

    /// The same, for calls that must be over within `timeout`. Within a handler this can only shorten what the call that it
    /// answers has left.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self { channel: self.channel.clone(), settings: self.settings.with_timeout(timeout) }
    }

    /// The same, for calls with this metadata, in place of what they had. Calls with what may not be sent fail.
    #[must_use]
    pub fn with_metadata(&self, metadata: Metadata) -> Self {
        Self { channel: self.channel.clone(), settings: self.settings.with_metadata(metadata) }
    }

    /// The same, for calls that belong to this trace. Without it those that a handler makes belong to that of the call that
    /// it answers.
    #[must_use]
    pub fn with_trace(&self, trace: TraceContext) -> Self {
        Self { channel: self.channel.clone(), settings: self.settings.with_trace(trace) }
    }

    /// Makes a call; `unpack` reads its results.
    ///
    /// # Errors
    ///
    /// When the arguments do not pack, no call can be started, the method failed, the connection broke, or the time was
    /// over.
    pub fn call<T, E, P>(
        &self,
        method: &'static Method,
        pack: P,
        unpack: fn(&mut Unpacker<'_>) -> Result<T, UnpackError>,
    ) -> impl Future<Output = Result<T, E>> + Send + use<T, E, P>
    where
        E: CallFailure,
        P: FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
    {
        self.call_in_place(method, pack, unpack)
    }

    /// Makes a call, and hands its packed results to `read`: views of them last until it is over.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    pub fn call_in_place<T, E, P, F>(
        &self,
        method: &'static Method,
        pack: P,
        read: F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<T, E, P, F>
    where
        E: CallFailure,
        P: FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
        F: FnOnce(&mut Unpacker<'_>) -> Result<T, UnpackError> + Send,
    {
        let (supply, packed) = (Arc::clone(&self.channel.supply), self.pack(method, pack));
        async move {
            let mut call = Call::start(supply, packed?).await?;
            let answer = call.answer().await;
            call.reader(read).result(answer)
        }
    }

    /// Makes a call, and gives what the handler said beside its results, or beside its failure:
    /// see [`Context::append_reply_metadata`](crate::Context::append_reply_metadata). Empty if it said nothing.
    pub fn call_with_metadata<T, E, P>(
        &self,
        method: &'static Method,
        pack: P,
        unpack: fn(&mut Unpacker<'_>) -> Result<T, UnpackError>,
    ) -> impl Future<Output = (Result<T, E>, Metadata)> + Send + use<T, E, P>
    where
        E: CallFailure,
        P: FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
    {
        let (supply, packed) = (Arc::clone(&self.channel.supply), self.pack(method, pack));
        async move {
            let started = match packed {
                Ok(packed) => Call::start(supply, packed).await,
                Err(status) => Err(status),
            };
            let mut call = match started {
                Ok(call) => call,
                Err(status) => return (Err(status.into()), Metadata::new()),
            };
            let answer = call.answer().await;
            call.reader(unpack).result_with_metadata(answer)
        }
    }

    /// Sends a oneway call. Nothing comes back, not even a failure: it is queued when this is over, and dropping the future
    /// before may mean that it is not sent.
    ///
    /// # Errors
    ///
    /// When the arguments do not pack, or no call can be sent.
    pub fn send<P>(&self, method: &'static Method, pack: P) -> impl Future<Output = Result<(), Status>> + Send + use<P>
    where
        P: FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
    {
        let (supply, packed) = (Arc::clone(&self.channel.supply), self.pack(method, pack));
        async move {
            let mut packed = packed?;
            let sent = start(&supply, &mut packed).await.map(drop);
            give_scratch(packed.payload);
            sent
        }
    }

    /// Begins a call whose result is a stream.
    ///
    /// # Errors
    ///
    /// When the arguments do not pack, or no call can be started.
    pub fn server_stream<T, E, P, U>(
        &self,
        method: &'static Method,
        pack: P,
        unpack: U,
    ) -> impl Future<Output = Result<AsyncReceiver<T, E>, E>> + Send + use<T, E, P, U>
    where
        E: CallFailure,
        U: Fn(&mut Unpacker<'_>) -> Result<T, UnpackError> + Send + Sync + 'static,
        P: FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
    {
        let begun = self.begin(method, pack);
        async move { Ok(AsyncReceiver::new(begun.await?, unpack)) }
    }

    /// Begins a call whose last parameter is a stream.
    ///
    /// # Errors
    ///
    /// As [`server_stream`](Self::server_stream).
    pub fn client_stream<T: ?Sized, R, E, P, I>(
        &self,
        method: &'static Method,
        pack: P,
        pack_item: I,
        unpack: fn(&mut Unpacker<'_>) -> Result<R, UnpackError>,
    ) -> impl Future<Output = Result<AsyncClientStream<T, R, E>, E>> + Send + use<T, R, E, P, I>
    where
        E: CallFailure,
        I: Fn(&mut Packer<'_>, &T) -> Result<(), PackError> + Send + Sync + 'static,
        P: FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
    {
        let begun = self.begin(method, pack);
        async move { Ok(AsyncClientStream::new(begun.await?, pack_items(pack_item), unpack)) }
    }

    /// Begins a call with streams both ways.
    ///
    /// # Errors
    ///
    /// As [`server_stream`](Self::server_stream).
    pub fn two_way<T: ?Sized, R, E, P, I, U>(
        &self,
        method: &'static Method,
        pack: P,
        pack_item: I,
        unpack_item: U,
    ) -> impl Future<Output = Result<(AsyncClientSender<T>, AsyncReceiver<R, E>), E>> + Send + use<T, R, E, P, I, U>
    where
        E: CallFailure,
        I: Fn(&mut Packer<'_>, &T) -> Result<(), PackError> + Send + Sync + 'static,
        U: Fn(&mut Unpacker<'_>) -> Result<R, UnpackError> + Send + Sync + 'static,
        P: FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
    {
        let begun = self.begin(method, pack);
        async move {
            let carrier = begun.await?;
            let sender = AsyncClientSender::new(Arc::<StreamEnd>::clone(&carrier), pack_items(pack_item));
            Ok((sender, AsyncReceiver::new(carrier, unpack_item)))
        }
    }

    /// Packs a call with streams; its future queues it.
    fn begin<P>(
        &self,
        method: &'static Method,
        pack: P,
    ) -> impl Future<Output = Result<Arc<StreamEnd>, Status>> + Send + use<P>
    where
        P: FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
    {
        let (supply, packed) = (Arc::clone(&self.channel.supply), self.pack(method, pack));
        async move {
            let mut packed = packed?;
            let started = start(&supply, &mut packed).await;
            let begun = started.map(|in_flight| Arc::new(StreamEnd::new(supply, in_flight, &packed)));
            give_scratch(packed.payload);
            begun
        }
    }

    /// Packs a call.
    fn pack(
        &self,
        method: &'static Method,
        pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
    ) -> Result<Packed, Status> {
        let (terms, mut payload) = (self.settings.terms(method), take_scratch());
        let limits = &self.channel.supply.options().limits;
        match self.settings.pack(method, pack, &terms, limits, &mut payload) {
            Ok(extension) => Ok(Packed { method, until: terms.until, extension, payload }),
            Err(status) => {
                give_scratch(payload);
                Err(status.of_method(method.path))
            }
        }
    }
}
