//! Services whose handlers are futures.

use std::pin::Pin;

use super::{ServiceInfo, no_such_method, not_packed, not_unpacked};
use crate::context::Context;
use crate::pack::{Pack, PackError, PackLimits, Packed, Packer, UnpackError, UnpackLimits, Unpacker};
use crate::proto::{IncomingCall, Limits};
use crate::status::{Fault, Status};
use crate::stream::CallStreams;

/// A service whose handlers are futures: what a generated asynchronous server stub is.
pub trait AsyncService: Send + Sync + 'static {
    /// Its name and methods.
    fn info(&self) -> &'static ServiceInfo;

    /// Makes the future that unpacks the arguments, calls the implementation and packs the results. `method` is an index into
    /// the methods of [`info`](Self::info).
    ///
    /// On a tokio server it is first polled where the call was read, so it must not block there. Where it waits it goes on as a
    /// task of its own. It is dropped, wherever it waits, once nobody wants the answer any more. Any other server runs it in the thread in which a
    /// blocking handler would run.
    fn call(&self, method: usize, call: AsyncCall) -> AsyncAnswer;
}

/// A handler at work: gives the packed results.
pub type AsyncAnswer = Pin<Box<dyn Future<Output = Result<Packed, AsyncFailure>> + Send>>;

/// Why an asynchronous handler has no results to give.
#[derive(Debug)]
pub enum AsyncFailure {
    /// A declared error, packed.
    Declared(Packed),
    /// A status.
    Status(Status),
}

impl AsyncFailure {
    /// The service has no method of this index.
    pub fn unknown_method() -> Self {
        no_such_method().into()
    }
}

impl From<Status> for AsyncFailure {
    fn from(status: Status) -> Self {
        Self::Status(status)
    }
}

/// Arguments that do not unpack: the call did not run.
impl From<UnpackError> for AsyncFailure {
    fn from(error: UnpackError) -> Self {
        Self::Status(not_unpacked(&error))
    }
}

/// A call for an asynchronous handler. It owns the packed arguments, so the handler may borrow from it for as long as it runs.
#[derive(Debug)]
pub struct AsyncCall {
    context: Context,
    incoming: IncomingCall<'static>,
    streams: Option<CallStreams>,
    unpack: UnpackLimits,
    pack: PackLimits,
}

impl AsyncCall {
    pub(super) fn new(
        context: Context,
        incoming: IncomingCall<'static>,
        streams: Option<CallStreams>,
        limits: &Limits,
    ) -> Self {
        Self { context, incoming, streams, unpack: limits.unpack(), pack: limits.pack() }
    }

    /// What the handler knows of the call besides the arguments.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Reads the arguments, from the first on.
    pub fn input(&self) -> Unpacker<'_> {
        Unpacker::new(self.incoming.args(), &self.unpack)
    }

    /// The streams of the call.
    ///
    /// # Errors
    ///
    /// When its method has none.
    pub fn streams(&self) -> Result<&CallStreams, AsyncFailure> {
        self.streams.as_ref().ok_or_else(AsyncFailure::unknown_method)
    }

    /// Packs the results.
    ///
    /// # Errors
    ///
    /// `Internal` when they do not pack: the implementation is at fault.
    pub fn reply(&self, pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>) -> Result<Packed, AsyncFailure> {
        self.packed(pack).map_err(|error| not_packed("result", &error).into())
    }

    /// Packs a declared error, or hands a status on.
    pub fn raise<E: Pack>(&self, fault: Fault<E>) -> AsyncFailure {
        match fault {
            Fault::Status(status) => AsyncFailure::Status(status),
            Fault::Declared(error) => match self.packed(|out| out.value(&error)) {
                Ok(packed) => AsyncFailure::Declared(packed),
                Err(error) => not_packed("error", &error).into(),
            },
        }
    }

    fn packed(&self, pack: impl FnOnce(&mut Packer<'_>) -> Result<(), PackError>) -> Result<Packed, PackError> {
        let mut out = Packed::default();
        pack(&mut Packer::onto(&mut out, &self.pack))?;
        Ok(out)
    }
}
