//! What a server serves: services, gathered in a [`Router`].

#[cfg(feature = "tokio")]
mod asynchronous;
#[cfg(feature = "tokio")]
mod handling;
mod method;

use std::sync::Arc;
use std::time::Instant;

use rustc_hash::FxHashMap;

use crate::context::{CallState, Context, Inherited, unless_panics};
use crate::pack::{PackError, Packed, Packer, UnpackError, Unpacker};
use crate::proto::{IncomingCall, Limits, Streams};
use crate::status::Status;
use crate::stream::CallStreams;
use crate::wire::{Code, Metadata};
#[cfg(feature = "tokio")]
pub use asynchronous::{AsyncAnswer, AsyncCall, AsyncFailure, AsyncService};
#[cfg(feature = "tokio")]
pub(crate) use handling::Handling;
pub use method::{Method, ServiceInfo};

/// A service that can be called: what a generated server stub is.
pub trait Service: Send + Sync + 'static {
    /// Its name and methods.
    fn info(&self) -> &'static ServiceInfo;

    /// Unpacks the arguments, calls the implementation, packs the results. `method` is an index into the methods of
    /// [`info`](Self::info).
    ///
    /// # Errors
    ///
    /// When the arguments do not unpack, the implementation fails, or its results do not pack. With
    /// [`Failure::Declared`] the declared error is what was packed.
    fn call(
        &self,
        method: usize,
        context: &Context,
        input: &mut Unpacker<'_>,
        out: &mut Packer<'_>,
    ) -> Result<(), Failure>;

    /// The same for a method with a stream. Where the result is one, nothing is packed.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call); by default the service has no such method.
    fn stream(
        &self,
        method: usize,
        context: &Context,
        input: &mut Unpacker<'_>,
        out: &mut Packer<'_>,
        streams: CallStreams,
    ) -> Result<(), Failure> {
        let _unused = (method, context, input, out, streams);
        Err(no_such_method().into())
    }
}

/// Why a service has no results to give.
#[derive(Debug)]
pub enum Failure {
    /// The declared error was packed instead.
    Declared,
    /// A status.
    Status(Status),
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self::Status(status)
    }
}

/// What became of a call.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) result: Result<(), Failure>,
    /// What the handler said beside it.
    pub(crate) metadata: Option<Box<Metadata>>,
}

/// Nothing has run.
impl From<Status> for Outcome {
    fn from(status: Status) -> Self {
        Self { result: Err(status.into()), metadata: None }
    }
}

/// Arguments that do not unpack: the call did not run.
impl From<UnpackError> for Failure {
    fn from(error: UnpackError) -> Self {
        Self::Status(not_unpacked(&error))
    }
}

fn not_unpacked(error: &UnpackError) -> Status {
    let code = if error.is_memory_limit() { Code::ResourceExhausted } else { Code::InvalidArgument };
    Status::new(code, error.to_string()).did_not_run()
}

/// The implementation is at fault.
pub(crate) fn not_packed(what: &str, error: &PackError) -> Status {
    Status::internal(format!("the {what} cannot be sent: {error}"))
}

pub(crate) fn no_such_method() -> Status {
    Status::unimplemented("the service has no such method").did_not_run()
}

/// The services of a server, by method.
///
/// ```no_run
/// # use rpcgen_runtime::{Router, Service, ThreadServer};
/// # fn serve(calculator: impl Service, clock: impl Service) -> Result<(), Box<dyn std::error::Error>> {
/// let router = Router::new().add(calculator).add(clock);
/// ThreadServer::bind("tcp://127.0.0.1:7000")?.serve(router)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Router {
    routes: Arc<FxHashMap<u32, Route>>,
    /// Whether any method has a stream: else no call needs a look.
    has_streams: bool,
    clashes: Vec<String>,
}

/// A method of a service.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) service: Served,
    index: usize,
    method: &'static Method,
}

/// A service, by how its handlers run.
#[derive(Clone)]
pub(crate) enum Served {
    /// In a thread, where they may wait.
    Blocking(Arc<dyn Service>),
    /// Wherever their calls are read: they are over at once.
    Quick(Arc<dyn Service>),
    /// As futures.
    #[cfg(feature = "tokio")]
    Async(Arc<dyn AsyncService>),
}

impl Served {
    fn info(&self) -> &'static ServiceInfo {
        match self {
            Self::Blocking(service) | Self::Quick(service) => service.info(),
            #[cfg(feature = "tokio")]
            Self::Async(service) => service.info(),
        }
    }
}

impl std::fmt::Debug for Router {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.routes.values().map(|route| route.method.path)).finish()
    }
}

impl Router {
    /// One without services.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a service. Two methods with the same number are found when a server starts.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "it adds a service; nobody takes it for `+`")]
    pub fn add(self, service: impl Service) -> Self {
        self.serving(&Served::Blocking(Arc::new(service)))
    }

    /// Adds a service whose handlers never wait and never take long. A tokio server runs them where their calls are read, which
    /// saves handing them to another thread; one that does take long holds up all that its thread has to do. For other servers it is
    /// as [`add`](Self::add).
    #[must_use]
    pub fn add_quick(self, service: impl Service) -> Self {
        self.serving(&Served::Quick(Arc::new(service)))
    }

    /// Adds a service whose handlers are futures. On a server without tokio each runs in the thread in which a blocking handler
    /// would run, and has the timers and sockets of a tokio runtime that the process makes for all of them.
    #[cfg(feature = "tokio")]
    #[must_use]
    pub fn add_async(self, service: impl AsyncService) -> Self {
        self.serving(&Served::Async(Arc::new(service)))
    }

    fn serving(mut self, service: &Served) -> Self {
        let routes = Arc::make_mut(&mut self.routes);
        for (index, method) in service.info().methods.iter().enumerate() {
            self.has_streams |= method.streams.any();
            let route = Route { service: service.clone(), index, method };
            if let Some(other) = routes.insert(method.number, route) {
                self.clashes.push(format!(
                    "{} and {} have the same number {:#010x}",
                    other.method.path, method.path, method.number
                ));
            }
        }
        self
    }

    /// Checks that every method can be told from every other.
    ///
    /// # Errors
    ///
    /// When two methods have the same number, as when a service is added twice.
    pub fn check(&self) -> Result<(), RouterError> {
        match self.clashes.first() {
            Some(clash) => Err(RouterError(clash.clone())),
            None => Ok(()),
        }
    }

    /// The streams of a call, if its method has any: more will come for its handler, or from it, while others are handled.
    pub(crate) fn streams(&self, call: &IncomingCall<'_>) -> Option<Streams> {
        if !self.has_streams || call.oneway {
            return None;
        }
        Some(self.routes.get(&call.method)?.method.streams).filter(|streams| streams.any())
    }

    /// Finds the method of a call, and checks that both sides mean the same by it and that there is time to run it.
    pub(crate) fn route(&self, call: &IncomingCall<'_>) -> Result<&Route, Status> {
        let Some(route) = self.routes.get(&call.method) else {
            let message = format!("no service here has a method of number {:#010x}", call.method);
            return Err(Status::unimplemented(message).did_not_run());
        };
        let Method { path, shape, oneway, .. } = route.method;
        if (call.shape, call.oneway) != (*shape, *oneway) {
            let came = call.shape;
            let message = format!("{path}: the caller's stubs have shape {came:#010x}, the server's {shape:#010x}");
            return Err(Status::schema_mismatch(message).did_not_run());
        }
        if call.deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            return Err(Status::deadline_exceeded("the time for the call was over before it began").did_not_run());
        }
        Ok(route)
    }
}

impl Route {
    /// Runs a call of its service. What it answers with is in `out`, or in the failure.
    pub(crate) fn run(
        &self,
        service: &dyn Service,
        call: &IncomingCall<'_>,
        state: Arc<CallState>,
        limits: &Limits,
        streams: Option<CallStreams>,
        out: &mut Packed,
    ) -> Outcome {
        let context = self.context(call, state);
        let mut input = Unpacker::new(call.args(), &limits.unpack());
        let mut packer = Packer::onto(out, &limits.pack());
        let run = || match streams {
            None => service.call(self.index, &context, &mut input, &mut packer),
            Some(streams) => service.stream(self.index, &context, &mut input, &mut packer, streams),
        };
        let result = context.scope(|| unless_panics(run));
        let result = result.unwrap_or_else(|| Err(panicked(self.method.path).into()));
        Outcome { result, metadata: context.take_reply() }
    }

    /// Makes the future that runs a call of its service.
    #[cfg(feature = "tokio")]
    pub(crate) fn make(
        &self,
        service: &dyn AsyncService,
        call: &mut IncomingCall<'_>,
        state: Arc<CallState>,
        limits: &Limits,
        streams: Option<CallStreams>,
    ) -> Handling {
        let context = self.context(call, state);
        let call = AsyncCall::new(context.clone(), call.take(), streams, limits);
        let answer = context.scope(|| unless_panics(|| service.call(self.index, call)));
        Handling::new(answer, context)
    }

    fn context(&self, call: &IncomingCall<'_>, state: Arc<CallState>) -> Context {
        let inherited = Inherited { deadline: call.deadline, trace: call.trace };
        Context::new(self.method.path, inherited, call.metadata.clone(), state)
    }
}

/// A panic of an implementation fails its call.
fn panicked(method: &str) -> Status {
    log::error!("{method} panicked");
    Status::internal("the handler panicked")
}

/// Two methods of a router have the same number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the router cannot tell its methods apart: {0}")]
pub struct RouterError(String);
