//! A service whose handlers are what a test wants them to be.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use rpcgen_runtime::stub::{AsyncAnswer, AsyncCall, AsyncService, Caller, Method, PendingCall, ServiceInfo, Status};

use crate::servers::Running;

/// No test waits longer than this for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) static RUN: Method = Method::new("test.Probe/run", 41, 51);
pub(crate) static ADD: Method = Method::new("test.Probe/add", 42, 52);
static SERVICE: ServiceInfo = ServiceInfo::new("test.Probe", &[&RUN, &ADD]);

/// Answers `run` with what a closure makes, and `add` at once.
pub(crate) struct Probe<F>(pub(crate) F);

impl<F: Fn(AsyncCall) -> AsyncAnswer + Send + Sync + 'static> AsyncService for Probe<F> {
    fn info(&self) -> &'static ServiceInfo {
        &SERVICE
    }

    fn call(&self, method: usize, call: AsyncCall) -> AsyncAnswer {
        if method == 0 { (self.0)(call) } else { Box::pin(async move { call.reply(|_| Ok(())) }) }
    }
}

/// Tells a test that it was dropped.
pub(crate) struct Told(Sender<()>);

impl Told {
    pub(crate) fn new() -> (Self, Receiver<()>) {
        let (tell, told) = channel();
        (Self(tell), told)
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        self.0.send(()).unwrap_or_default();
    }
}

/// A client stub.
pub(crate) struct Client(pub(crate) Caller);

impl Client {
    pub(crate) fn of(server: &Running) -> Self {
        Self::at(&server.endpoint().to_string())
    }

    pub(crate) fn at(url: &str) -> Self {
        Self(Caller::new(rpcgen_runtime::Channel::connect(url).expect("connects")))
    }

    pub(crate) fn start(&self, method: &'static Method) -> PendingCall<(), Status> {
        self.0.start(method, |_| Ok(()), |_| Ok(())).expect("starts")
    }

    /// Whether the connection goes on.
    pub(crate) fn is_served(&self) -> bool {
        self.start(&ADD).wait() == Ok(())
    }
}
