//! A service that notes what it has run, and the account of what became of calls: those that were lost, and those that ran
//! twice, show.

#![allow(dead_code, reason = "not every test uses all of it")]

use std::collections::HashMap;
use std::fmt;
use std::ops::AddAssign;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::{Caller, PendingCall};
use rpcgen_runtime::stub::{
    At as _, Context, Failure, Method, Packer, Service, ServiceInfo, Status, UNBOUNDED, Unpacker,
};

pub(crate) static ONCE: Method = Method::new("test.Ledger/once", 1, 11);
pub(crate) static AGAIN: Method = Method::new("test.Ledger/again", 2, 12).idempotent();
pub(crate) static NOTE: Method = Method::oneway("test.Ledger/note", 3, 13);
static SERVICE: ServiceInfo = ServiceInfo::new("test.Ledger", &[&ONCE, &AGAIN, &NOTE]);

/// How a handler behaves, as its caller asks: it answers at once, panics, or takes so many microseconds.
pub(crate) const AT_ONCE: u32 = 0;
pub(crate) const PANIC: u32 = u32::MAX;

/// The longest that a handler takes, whatever it is asked.
const LONGEST: Duration = Duration::from_millis(100);

/// How often each call has run, by the number that it carries.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<Book>);

#[derive(Default)]
struct Book {
    runs: Mutex<HashMap<u64, u32>>,
    /// Handlers that run.
    running: AtomicUsize,
}

/// A handler that runs, also one that panics.
struct Running<'a>(&'a AtomicUsize);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Ledger {
    fn runs(&self) -> MutexGuard<'_, HashMap<u64, u32>> {
        self.0.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Handlers that run now.
    pub(crate) fn running(&self) -> usize {
        self.0.running.load(Ordering::SeqCst)
    }

    /// How often a call has run.
    pub(crate) fn count(&self, id: u64) -> u32 {
        self.runs().get(&id).copied().unwrap_or(0)
    }

    /// Numbers of calls that have run more than once.
    pub(crate) fn repeated(&self) -> Vec<u64> {
        self.runs().iter().filter(|(_, runs)| **runs > 1).map(|(id, _)| *id).collect()
    }

    /// Forgets everything, and gives its memory back.
    pub(crate) fn clear(&self) {
        *self.runs() = HashMap::new();
    }

    /// What became of these calls. Nothing may run any more.
    pub(crate) fn account(&self, calls: &[Made]) -> Account {
        let mut account = Account::default();
        for made in calls {
            account += made.account(self.count(made.id));
        }
        account
    }
}

impl Service for Ledger {
    fn info(&self) -> &'static ServiceInfo {
        &SERVICE
    }

    fn call(
        &self,
        method: usize,
        context: &Context,
        input: &mut Unpacker<'_>,
        out: &mut Packer<'_>,
    ) -> Result<(), Failure> {
        let (id, manner): (u64, u32) = (input.fixed().at("id")?, input.fixed().at("manner")?);
        input.byte_slice(UNBOUNDED)?;
        input.end()?;
        self.0.running.fetch_add(1, Ordering::SeqCst);
        let _running = Running(&self.0.running);
        *self.runs().entry(id).or_default() += 1;
        match manner {
            AT_ONCE => {}
            PANIC => panic!("as asked"),
            // A handler at work, which nothing else can stand for; it stops when nobody wants its answer.
            micros if !context.is_cancelled() => thread::sleep(LONGEST.min(Duration::from_micros(micros.into()))),
            _ => {}
        }
        if method == 2 { Ok(()) } else { out.fixed(&id).map_err(Failure::from_reply) }
    }
}

/// A client stub.
#[derive(Clone)]
pub(crate) struct Client(pub(crate) Caller);

impl Client {
    pub(crate) fn start(
        &self,
        method: &'static Method,
        id: u64,
        manner: u32,
    ) -> Result<PendingCall<u64, Status>, Status> {
        self.start_long(method, id, manner, &[])
    }

    /// Starts a call that carries so many bytes more.
    pub(crate) fn start_long(
        &self,
        method: &'static Method,
        id: u64,
        manner: u32,
        more: &[u8],
    ) -> Result<PendingCall<u64, Status>, Status> {
        let pack = |out: &mut Packer<'_>| {
            out.fixed(&id).at("id")?;
            out.fixed(&manner).at("manner")?;
            out.bytes(more, UNBOUNDED)
        };
        self.0.start(method, pack, |input| input.fixed().at("result"))
    }

    /// Makes a call, and says how it ended.
    pub(crate) fn make(&self, method: &'static Method, id: u64, manner: u32) -> Made {
        Made::new(method, id, self.start(method, id, manner).and_then(PendingCall::wait))
    }

    /// Sends a oneway call.
    pub(crate) fn note(&self, id: u64) -> Made {
        let sent = self.0.send(&NOTE, |out| {
            out.fixed(&id)?;
            out.fixed(&AT_ONCE)?;
            out.bytes(&[], UNBOUNDED)
        });
        Made::new(&NOTE, id, sent.map(|()| id))
    }

    pub(crate) fn with_timeout(&self, timeout: Duration) -> Self {
        Self(self.0.with_timeout(timeout))
    }
}

/// A call that has ended for who made it.
#[derive(Debug)]
pub(crate) struct Made {
    id: u64,
    method: &'static Method,
    end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// With its own answer, or with that of a handler that panicked.
    Answered,
    /// With the answer to another call.
    Wrong,
    DidNotRun,
    /// The caller dropped it, or was told that it may have run.
    Perhaps,
}

impl Made {
    pub(crate) fn new(method: &'static Method, id: u64, result: Result<u64, Status>) -> Self {
        let end = match result {
            Ok(answer) if answer == id => End::Answered,
            Ok(_) => End::Wrong,
            Err(status) if status.message() == "the handler panicked" => End::Answered,
            Err(status) if status.may_have_run() => End::Perhaps,
            Err(_) => End::DidNotRun,
        };
        Self { id, method, end }
    }

    /// One that its caller has dropped.
    pub(crate) fn dropped(method: &'static Method, id: u64) -> Self {
        Self { id, method, end: End::Perhaps }
    }

    pub(crate) fn is_answered(&self) -> bool {
        self.end == End::Answered
    }

    pub(crate) fn may_have_run(&self) -> bool {
        self.end != End::DidNotRun
    }

    fn account(&self, runs: u32) -> Account {
        let Method { oneway, idempotent, .. } = self.method;
        let mut account = Account { made: 1, runs: runs.into(), ..Account::default() };
        match self.end {
            End::Answered if *oneway => account.sent = 1,
            End::Answered => account.answered = 1,
            End::Wrong => account.wrong = 1,
            End::DidNotRun => account.did_not_run = 1,
            End::Perhaps => account.perhaps = 1,
        }
        account.notes_lost = account.sent * u64::from(runs == 0);
        account.lost = account.answered * u64::from(runs == 0);
        account.twice = u64::from(runs > 1 && !idempotent);
        account.denied = account.did_not_run * u64::from(runs > 0);
        account
    }
}

/// What became of calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) made: u64,
    pub(crate) answered: u64,
    /// Oneway calls that were taken for sending.
    pub(crate) sent: u64,
    /// Failed, and said to have certainly not run.
    pub(crate) did_not_run: u64,
    /// Failed, and said to have perhaps run.
    pub(crate) perhaps: u64,
    /// Times that handlers ran.
    pub(crate) runs: u64,
    /// Oneway calls that went down with their connection.
    pub(crate) notes_lost: u64,
    /// Answered with the answer to another call.
    pub(crate) wrong: u64,
    /// Answered though they never ran.
    pub(crate) lost: u64,
    /// Ran twice though they may not.
    pub(crate) twice: u64,
    /// Ran though they were said to have certainly not.
    pub(crate) denied: u64,
}

impl Account {
    /// Each call ended once, as it said, and none ran twice that may not.
    #[track_caller]
    pub(crate) fn check(&self) {
        let Self { made, answered, sent, did_not_run, perhaps, wrong, lost, twice, denied, .. } = *self;
        assert_eq!(answered + sent + did_not_run + perhaps + wrong, made, "{self}");
        assert_eq!([wrong, lost, twice, denied], [0; 4], "{self}");
    }
}

impl AddAssign for Account {
    fn add_assign(&mut self, other: Self) {
        self.made += other.made;
        self.answered += other.answered;
        self.sent += other.sent;
        self.did_not_run += other.did_not_run;
        self.perhaps += other.perhaps;
        self.runs += other.runs;
        self.notes_lost += other.notes_lost;
        self.wrong += other.wrong;
        self.lost += other.lost;
        self.twice += other.twice;
        self.denied += other.denied;
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { made, answered, sent, did_not_run, perhaps, runs, notes_lost, wrong, lost, twice, denied } = self;
        write!(f, "{made} calls: {answered} answered, {sent} oneway sent ({notes_lost} of them never ran), ")?;
        write!(f, "{did_not_run} failed and did not run, {perhaps} failed and may have run; {runs} runs; ")?;
        write!(f, "{wrong} wrong answers, {lost} lost, {twice} ran twice, {denied} ran against their word")
    }
}
