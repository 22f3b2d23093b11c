//! A service whose handlers wait until the test lets them go on.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use rpcgen_runtime::stub::{
    At as _, Caller, Context, Failure, Method, Packer, PendingCall, Service, ServiceInfo, Status, Unpacker,
};

/// No test waits longer than this for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) static QUICK: Method = Method::new("test.Gates/quick", 1, 11);
pub(crate) static WAIT: Method = Method::new("test.Gates/wait", 2, 12);
pub(crate) static PANIC: Method = Method::new("test.Gates/panic", 3, 13);
pub(crate) static NOTE: Method = Method::oneway("test.Gates/note", 4, 14);
pub(crate) static LEFT: Method = Method::new("test.Gates/left", 5, 15);
pub(crate) static ASK: Method = Method::new("test.Gates/ask", 6, 16);
static SERVICE: ServiceInfo = ServiceInfo::new("test.Gates", &[&QUICK, &WAIT, &PANIC, &NOTE, &LEFT, &ASK]);

/// Closed until it is opened, for good.
#[derive(Debug, Default)]
struct Gate {
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    fn open(&self) {
        *self.is_open.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.opened.notify_all();
    }

    fn pass(&self) {
        let is_open = self.is_open.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.opened.wait_timeout_while(is_open, PATIENCE, |is_open| !*is_open));
    }
}

/// Opens a gate, when the test ends at the latest.
pub(crate) struct Opener(Arc<Gate>);

impl Opener {
    pub(crate) fn open(&self) {
        self.0.open();
    }
}

impl Drop for Opener {
    fn drop(&mut self) {
        self.open();
    }
}

/// `quick` answers at once, and `left` with the microseconds that it has; `wait`, `panic` and `note` wait at the gate,
/// after they have told the test that they have begun; `ask` asks another server what is left.
pub(crate) struct Gates {
    gate: Arc<Gate>,
    begun: Mutex<Sender<Context>>,
    other: Option<Client>,
}

impl Gates {
    pub(crate) fn new(other: Option<Client>) -> (Self, Opener, Receiver<Context>) {
        let (gate, (begun, contexts)) = (Arc::<Gate>::default(), channel());
        (Self { gate: Arc::clone(&gate), begun: Mutex::new(begun), other }, Opener(gate), contexts)
    }

    fn wait(&self, context: &Context) {
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.send(context.clone()).unwrap_or_default();
        drop(begun);
        self.gate.pass();
    }
}

impl Service for Gates {
    fn info(&self) -> &'static ServiceInfo {
        &SERVICE
    }

    fn call(
        &self,
        method: usize,
        context: &Context,
        _: &mut Unpacker<'_>,
        out: &mut Packer<'_>,
    ) -> Result<(), Failure> {
        match method {
            0 => {}
            1 | 3 => self.wait(context),
            2 => {
                self.wait(context);
                panic!("as asked")
            }
            4 => {
                let left = context.time_left().map_or(u64::MAX, |left| u64::try_from(left.as_micros()).expect("short"));
                out.fixed(&left).map_err(Failure::from_reply)?;
            }
            _ => {
                let left = self.other.as_ref().expect("another server").left(&LEFT)?;
                out.fixed(&left).map_err(Failure::from_reply)?;
            }
        }
        Ok(())
    }
}

/// A client stub.
#[derive(Clone)]
pub(crate) struct Client(pub(crate) Caller);

impl Client {
    pub(crate) fn start(&self, method: &'static Method) -> Result<PendingCall<(), Status>, Status> {
        self.0.start(method, |_| Ok(()), |_| Ok(()))
    }

    pub(crate) fn quick(&self) -> Result<(), Status> {
        self.start(&QUICK)?.wait()
    }

    /// Microseconds that a call of this method had left in its handler.
    pub(crate) fn left(&self, method: &'static Method) -> Result<u64, Status> {
        let call: PendingCall<_, Status> = self.0.start(method, |_| Ok(()), |input| input.fixed().at("left"))?;
        call.wait()
    }

    pub(crate) fn with_timeout(&self, timeout: Duration) -> Self {
        Self(self.0.with_timeout(timeout))
    }
}
