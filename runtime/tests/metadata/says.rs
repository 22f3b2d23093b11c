//! A service that says its caller's metadata back, and what else the tests need of it.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rpcgen_runtime::stub::{
    At as _, CallError, CallFailure, Caller, Context, Failure, Fault, Method, Packer, PendingCall, Service,
    ServiceInfo, Status, UNBOUNDED, Unpacker, raise,
};

use crate::refused::Refused;

/// No test waits longer than this for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Answers with the trace as text.
pub(crate) static REPLY: Method = Method::new("test.Says/reply", 1, 11).idempotent();
/// Fails with the declared error.
pub(crate) static DECLARED: Method = Method::new("test.Says/declared", 2, 12);
/// Fails with a status.
pub(crate) static STATUS: Method = Method::new("test.Says/status", 3, 13);
/// Tells the test what it heard.
pub(crate) static NOTE: Method = Method::oneway("test.Says/note", 4, 14);
/// As `reply`, once the test allows it.
pub(crate) static SLOW: Method = Method::new("test.Says/slow", 5, 15);
/// What `reply` of another server answers: called in the handler's thread, in another one, and in another one's scope.
pub(crate) static ASK: Method = Method::new("test.Says/ask", 6, 16);
static SERVICE: ServiceInfo = ServiceInfo::new("test.Says", &[&REPLY, &DECLARED, &STATUS, &NOTE, &SLOW, &ASK]);

/// Says back what it hears.
pub(crate) struct Says {
    heard: Mutex<SyncSender<Context>>,
    go_on: Mutex<Receiver<()>>,
    other: Option<Client>,
}

/// What the test holds of it.
pub(crate) struct Test {
    pub(crate) heard: Receiver<Context>,
    pub(crate) go_on: SyncSender<()>,
}

impl Says {
    pub(crate) fn new(other: Option<Client>) -> (Self, Test) {
        let ((tell, heard), (go_on, wait)) = (sync_channel(64), sync_channel(64));
        (Self { heard: Mutex::new(tell), go_on: Mutex::new(wait), other }, Test { heard, go_on })
    }

    fn tell(&self, context: &Context) {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.send(context.clone()).unwrap_or_default();
    }

    fn wait(&self) {
        let go_on = self.go_on.lock().unwrap_or_else(PoisonError::into_inner);
        go_on.recv_timeout(PATIENCE).unwrap_or_default();
    }

    fn ask(&self, context: &Context) -> Result<String, Status> {
        let other = self.other.as_ref().expect("another server");
        let here = other.text(&REPLY);
        let (elsewhere, scoped) = std::thread::scope(|scope| {
            let elsewhere = scope.spawn(|| other.text(&REPLY)).join().expect("no panic");
            let scoped = scope.spawn(|| context.scope(|| other.text(&REPLY))).join().expect("no panic");
            (elsewhere, scoped)
        });
        Ok(format!("{} {} {}", here?, elsewhere?, scoped?))
    }
}

fn trace(context: &Context) -> String {
    context.trace().map_or_else(|| "none".to_owned(), |trace| trace.to_string())
}

impl Service for Says {
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
        for (key, value) in context.metadata() {
            match key {
                "reply-key" => context.append_reply_metadata(context.metadata().get_text(key).expect("text"), ""),
                "reply-size" => {
                    let size = context.metadata().get_text(key).and_then(|size| size.parse().ok()).expect("a number");
                    context.append_reply_metadata("k", vec![0; size]);
                }
                _ => context.append_reply_metadata(key, value),
            }
        }
        let text = match method {
            1 => return Err(raise(Fault::Declared(Refused), out)),
            2 => return Err(Status::not_found("nothing here").into()),
            3 => {
                self.tell(context);
                return Ok(());
            }
            4 => {
                self.tell(context);
                self.wait();
                trace(context)
            }
            5 => self.ask(context)?,
            _ => trace(context),
        };
        out.string(&text, UNBOUNDED).map_err(Failure::from_reply)
    }
}

/// A client stub.
#[derive(Clone)]
pub(crate) struct Client(pub(crate) Caller);

impl Client {
    pub(crate) fn start<E: CallFailure>(&self, method: &'static Method) -> Result<PendingCall<String, E>, E> {
        self.0.start(method, |_| Ok(()), |input| input.string(UNBOUNDED).at("result"))
    }

    pub(crate) fn start_refused(&self) -> PendingCall<String, CallError<Refused>> {
        self.start(&DECLARED).expect("starts")
    }

    pub(crate) fn text(&self, method: &'static Method) -> Result<String, Status> {
        self.start::<Status>(method)?.wait()
    }
}
