//! What a handler knows of the call it answers.

use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

thread_local! {
    /// When the call must be over whose handler runs in this thread.
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// What a handler knows of its call besides the arguments. Clones are of the same call, and may be given to other threads.
#[derive(Debug, Clone)]
pub struct Context {
    method: &'static str,
    deadline: Option<Instant>,
    call: Arc<CallState>,
}

/// What a call's handler and its connection both hold.
pub(crate) struct CallState {
    peer: Arc<Peer>,
    is_cancelled: AtomicBool,
    hooks: Mutex<Vec<Hook>>,
}

type Hook = Box<dyn FnOnce() + Send>;

impl Context {
    pub(crate) fn new(method: &'static str, deadline: Option<Instant>, call: Arc<CallState>) -> Self {
        Self { method, deadline, call }
    }

    /// The method, as in `demo.calculator.Calculator/add`.
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// Who calls: a socket address, a path, or what the transport has to say.
    pub fn peer(&self) -> &str {
        &self.call.peer.name
    }

    /// Which process calls, and as whom: on a Unix socket, and where the system says so (Linux does). `None` elsewhere,
    /// over TCP and in the process, so a handler that lets in whom it knows must refuse `None`.
    ///
    /// ```
    /// use rpcgen_runtime::{Context, Status};
    ///
    /// /// Refuses everybody but one user.
    /// fn only(uid: u32, context: &Context) -> Result<(), Status> {
    ///     match context.peer_credentials() {
    ///         Some(peer) if peer.uid == uid => Ok(()),
    ///         Some(peer) => Err(Status::permission_denied(format!("user {} may not do this", peer.uid))),
    ///         None => Err(Status::permission_denied("only callers on this machine's Unix socket may do this")),
    ///     }
    /// }
    /// ```
    pub fn peer_credentials(&self) -> Option<Credentials> {
        self.call.peer.credentials
    }

    /// When the caller stops waiting, if it said so. Calls that the handler makes in its own thread inherit it.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// How long the caller still waits, if it said so; zero when that is over.
    pub fn time_left(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Whether nobody wants the answer any more: the caller gave up, its time is over, or its connection has ended. A
    /// handler that works for long looks now and then, and returns early with any error: the caller was answered already.
    ///
    /// It comes true within some milliseconds, and only for a handler that has run for more than one.
    pub fn is_cancelled(&self) -> bool {
        self.call.is_cancelled()
    }

    /// Runs `hook` when the call is cancelled; at once if it is already. It runs at most once, in another thread, and should
    /// be quick: to wake the handler, say. It is dropped unused where the call ends otherwise.
    pub fn on_cancel(&self, hook: impl FnOnce() + Send + 'static) {
        let mut hooks = self.call.hooks();
        if self.is_cancelled() {
            drop(hooks);
            hook();
        } else {
            hooks.push(Box::new(hook));
        }
    }
}

impl CallState {
    pub(crate) fn new(peer: Arc<Peer>) -> Self {
        Self { peer, is_cancelled: AtomicBool::new(false), hooks: Mutex::default() }
    }

    fn hooks(&self) -> MutexGuard<'_, Vec<Hook>> {
        self.hooks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Acquire)
    }

    /// Tells the handler that nobody wants its answer.
    pub(crate) fn cancel(&self) {
        for hook in self.take_hooks() {
            if unless_panics(hook).is_none() {
                log::error!("a hook of Context::on_cancel panicked");
            }
        }
    }

    /// They run without the lock: a hook may set another.
    fn take_hooks(&self) -> Vec<Hook> {
        let mut hooks = self.hooks();
        self.is_cancelled.store(true, Ordering::Release);
        std::mem::take(&mut *hooks)
    }

    /// Makes it that of the next call, where nothing of the last one is left.
    pub(crate) fn renew(self: &mut Arc<Self>) {
        match Arc::get_mut(self) {
            Some(state) if !state.is_cancelled.load(Ordering::Relaxed) => {
                state.hooks.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
            }
            _ => drop(self.replace()),
        }
    }

    /// Takes it, and leaves a new one for the next call.
    pub(crate) fn replace(self: &mut Arc<Self>) -> Arc<Self> {
        let next = Arc::new(Self::new(Arc::clone(&self.peer)));
        std::mem::replace(self, next)
    }
}

impl fmt::Debug for CallState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallState")
            .field("peer", &self.peer)
            .field("is_cancelled", &self.is_cancelled)
            .finish_non_exhaustive()
    }
}

/// Runs what users wrote; `None` if it panics. To drop what it panics with may panic again, and so on: that is not dropped.
pub(crate) fn unless_panics<T>(run: impl FnOnce() -> T) -> Option<T> {
    let payload = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(value) => return Some(value),
        Err(payload) => payload,
    };
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(again);
    }
    None
}

/// Runs a handler: the calls that it makes in this thread inherit `deadline`.
pub(crate) fn with_deadline<T>(deadline: Option<Instant>, run: impl FnOnce() -> T) -> T {
    let outer = DEADLINE.replace(deadline);
    let result = run();
    DEADLINE.set(outer);
    result
}

/// When the call must be over whose handler runs in this thread, if there is such a time.
pub(crate) fn inherited_deadline() -> Option<Instant> {
    DEADLINE.get()
}

/// Who is at the other end of a Unix socket, as the system knows it: no caller can pretend to be another.
///
/// They are those of the moment in which it connected. Who was given the connection since, as a child process may be, has
/// the same ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Credentials {
    /// The effective user. One that this process's user namespace does not have is shown as the system's overflow user,
    /// 65534 by default.
    pub uid: u32,
    /// The effective group. The others that the user is in are not known.
    pub gid: u32,
    /// The process; `None` for one that this process's PID namespace does not have. For logs: the process may have ended and its
    /// number may be another's by now, so decide nothing by it.
    pub pid: Option<u32>,
}

impl Credentials {
    /// Puts them together.
    pub(crate) fn new(uid: u32, gid: u32, pid: Option<u32>) -> Self {
        Self { uid, gid, pid }
    }
}

/// Who is at the other end of a connection. Its calls share it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    pub(crate) name: Box<str>,
    pub(crate) credentials: Option<Credentials>,
}

impl Peer {
    /// One of which only a name is known.
    pub(crate) fn named(name: impl Into<Box<str>>) -> Self {
        Self { name: name.into(), credentials: None }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    fn context(call: &Arc<CallState>) -> Context {
        Context::new("test.Sums/add", None, Arc::clone(call))
    }

    #[test]
    fn hooks_run_once_when_the_call_is_cancelled_and_at_once_afterwards() {
        let count = Arc::new(AtomicU32::new(0));
        let hook = |add| {
            let count = Arc::clone(&count);
            move || {
                count.fetch_add(add, Ordering::SeqCst);
            }
        };
        let call = Arc::new(CallState::new(Arc::new(Peer::named("test"))));
        let context = context(&call);
        context.on_cancel(hook(1));
        context.on_cancel(|| panic!("as asked"));
        context.on_cancel(hook(10));
        assert!(!context.is_cancelled());
        call.cancel();
        call.cancel();
        assert!(context.is_cancelled());
        assert_eq!(count.load(Ordering::SeqCst), 11);
        context.on_cancel(hook(100));
        assert_eq!(count.load(Ordering::SeqCst), 111);
    }

    #[test]
    fn nothing_of_a_call_is_left_for_the_next() {
        let mut call = Arc::new(CallState::new(Arc::new(Peer::named("test"))));
        context(&call).on_cancel(|| panic!("the call is over"));
        call.renew();
        call.cancel();
        call.renew();
        let kept = context(&call);
        assert!(!kept.is_cancelled());
        call.renew();
        call.cancel();
        assert!(!kept.is_cancelled());
    }

    #[test]
    fn the_deadline_is_inherited_within_the_handler_only() {
        let (soon, sooner) = (Instant::now(), Some(Instant::now()));
        with_deadline(Some(soon), || {
            assert_eq!(with_deadline(sooner, inherited_deadline), sooner);
            assert_eq!(inherited_deadline(), Some(soon));
        });
        assert_eq!(inherited_deadline(), None);
    }
}
