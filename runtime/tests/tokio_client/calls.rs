//! Calls of many tasks, and what comes back beside results.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;
use std::time::Duration;

use rpcgen_runtime::stub::{
    AsyncCaller, CallError, Context, Failure, Fault, Method, Packer, Service, ServiceInfo, Unpacker, raise,
};
use rpcgen_runtime::{AsyncChannel, Code, Metadata, Router, Status, TraceContext};
use tokio::task::JoinSet;

use crate::refused::Refused;
use crate::stub::{Client, everywhere, runtimes};

#[test]
fn a_thousand_tasks_call_at_once() {
    everywhere(async |client| {
        let client = Arc::new(client);
        let mut tasks = JoinSet::new();
        for a in 0..1000 {
            let client = Arc::clone(&client);
            tasks.spawn(async move {
                for b in 0..5 {
                    assert_eq!(client.add(a, b).await, Ok(a + b));
                }
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended.expect("no panic");
        }
    });
}

#[test]
fn calls_of_one_task_are_under_way_together() {
    everywhere(async |client| {
        let bytes = vec![7; 100_000];
        let mut large = pin!(client.echo(&bytes));
        let is_begun = poll_fn(|context| Poll::Ready(large.as_mut().poll(context).is_pending())).await;
        assert!(is_begun, "the answer cannot be there yet");
        assert_eq!(client.add(1, 2).await, Ok(3));
        assert_eq!(large.await.map(|bytes| bytes.len()), Ok(100_000));
    });
}

/// Says its caller's metadata and trace back beside an error that is declared.
struct Refuses;

static REFUSE: Method = Method::new("test.Refuses/refuse", 1, 11);
static REFUSES: ServiceInfo = ServiceInfo::new("test.Refuses", &[&REFUSE]);

impl Service for Refuses {
    fn info(&self) -> &'static ServiceInfo {
        &REFUSES
    }

    fn call(&self, _: usize, context: &Context, _: &mut Unpacker<'_>, out: &mut Packer<'_>) -> Result<(), Failure> {
        context.metadata().into_iter().for_each(|(key, value)| context.append_reply_metadata(key, value));
        let trace = context.trace().map(|trace| trace.to_string()).unwrap_or_default();
        context.append_reply_metadata("trace", trace);
        Err(raise(Fault::Declared(Refused), out))
    }
}

/// R18, R56: errors that an interface declares arrive as they were raised, with what is said beside them.
#[test]
fn declared_errors_and_metadata_come_back() {
    const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    for runtime in runtimes() {
        runtime.block_on(async {
            let channel = AsyncChannel::in_process(Router::new().add(Refuses)).expect("a channel");
            let trace: TraceContext = TRACE.parse().expect("the example of the specification");
            let caller = AsyncCaller::new(channel).with_metadata(Metadata::from([("id", b"4711")])).with_trace(trace);
            let (result, said) =
                caller.call_with_metadata::<(), CallError<Refused>, _>(&REFUSE, |_| Ok(()), |_| Ok(())).await;
            assert_eq!(result, Err(CallError::Declared(Refused)));
            assert_eq!(said, Metadata::from([("id", b"4711".as_slice()), ("trace", TRACE.as_bytes())]));
            let unexpected = caller.call::<(), Status, _>(&REFUSE, |_| Ok(()), |_| Ok(())).await;
            assert_eq!(unexpected.map_err(|status| status.code()), Err(Code::Unknown));
        });
    }
}

/// R19, R40: at a handler's calls; only the time counts that is left when they are made.
#[test]
fn calls_of_a_handler_inherit_its_deadline_and_trace() {
    struct Asks(Client, tokio::runtime::Handle);
    static ASK: Method = Method::new("test.Asks/ask", 1, 11);
    static ASKS: ServiceInfo = ServiceInfo::new("test.Asks", &[&ASK]);
    impl Service for Asks {
        fn info(&self) -> &'static ServiceInfo {
            &ASKS
        }

        fn call(&self, _: usize, _: &Context, _: &mut Unpacker<'_>, out: &mut Packer<'_>) -> Result<(), Failure> {
            let (_, said) = self.1.block_on(self.0.0.call_with_metadata::<(), CallError<Refused>, _>(
                &REFUSE,
                |_| Ok(()),
                |_| Ok(()),
            ));
            out.string(said.get_text("trace").unwrap_or_default(), 64).map_err(Failure::from_reply)
        }
    }
    let [_, runtime] = runtimes();
    let _entered = runtime.enter();
    let inner = Client::new(&AsyncChannel::in_process(Router::new().add(Refuses)).expect("a channel"));
    let asks = Asks(inner, runtime.handle().clone());
    let outer = AsyncCaller::new(AsyncChannel::in_process(Router::new().add(asks)).expect("a channel"));
    let trace: TraceContext = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse().expect("good");
    let asked = outer.with_trace(trace).call::<String, Status, _>(&ASK, |_| Ok(()), |input| input.string(64));
    assert_eq!(runtime.block_on(asked), Ok(trace.to_string()));
    let late = outer.with_timeout(Duration::ZERO).call::<String, Status, _>(&ASK, |_| Ok(()), |input| input.string(64));
    assert_eq!(runtime.block_on(late).map_err(|status| status.code()), Err(Code::DeadlineExceeded));
}

#[test]
fn arguments_that_do_not_pack_are_refused_before_anything_is_sent() {
    everywhere(async |client| {
        let refused =
            client.0.call::<(), Status, _>(&crate::support::ECHO, |out| out.bytes(&[0; 9], 8), |_| Ok(())).await;
        let status = refused.expect_err("too long");
        assert_eq!((status.code(), status.may_have_run(), status.attempts()), (Code::InvalidArgument, false, 0));
        assert_eq!(status.method(), Some("test.Sums/echo"));
    });
}

#[test]
fn oneway_calls_arrive_though_the_channel_is_dropped_at_once() {
    for runtime in runtimes() {
        let sum = Arc::<AtomicU32>::default();
        runtime.block_on(async {
            let channel = AsyncChannel::in_process(Router::new().add(crate::support::Sums(Arc::clone(&sum))));
            let client = Client::new(&channel.expect("a channel"));
            for _ in 0..1000 {
                client.note(1).await.expect("sent");
            }
            drop(client);
            while sum.load(Ordering::SeqCst) < 1000 {
                tokio::task::yield_now().await;
            }
        });
    }
}
