//! Calls that nobody waits for any longer: their time is over, or they were given up.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use rpcgen_runtime::Code;

use crate::case::{Case, Stage, does_not_run, fails};
use crate::mark::{Mark, PATIENCE};
use crate::server::Setup;

pub(super) const CASES: &[Case] = &[
    Case::on(Setup::Shared, "the_time_of_a_call_is_over", the_time_of_a_call_is_over),
    Case::on(Setup::Shared, "the_interface_sets_a_time", the_interface_sets_a_time),
    Case::on(Setup::ShortCalls, "the_server_sets_a_time", the_server_sets_a_time),
    Case::on(Setup::Shared, "a_deadline_is_inherited", a_deadline_is_inherited),
    Case::anywhere("a_call_without_time_does_not_run", a_call_without_time_does_not_run),
    Case::on(Setup::Shared, "a_call_that_is_dropped_is_cancelled", a_call_that_is_dropped_is_cancelled),
    Case::on(Setup::Shared, "calls_are_dropped_at_once", calls_are_dropped_at_once),
];

/// The time of a call that is to be over soon.
pub(super) const SOON: Duration = Duration::from_millis(100);

/// How often it is tried whether the time is enough for a handler to begin; it doubles.
const ATTEMPTS: u32 = 8;

/// Makes a call that is to be over soon, whose handler has this mark, and waits until that was told. Where the machine was too
/// slow for the handler to begin, or `call` says so, it is made again, with more time.
pub(super) fn soon(stage: &Stage, name: &str, call: impl Fn(Duration, &Mark) -> Result<bool>) -> Result<()> {
    for attempt in 0..ATTEMPTS {
        let mark = stage.mark(&format!("{name}{attempt}"));
        let was_enough = call(SOON * 2_u32.pow(attempt), &mark)?;
        if was_enough && mark.has_begun() {
            return mark.expect_cancelled();
        }
    }
    bail!("the handler never begins in time")
}

fn the_time_of_a_call_is_over(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    soon(stage, "wait", |time, mark| {
        fails(Code::DeadlineExceeded, client.with_timeout(time).wait(mark.path()))?;
        Ok(true)
    })?;
    ensure!(client.add(1, 1)? == 2);
    Ok(())
}

fn the_interface_sets_a_time(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    soon(stage, "wait", |_, mark| {
        fails(Code::DeadlineExceeded, client.wait_briefly(mark.path()))?;
        Ok(true)
    })
}

fn the_server_sets_a_time(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    soon(stage, "wait", |_, mark| {
        fails(Code::DeadlineExceeded, client.wait(mark.path()))?;
        Ok(true)
    })?;
    soon(stage, "endless", |_, mark| {
        let (_, status) = client.endless(mark.path())?.failure()?;
        ensure!(status.code() == Code::DeadlineExceeded, "{status}");
        Ok(true)
    })?;
    let asked = client.with_timeout(PATIENCE).known();
    ensure!(asked.is_ok_and(|known| known.left.is_some_and(|left| left <= SOON)));
    Ok(())
}

/// The time of the outer call is that of the inner one too, which says nothing of its own.
fn a_deadline_is_inherited(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    soon(stage, "inner", |time, mark| {
        fails(Code::DeadlineExceeded, client.with_timeout(time).relay_wait(stage.url(), mark.path()))?;
        Ok(true)
    })
}

/// R39: 0 is already over.
fn a_call_without_time_does_not_run(stage: &Stage) -> Result<()> {
    let (client, mark) = (stage.client()?, stage.mark("never"));
    does_not_run(Code::DeadlineExceeded, client.with_timeout(Duration::ZERO).wait(mark.path()))?;
    does_not_run(Code::DeadlineExceeded, client.with_timeout(Duration::ZERO).endless(mark.path()))?;
    ensure!(client.add(1, 1)? == 2);
    ensure!(!mark.has_begun());
    Ok(())
}

fn a_call_that_is_dropped_is_cancelled(stage: &Stage) -> Result<()> {
    let (client, mark) = (stage.client()?, stage.mark("never"));
    let call = client.start_wait(mark.path())?;
    mark.expect_begun()?;
    drop(call);
    mark.expect_cancelled()?;
    ensure!(client.add(1, 1)? == 2);
    Ok(())
}

/// Whatever has become of them by then, the connection goes on.
fn calls_are_dropped_at_once(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    for n in 0..20 {
        let mark = stage.mark(&n.to_string());
        drop(client.start_wait(mark.path())?);
        drop(client.start_add(n, n)?);
        ensure!(client.add(n, 1)? == n + 1);
    }
    Ok(())
}
