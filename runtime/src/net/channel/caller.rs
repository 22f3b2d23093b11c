//! What a client stub holds: a channel, and how its calls are to be made.

use std::sync::Arc;
use std::time::Duration;

use super::streams::StreamEnd;
use super::{Channel, Connection, PendingCall};
use crate::buffers::{give_scratch, take_scratch};
use crate::failure::CallFailure;
use crate::net::calls::{Request, Settings, Started, Terms};
use crate::pack::{PackError, Packer, UnpackError, Unpacker};
use crate::service::Method;
use crate::status::Status;
use crate::stream::{ClientSender, ClientStream, Receiver, pack_items};
use crate::wire::{Metadata, TraceContext};

/// Makes the calls of a client stub.
#[derive(Debug, Clone)]
pub struct Caller {
    channel: Channel,
    settings: Settings,
}

impl Caller {
    /// Calls over a channel, without a time limit but what the interface sets.
    pub fn new(channel: Channel) -> Self {
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

    /// Starts a call: packs it and queues it for sending. `unpack` reads its results.
    ///
    /// # Errors
    ///
    /// When the arguments do not pack, or no call can be started.
    pub fn start<T, E: CallFailure>(
        &self,
        method: &'static Method,
        pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
        unpack: fn(&mut Unpacker<'_>) -> Result<T, UnpackError>,
    ) -> Result<PendingCall<T, E>, E> {
        let terms = self.settings.terms(method);
        let Queued { connection, call, extension, payload } = self.queue(method, pack, &terms)?;
        let supply = Arc::clone(&self.channel.supply);
        let request = Request::new(method, terms.until, extension, payload, supply.options());
        Ok(PendingCall::new(supply, connection, call, request, unpack))
    }

    /// Makes a call, and hands its packed results to `read`: views of them last until it is over.
    ///
    /// # Errors
    ///
    /// When the arguments do not pack, no call can be started, the method failed, the connection broke, or the time was
    /// over.
    pub fn call_in_place<R, E: CallFailure>(
        &self,
        method: &'static Method,
        pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
        read: impl FnOnce(&mut Unpacker<'_>) -> Result<R, UnpackError>,
    ) -> Result<R, E> {
        self.start::<(), E>(method, pack, |_| Ok(()))?.wait_in_place(read)
    }

    /// Sends a oneway call: packs it and queues it for sending. Nothing comes back, not even a failure.
    ///
    /// # Errors
    ///
    /// When the arguments do not pack, or no call can be sent.
    pub fn send(
        &self,
        method: &'static Method,
        pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
    ) -> Result<(), Status> {
        self.queue(method, pack, &self.settings.terms(method)).map(|queued| give_scratch(queued.payload))
    }

    /// Begins a call whose result is a stream.
    ///
    /// # Errors
    ///
    /// When the arguments do not pack, or no call can be started.
    pub fn server_stream<T, E: CallFailure>(
        &self,
        method: &'static Method,
        pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
        unpack: impl Fn(&mut Unpacker<'_>) -> Result<T, UnpackError> + Send + Sync + 'static,
    ) -> Result<Receiver<T, E>, E> {
        Ok(Receiver::new(self.begin(method, pack)?, unpack))
    }

    /// Begins a call whose last parameter is a stream.
    ///
    /// # Errors
    ///
    /// As [`server_stream`](Self::server_stream).
    pub fn client_stream<T: ?Sized, R, E: CallFailure>(
        &self,
        method: &'static Method,
        pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
        pack_item: impl Fn(&mut Packer<'_>, &T) -> Result<(), PackError> + Send + Sync + 'static,
        unpack: fn(&mut Unpacker<'_>) -> Result<R, UnpackError>,
    ) -> Result<ClientStream<T, R, E>, E> {
        Ok(ClientStream::new(self.begin(method, pack)?, pack_items(pack_item), unpack))
    }

    /// Begins a call with streams both ways.
    ///
    /// # Errors
    ///
    /// As [`server_stream`](Self::server_stream).
    pub fn two_way<T: ?Sized, R, E: CallFailure>(
        &self,
        method: &'static Method,
        pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
        pack_item: impl Fn(&mut Packer<'_>, &T) -> Result<(), PackError> + Send + Sync + 'static,
        unpack_item: impl Fn(&mut Unpacker<'_>) -> Result<R, UnpackError> + Send + Sync + 'static,
    ) -> Result<(ClientSender<T>, Receiver<R, E>), E> {
        let carrier = self.begin(method, pack)?;
        let sender = ClientSender::new(Arc::<StreamEnd>::clone(&carrier), pack_items(pack_item));
        Ok((sender, Receiver::new(carrier, unpack_item)))
    }

    fn begin(
        &self,
        method: &'static Method,
        pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
    ) -> Result<Arc<StreamEnd>, Status> {
        let terms = self.settings.terms(method);
        let Queued { connection, call, payload, .. } = self.queue(method, pack, &terms)?;
        give_scratch(payload);
        let supply = Arc::clone(&self.channel.supply);
        Ok(Arc::new(StreamEnd::new((connection, supply), method, call, terms.until)))
    }

    /// Packs a call and queues it; gives its extension's size and the payload as well.
    fn queue(
        &self,
        method: &'static Method,
        pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>,
        terms: &Terms,
    ) -> Result<Queued, Status> {
        let supply = &self.channel.supply;
        let connection = supply.connection(terms.until).map_err(|status| status.of_method(method.path))?;
        let mut payload = take_scratch();
        let packed = self.settings.pack(method, pack, terms, &supply.options().limits, &mut payload);
        let started = packed.and_then(|extension| {
            let (connection, call) = supply.start(connection, method, extension, &mut payload, terms.until)?;
            Ok((connection, call, extension))
        });
        match started {
            Ok((connection, call, extension)) => Ok(Queued { connection, call, extension, payload }),
            Err(status) => {
                give_scratch(payload);
                Err(status.of_method(method.path))
            }
        }
    }
}

/// A call that was queued, and what of.
struct Queued {
    connection: Arc<Connection>,
    call: Started,
    extension: u16,
    payload: Vec<u8>,
}
