//! Handlers that take long: they hold nobody up, can be cancelled, have a time to be over, and are bounded in number.
//! The rules named are those of `docs/wire.md`.

mod gate;
mod raw;
#[path = "../support/servers.rs"]
mod servers;

use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use gate::{ASK, AsyncGates, Client, Gates, LEFT, NOTE, Opener, PANIC, PATIENCE, WAIT};
use raw::{Raw, call, frame, note};
use rpcgen_runtime::stub::{Caller, Context};
use rpcgen_runtime::wire::Kind;
use rpcgen_runtime::{Channel, ChannelOptions, Code, Limits, Router, ServerOptions};
use servers::Running;

/// A kind of server, and whether the handlers on it are futures.
#[derive(Debug, Clone, Copy)]
struct On {
    server: servers::On,
    is_async: bool,
}

/// Runs a check on each kind.
fn on_each(check: impl Fn(On)) {
    for is_async in [false, true] {
        println!("asynchronous: {is_async}");
        servers::on_each(|server| check(On { server, is_async }));
    }
}

struct Served {
    server: Running,
    client: Client,
    gate: Opener,
    contexts: Receiver<Context>,
}

impl On {
    fn serve_with(self, options: ServerOptions, other: Option<Client>) -> Served {
        let (service, gate, contexts) = Gates::new(other);
        let router = Router::new();
        let router = if self.is_async { router.add_async(AsyncGates::new(service)) } else { router.add(service) };
        let server = self.server.serve_with(options, router);
        // Who calls a server that has gone knows it at once.
        let options = ChannelOptions { fail_fast: true, ..ChannelOptions::default() };
        let channel = Channel::connect_with(&server.endpoint().to_string(), options).expect("connects");
        Served { server, client: Client(Caller::new(channel)), gate, contexts }
    }

    fn serve(self) -> Served {
        self.serve_with(ServerOptions::default(), None)
    }
}

impl Served {
    /// Waits until a handler has begun, and gives its context.
    fn begun(&self) -> Context {
        self.contexts.recv_timeout(PATIENCE).expect("a handler begins")
    }
}

/// Hears when a call is cancelled.
fn cancelled(context: &Context) -> Receiver<()> {
    let (tell, told) = channel();
    context.on_cancel(move || tell.send(()).unwrap_or_default());
    told
}

const CANCELLED: u32 = 1;
const INVALID: u32 = 3;
const LATE: u32 = 4;
const EXHAUSTED: u32 = 8;

#[test]
fn r26_ten_thousand_calls_are_answered_while_one_on_their_connection_waits() {
    on_each(|on| {
        let served = on.serve();
        let slow = served.client.start(&WAIT).expect("starts");
        let context = served.begun();
        for _ in 0..100 {
            let calls = (0..100).map(|_| served.client.start(&gate::QUICK).expect("starts")).collect::<Vec<_>>();
            for call in calls {
                assert_eq!(call.wait(), Ok(()));
            }
        }
        assert!(!context.is_cancelled());
        served.gate.open();
        assert_eq!(slow.wait(), Ok(()));
        assert_eq!(served.client.quick(), Ok(()));
    });
}

#[test]
fn r32_calls_behind_a_slow_one_in_the_same_write_are_answered() {
    on_each(|on| {
        let served = on.serve();
        let mut raw = Raw::connect(&served.server);
        raw.send(&[call(1, 1, None), call(2, 2, None), note(3), call(4, 1, None), call(5, 1, None)].concat());
        let mut answers = [1, 4, 5].map(|_| raw.hear());
        answers.sort_by_key(|(_, number, ..)| *number);
        assert_eq!(answers, [1, 4, 5].map(|number| (Kind::Reply, number, 0, None)));
        served.gate.open();
        assert_eq!(raw.hear(), (Kind::Reply, 2, 0, None));
    });
}

#[test]
fn l9_a_call_beyond_the_slow_handlers_is_refused_and_did_not_run() {
    on_each(|on| {
        let options =
            ServerOptions { limits: Limits { open_calls: 600, ..Limits::default() }, ..ServerOptions::default() };
        let served = on.serve_with(options, None);
        let slow = (0..512).map(|_| served.client.start(&WAIT).expect("starts")).collect::<Vec<_>>();
        let contexts = slow.iter().map(|_| served.begun()).collect::<Vec<_>>();
        let refused = served.client.quick().expect_err("the pool is full");
        assert_eq!((refused.code(), refused.may_have_run()), (Code::ResourceExhausted, false));
        assert!(refused.message().contains("512 slow handlers"), "{refused}");
        assert!(refused.message().contains("ServerOptions::handler_threads"), "{refused}");
        served.gate.open();
        for call in slow {
            assert_eq!(call.wait(), Ok(()));
        }
        let begin = Instant::now();
        while served.client.quick().is_err() {
            assert!(begin.elapsed() < PATIENCE, "there is room again");
        }
        assert_eq!(contexts.len(), 512);
    });
}

#[test]
fn r32_a_oneway_call_beyond_the_slow_handlers_runs_where_it_was_read() {
    on_each(|on| {
        let served = on.serve_with(ServerOptions { handler_threads: 1, ..ServerOptions::default() }, None);
        let slow = served.client.start(&WAIT).expect("starts");
        served.begun();
        served.client.0.send(&NOTE, |_| Ok(())).expect("sent");
        assert_eq!(served.begun().method(), NOTE.path);
        let behind = served.client.start(&gate::QUICK).expect("starts");
        served.gate.open();
        assert_eq!(slow.wait(), Ok(()));
        let refused = behind.wait().err();
        assert!(refused.is_none_or(|status| status.code() == Code::ResourceExhausted));
    });
}

#[test]
fn a_handler_that_panics_after_its_connection_was_taken_over_fails_alone() {
    on_each(|on| {
        let served = on.serve();
        let (slow, bad) = (served.client.start(&WAIT).expect("starts"), served.client.start(&PANIC).expect("starts"));
        let _contexts = [served.begun(), served.begun()];
        assert_eq!(served.client.quick(), Ok(()));
        served.gate.open();
        assert_eq!(bad.wait().expect_err("it panicked").code(), Code::Internal);
        assert_eq!((slow.wait(), served.client.quick()), (Ok(()), Ok(())));
    });
}

#[test]
fn r43_a_server_that_shuts_down_answers_what_runs() {
    on_each(|on| {
        let Served { server, client, gate, contexts } = on.serve();
        let slow = client.start(&WAIT).expect("starts");
        contexts.recv_timeout(PATIENCE).expect("it begins");
        assert_eq!(client.quick(), Ok(()));
        let shutting = thread::spawn(move || server.shutdown(PATIENCE));
        while client.quick().is_ok() {}
        gate.open();
        assert_eq!(slow.wait(), Ok(()));
        let report = shutting.join().expect("shuts down");
        assert_eq!((report.connections, report.cut), (1, 0));
    });
}

#[test]
fn r45_handlers_that_are_cut_are_told() {
    on_each(|on| {
        let Served { server, client, gate: _gate, contexts } = on.serve();
        let slow = client.start(&WAIT).expect("starts");
        let (context, _also) = (contexts.recv_timeout(PATIENCE).expect("it begins"), client.quick());
        let told = cancelled(&context);
        let report = server.shutdown(Duration::ZERO);
        assert_eq!((report.connections, report.cut), (1, 1));
        assert_eq!(told.recv_timeout(PATIENCE), Ok(()));
        assert!(context.is_cancelled());
        let lost = slow.wait().expect_err("it was cut");
        assert_eq!((lost.code(), lost.may_have_run()), (Code::Unavailable, true));
    });
}

#[test]
fn r41_a_cancelled_call_is_answered_at_once_and_its_handler_told() {
    on_each(|on| {
        let served = on.serve();
        let mut raw = Raw::connect(&served.server);
        raw.send(&call(1, 2, None));
        let context = served.begun();
        let told = cancelled(&context);
        assert!(!context.is_cancelled());
        raw.send(&frame(Kind::Cancel, 1, 0));
        assert_eq!(raw.hear(), (Kind::Fault, 1, CANCELLED, Some(0)));
        assert_eq!(told.recv_timeout(PATIENCE), Ok(()));
        assert!(context.is_cancelled());
        raw.send(&[frame(Kind::Cancel, 1, 0), call(2, 1, None)].concat());
        assert_eq!(raw.hear(), (Kind::Reply, 2, 0, None));
        served.gate.open();
        raw.end();
        served.server.shutdown(PATIENCE);
    });
}

#[test]
fn r41_a_client_that_drops_a_call_cancels_its_handler() {
    on_each(|on| {
        let served = on.serve();
        let slow = served.client.start(&WAIT).expect("starts");
        let told = cancelled(&served.begun());
        drop(slow);
        assert_eq!(told.recv_timeout(PATIENCE), Ok(()));
        assert_eq!(served.client.quick(), Ok(()));
    });
}

#[test]
fn r31_a_cancelled_call_counts_until_its_handler_has_returned() {
    // A future does not return later: it is dropped.
    servers::on_each(|server| {
        let on = On { server, is_async: false };
        let limits = Limits { open_calls: 64, ..Limits::default() };
        let served = on.serve_with(ServerOptions { limits, ..ServerOptions::default() }, None);
        let mut raw = Raw::connect(&served.server);
        for number in 1..=64 {
            raw.send(&[call(number, 2, None), frame(Kind::Cancel, number, 0)].concat());
            assert_eq!(raw.hear(), (Kind::Fault, number, CANCELLED, Some(0)));
        }
        raw.send(&call(65, 1, None));
        assert_eq!(raw.hear(), (Kind::Fault, 65, EXHAUSTED, Some(1)));
        served.gate.open();
        let mut number = 66;
        while number < 100_000 {
            raw.send(&call(number, 1, None));
            if raw.hear() == (Kind::Reply, number, 0, None) {
                return;
            }
            number += 1;
        }
        panic!("there is no room though every handler has returned");
    });
}

#[test]
fn r29_an_item_for_a_running_call_without_streams_fails_it() {
    on_each(|on| {
        let served = on.serve();
        let mut raw = Raw::connect(&served.server);
        raw.send(&call(1, 2, None));
        let told = cancelled(&served.begun());
        raw.send(&frame(Kind::Item, 1, 1));
        assert_eq!(raw.hear(), (Kind::Fault, 1, INVALID, Some(0)));
        assert_eq!(told.recv_timeout(PATIENCE), Ok(()));
    });
}

#[test]
fn r40_a_call_whose_time_is_over_is_answered_and_its_handler_told() {
    on_each(|on| {
        let served = on.serve();
        let mut raw = Raw::connect(&served.server);
        raw.send(&[call(1, 2, Some(20_000)), call(2, 2, None), call(3, 2, Some(40_000))].concat());
        let mut contexts = [served.begun(), served.begun(), served.begun()];
        contexts.sort_by_key(Context::deadline);
        let told = [1, 2].map(|at: usize| cancelled(&contexts[at]));
        // A machine that is busy may look at the clock when both are over.
        let mut faults = [raw.hear(), raw.hear()];
        faults.sort_by_key(|(_, number, ..)| *number);
        assert_eq!(faults, [1, 3].map(|number| (Kind::Fault, number, LATE, Some(0))));
        assert_eq!(told.map(|told| told.recv_timeout(PATIENCE)), [Ok(()), Ok(())]);
        assert!(!contexts[0].is_cancelled());
        served.gate.open();
        assert_eq!(raw.hear(), (Kind::Reply, 2, 0, None));
    });
}

#[test]
fn r40_a_client_gives_up_by_itself() {
    on_each(|on| {
        let served = on.serve();
        let slow = served.client.with_timeout(Duration::from_millis(20)).start(&WAIT).expect("starts");
        let told = cancelled(&served.begun());
        assert_eq!(slow.wait().expect_err("too late").code(), Code::DeadlineExceeded);
        assert_eq!(told.recv_timeout(PATIENCE), Ok(()));
        assert_eq!(served.client.quick(), Ok(()));
    });
}

#[test]
fn r40_a_server_may_allow_less_time_than_its_callers_ask_for() {
    on_each(|on| {
        let longest_call = Some(Duration::from_millis(20));
        let served = on.serve_with(ServerOptions { longest_call, ..ServerOptions::default() }, None);
        for client in [&served.client, &served.client.with_timeout(PATIENCE)] {
            let late = client.start(&WAIT).expect("starts").wait().expect_err("too late");
            assert_eq!((late.code(), late.may_have_run()), (Code::DeadlineExceeded, true));
            assert!(served.begun().deadline().is_some());
        }
    });
}

#[test]
fn r46_a_half_close_waits_for_handlers_and_an_end_in_a_frame_cancels_them() {
    on_each(|on| {
        let served = on.serve();
        let (mut whole, mut broken) = (Raw::connect(&served.server), Raw::connect(&served.server));
        whole.send(&call(1, 2, None));
        let waits = served.begun();
        broken.send(&[&call(1, 2, None)[..], &[0, 0]].concat());
        let told = cancelled(&served.begun());
        whole.end();
        broken.end();
        assert_eq!(told.recv_timeout(PATIENCE), Ok(()));
        assert!(!waits.is_cancelled());
        served.gate.open();
        assert_eq!(whole.hear(), (Kind::Reply, 1, 0, None));
    });
}

#[test]
fn r45_a_peer_that_breaks_a_rule_loses_its_handlers() {
    on_each(|on| {
        let served = on.serve();
        let mut raw = Raw::connect(&served.server);
        raw.send(&call(1, 2, None));
        let told = cancelled(&served.begun());
        raw.send(&frame(Kind::Cancel, 7, 0));
        assert_eq!(raw.hear().0, Kind::GoAway);
        assert_eq!(told.recv_timeout(PATIENCE), Ok(()));
    });
}

#[test]
fn r40_calls_that_a_handler_makes_inherit_what_is_left() {
    on_each(|on| {
        // It has threads of its own: handlers that are futures wait for it in those of the other server.
        let inner = On { server: servers::On::Threads, ..on }.serve();
        let outer = on.serve_with(ServerOptions::default(), Some(inner.client.with_timeout(Duration::from_secs(1000))));
        let left = |timeout| outer.client.with_timeout(timeout).left(&ASK).expect("in time");
        assert!((1..100_000_000).contains(&left(Duration::from_secs(100))));
        assert!((100_000_000..1_000_000_000).contains(&left(Duration::from_secs(10_000))), "the shorter one counts");
        assert!((100_000_000..1_000_000_000).contains(&outer.client.left(&ASK).expect("in time")));
        assert_eq!(inner.client.left(&LEFT), Ok(u64::MAX), "outside a handler nothing is inherited");
        let outer = on.serve_with(ServerOptions::default(), Some(inner.client.clone()));
        assert!(outer.client.with_timeout(PATIENCE).left(&ASK).expect("in time") < 60_000_000);
        assert_eq!(outer.client.left(&ASK), Ok(u64::MAX));
    });
}
