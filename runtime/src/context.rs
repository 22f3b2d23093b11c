//! What a handler knows of the call it answers.

use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::wire::{Metadata, TraceContext};

thread_local! {
    /// Of the call whose handler runs in this thread.
    static INHERITED: Cell<Inherited> = const { Cell::new(Inherited { deadline: None, trace: None }) };
}

/// What the caller of a call said that said nothing.
static NOTHING: Metadata = Metadata::new();

/// What calls inherit that a handler makes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Inherited {
    /// When they must be over.
    pub(crate) deadline: Option<Instant>,
    /// The trace that they belong to.
    pub(crate) trace: Option<TraceContext>,
}

/// What a handler knows of its call besides the arguments. Clones are of the same call, and may be given to other threads.
#[derive(Debug, Clone)]
pub struct Context {
    method: &'static str,
    inherited: Inherited,
    metadata: Option<Arc<Metadata>>,
    call: Arc<CallState>,
}

/// What a call's handler and its connection both hold.
pub(crate) struct CallState {
    peer: Arc<Peer>,
    is_cancelled: AtomicBool,
    hooks: Mutex<Vec<Hook>>,
    /// Whether there is metadata for the reply: most calls have none, and take no lock to see it.
    has_reply: AtomicBool,
    reply: Mutex<Metadata>,
}

type Hook = Box<dyn FnOnce() + Send>;

impl Context {
    pub(crate) fn new(
        method: &'static str,
        inherited: Inherited,
        metadata: Option<Arc<Metadata>>,
        call: Arc<CallState>,
    ) -> Self {
        Self { method, inherited, metadata, call }
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

    /// When the caller stops waiting, if it said so. Calls that the handler makes in its own thread, or in its own future, inherit it.
    pub fn deadline(&self) -> Option<Instant> {
        self.inherited.deadline
    }

    /// How long the caller still waits, if it said so; zero when that is over.
    pub fn time_left(&self) -> Option<Duration> {
        self.deadline().map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// What the caller said beside the arguments: see [`Metadata`]. Empty if it said nothing.
    ///
    /// Whatever stands here, the caller may have made up.
    pub fn metadata(&self) -> &Metadata {
        self.metadata.as_deref().unwrap_or(&NOTHING)
    }

    /// Says something beside the answer, be it results, a declared error or a status: adds a value behind those that the key
    /// has. The caller finds it with [`PendingCall::wait_with_metadata`], and in [`Status::metadata`]. Where the answer is not
    /// the handler's own, as when its time was over first, of a oneway call, and where the results are a stream that ends well,
    /// it is dropped.
    ///
    /// What may not be sent, since the key is not allowed or all is too long ([`Metadata`] says what is), fails the call with
    /// `Internal` or `ResourceExhausted`.
    ///
    /// [`PendingCall::wait_with_metadata`]: crate::PendingCall::wait_with_metadata
    /// [`Status::metadata`]: crate::Status::metadata
    pub fn append_reply_metadata(&self, key: &str, value: impl AsRef<[u8]>) {
        let value = value.as_ref();
        self.call.reply().append(key, value);
        self.call.has_reply.store(true, Ordering::Release);
    }

    /// The trace that the call belongs to, if its caller said so. Calls that the handler makes in its own thread, or in its own
    /// future, inherit it.
    pub fn trace(&self) -> Option<TraceContext> {
        self.inherited.trace
    }

    /// Does a part of the handler's work in another thread: calls that `work` makes inherit the deadline and the trace there,
    /// as they do in the handler's own thread.
    ///
    /// ```
    /// # use rpcgen_runtime::Context;
    /// fn both(context: &Context, left: impl FnOnce() + Send, right: impl FnOnce() + Send) {
    ///     std::thread::scope(|scope| {
    ///         scope.spawn(|| context.scope(left));
    ///         right();
    ///     });
    /// }
    /// ```
    pub fn scope<T>(&self, work: impl FnOnce() -> T) -> T {
        inherit(self.inherited, work)
    }

    /// What was said for the reply, once the handler has returned.
    pub(crate) fn take_reply(&self) -> Option<Box<Metadata>> {
        self.call.has_reply.load(Ordering::Acquire).then(|| Box::new(std::mem::take(&mut *self.call.reply())))
    }

    /// Whether nobody wants the answer any more: the caller gave up, its time is over, or its connection has ended. A
    /// handler that works for long looks now and then, and returns early with any error: the caller was answered already.
    ///
    /// It comes true within some milliseconds, and only for a handler that has run for more than one. A handler that is a future
    /// need not look: it is dropped then, wherever it waits.
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
        let (is_cancelled, has_reply) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { peer, is_cancelled, hooks: Mutex::default(), has_reply, reply: Mutex::default() }
    }

    fn reply(&self) -> MutexGuard<'_, Metadata> {
        self.reply.lock().unwrap_or_else(PoisonError::into_inner)
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
                if std::mem::take(state.has_reply.get_mut()) {
                    *state.reply.get_mut().unwrap_or_else(PoisonError::into_inner) = Metadata::new();
                }
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

/// Runs a handler: the calls that it makes in this thread inherit from the one that it answers.
pub(crate) fn inherit<T>(inherited: Inherited, run: impl FnOnce() -> T) -> T {
    let _outer = Outer(INHERITED.replace(inherited));
    run()
}

/// What holds again once a handler has returned, or panicked.
struct Outer(Inherited);

impl Drop for Outer {
    fn drop(&mut self) {
        INHERITED.set(self.0);
    }
}

/// What a call inherits that is made now, in this thread; nothing outside of handlers.
pub(crate) fn inherited() -> Inherited {
    INHERITED.get()
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
        Context::new("test.Sums/add", Inherited::default(), None, Arc::clone(call))
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
    fn metadata_of_a_reply_is_taken_once_and_none_is_left_for_the_next_call() {
        let mut call = Arc::new(CallState::new(Arc::new(Peer::named("test"))));
        let asked = context(&call);
        assert_eq!(asked.take_reply(), None);
        asked.append_reply_metadata("a", "1");
        asked.clone().append_reply_metadata("b", [2]);
        assert_eq!(asked.take_reply().as_deref(), Some(&Metadata::from([("a", b"1"), ("b", &[2])])));
        asked.append_reply_metadata("late", "");
        drop(asked);
        call.renew();
        assert_eq!(context(&call).take_reply(), None);
    }

    #[test]
    fn deadline_and_trace_are_inherited_within_the_handler_only() {
        let trace = TraceContext::new([1; 16], [2; 8], 1).ok();
        let outer = Inherited { deadline: Some(Instant::now()), trace };
        let inner = Inherited { trace: None, ..outer };
        inherit(outer, || {
            assert_eq!(inherit(inner, inherited), inner);
            assert_eq!(inherited(), outer);
            let panicked = catch_unwind(|| inherit(Inherited::default(), || panic!("as asked")));
            assert!(panicked.is_err());
            assert_eq!(inherited(), outer);
        });
        assert_eq!(inherited(), Inherited::default());
    }
}
