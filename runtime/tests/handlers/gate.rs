//! A service whose handlers wait until the test lets them go on.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use rpcgen_runtime::stub::{
    AsyncAnswer, AsyncCall, AsyncService, At as _, Caller, Context, Failure, Method, Packer, PendingCall, Service,
    ServiceInfo, Status, Unpacker,
};
use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::timeout;

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
    /// The same for futures.
    opened_too: Notify,
}

impl Gate {
    fn open(&self) {
        *self.is_open.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.opened.notify_all();
        self.opened_too.notify_waiters();
    }

    async fn pass_too(&self) {
        loop {
            let opened = self.opened_too.notified();
            if *self.is_open.lock().unwrap_or_else(PoisonError::into_inner) {
                return;
            }
            timeout(PATIENCE, opened).await.expect("the gate is opened");
        }
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

    fn begin(&self, context: &Context) {
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.send(context.clone()).unwrap_or_default();
    }

    fn wait(&self, context: &Context) {
        self.begin(context);
        self.gate.pass();
    }

    fn ask(&self) -> Result<u64, Status> {
        self.other.as_ref().expect("another server").left(&LEFT)
    }
}

fn left(context: &Context) -> u64 {
    context.time_left().map_or(u64::MAX, |left| u64::try_from(left.as_micros()).expect("short"))
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
                out.fixed(&left(context)).map_err(Failure::from_reply)?;
            }
            _ => out.fixed(&self.ask()?).map_err(Failure::from_reply)?,
        }
        Ok(())
    }
}

/// The same, with handlers that are futures.
pub(crate) struct AsyncGates(Arc<Gates>);

impl AsyncGates {
    pub(crate) fn new(gates: Gates) -> Self {
        Self(Arc::new(gates))
    }
}

impl AsyncService for AsyncGates {
    fn info(&self) -> &'static ServiceInfo {
        &SERVICE
    }

    fn call(&self, method: usize, call: AsyncCall) -> AsyncAnswer {
        let gates = Arc::clone(&self.0);
        Box::pin(async move {
            if let 1..=3 = method {
                gates.begin(call.context());
                gates.gate.pass_too().await;
            }
            match method {
                2 => panic!("as asked"),
                4 => call.reply(|out| out.fixed(&left(call.context()))),
                5 => {
                    // Behind a wait: it inherits each time that it goes on.
                    yield_now().await;
                    let left = gates.ask()?;
                    call.reply(|out| out.fixed(&left))
                }
                _ => call.reply(|_| Ok(())),
            }
        })
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
