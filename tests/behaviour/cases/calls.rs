//! Calls without streams: what comes back, and what is said beside it.

use std::thread;

use anyhow::{Result, ensure};
use rpcgen_runtime::{CallError, Code, Metadata, TraceContext};

use crate::case::{Case, Stage, does_not_run, fails};
use crate::handlers;
use crate::mark::{Mark, PATIENCE};
use crate::server::Setup;
use crate::stubs::tests::behaviour::Refused;

pub(super) const CASES: &[Case] = &[
    Case::anywhere("results_come_back", results_come_back),
    Case::anywhere("results_given_away_come_back", results_given_away_come_back),
    Case::anywhere("declared_errors_come_back", declared_errors_come_back),
    Case::anywhere("a_status_comes_back_with_what_was_said", a_status_comes_back_with_what_was_said),
    Case::anywhere("a_trace_arrives", a_trace_arrives),
    Case::on(Setup::Shared, "calls_of_a_handler_inherit", calls_of_a_handler_inherit),
    Case::anywhere("a_oneway_call_arrives", a_oneway_call_arrives),
    Case::anywhere("a_bound_holds", a_bound_holds),
    Case::anywhere("a_panic_fails_its_call_alone", a_panic_fails_its_call_alone),
    Case::on(Setup::Shared, "a_panic_of_a_handler_that_waited", a_panic_of_a_handler_that_waited),
    Case::anywhere("calls_are_answered_in_any_order", calls_are_answered_in_any_order),
    Case::anywhere("threads_share_a_client", threads_share_a_client),
    Case::on(Setup::Shared, "sixty_four_calls_wait_at_once", sixty_four_calls_wait_at_once),
    Case::on(Setup::Shared, "a_slow_call_holds_up_no_fast_ones", a_slow_call_holds_up_no_fast_ones),
];

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn results_come_back(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    ensure!(client.add(2, i64::MAX - 2)? == i64::MAX);
    ensure!(client.name("")? == 0);
    for size in [0, 1, 1000, 70_000, 3 << 20] {
        let content = vec![7; size];
        ensure!(client.echo(&content)? == content, "{size} bytes");
    }
    Ok(())
}

fn results_given_away_come_back(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    let said = Metadata::from([("request-id", &b"4711"[..]), ("token", &[0, 0xff].repeat(20_000))]);
    for client in [&client, &client.with_metadata(&said)] {
        for size in [0, 1, 65_536, 65_537, 70_000, 1_000_000] {
            ensure!(client.tell(size)? == (size, handlers::text(size)), "{size} bytes");
        }
        let status = fails(Code::Internal, client.tell(1_000_001))?;
        ensure!(status.message().ends_with("text: 1000001 bytes where at most 1000000 are allowed"), "{status}");
    }
    Ok(())
}

fn declared_errors_come_back(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    ensure!(client.halve(8) == Ok(4));
    ensure!(client.halve(7) == Err(CallError::Declared(Refused::Odd { number: 7 })));
    Ok(())
}

fn a_status_comes_back_with_what_was_said(stage: &Stage) -> Result<()> {
    let said =
        Metadata::from([("request-id", &b"4711"[..]), ("token", &[0, 0xff].repeat(20_000)), ("request-id", b"")]);
    let client = stage.client()?;
    let status = fails(Code::Aborted, client.with_metadata(&said).fail("as asked"))?;
    ensure!((status.message(), status.metadata()) == ("as asked", &said), "{status:?}");
    ensure!(status.may_have_run() && status.attempts() == 1, "{status:?}");
    let status = fails(Code::Aborted, client.fail("a\nb"))?;
    ensure!((status.message(), status.metadata().len()) == ("a\\nb", 0), "{status:?}");
    Ok(())
}

fn a_trace_arrives(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    ensure!(client.known()?.trace.is_none());
    ensure!(client.with_trace(TRACE.parse::<TraceContext>()?).known()?.trace.as_deref() == Some(TRACE));
    Ok(())
}

fn calls_of_a_handler_inherit(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    let known = client.relay(stage.url())?;
    ensure!(known.trace.is_none() && known.left.is_none(), "{known:?}");
    let known = client.with_timeout(PATIENCE).with_trace(TRACE.parse()?).relay(stage.url())?;
    ensure!(known.trace.as_deref() == Some(TRACE), "{known:?}");
    ensure!(known.left.is_some_and(|left| left <= PATIENCE), "{known:?}");
    Ok(())
}

fn a_oneway_call_arrives(stage: &Stage) -> Result<()> {
    let mark = stage.mark("noted");
    stage.client()?.note(mark.path())?;
    mark.expect()
}

/// R52: a bound holds before anything is sent.
fn a_bound_holds(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    ensure!(client.name("12345678")? == 420);
    let status = does_not_run(Code::InvalidArgument, client.name("123456789"))?;
    ensure!(status.message() == "name: 9 bytes where at most 8 are allowed", "{status}");
    ensure!(client.add(1, 1)? == 2);
    Ok(())
}

fn a_panic_fails_its_call_alone(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    for _ in 0..3 {
        let status = fails(Code::Internal, client.panic(None))?;
        ensure!(status.message() == "the handler panicked" && status.may_have_run(), "{status}");
        ensure!(client.add(1, 1)? == 2);
    }
    Ok(())
}

fn a_panic_of_a_handler_that_waited(stage: &Stage) -> Result<()> {
    let (client, mark) = (stage.client()?, stage.mark("gate"));
    let (open, begun) = (mark.clone(), client.clone());
    let path = mark.path().to_owned();
    let panicking = thread::spawn(move || begun.panic(Some(&path)));
    mark.expect_begun()?;
    ensure!(client.add(1, 1)? == 2);
    open.make();
    let status = fails(Code::Internal, panicking.join().expect("a result"))?;
    ensure!(status.message() == "the handler panicked" && status.may_have_run(), "{status}");
    ensure!(client.add(1, 1)? == 2);
    Ok(())
}

fn calls_are_answered_in_any_order(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    let calls = (0..200).map(|n| Ok((n, client.start_add(n, 1)?))).collect::<Result<Vec<_>>>()?;
    for (n, call) in calls.into_iter().rev() {
        ensure!(call.wait()? == n + 1);
    }
    Ok(())
}

fn threads_share_a_client(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    let add = |thread: i64| {
        (0..50).try_for_each(|n| {
            ensure!(client.add(thread, n)? == thread + n);
            Ok(())
        })
    };
    thread::scope(|scope| {
        let add = &add;
        let threads: Vec<_> = (0..8).map(|thread| scope.spawn(move || add(thread))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("no panic"))
    })
}

fn sixty_four_calls_wait_at_once(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    let marks: Vec<_> = (0..64).map(|n| stage.mark(&n.to_string())).collect();
    let calls = marks.iter().map(|mark| client.start_wait(mark.path())).collect::<Result<Vec<_>, _>>()?;
    marks.iter().try_for_each(Mark::expect_begun)?;
    marks.iter().for_each(Mark::make);
    for call in calls.into_iter().rev() {
        ensure!(call.wait()? == 1);
    }
    Ok(())
}

fn a_slow_call_holds_up_no_fast_ones(stage: &Stage) -> Result<()> {
    let (client, mark) = (stage.client()?, stage.mark("gate"));
    let slow = client.start_wait(mark.path())?;
    mark.expect_begun()?;
    for n in 0..100 {
        ensure!(client.add(n, n)? == 2 * n);
    }
    ensure!(!mark.is_cancelled());
    mark.make();
    ensure!(slow.wait()? == 1);
    Ok(())
}
