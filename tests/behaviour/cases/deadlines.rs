//! Calls that nobody waits for any longer: their time is over, or they were given up.

use std::time::Duration;

use anyhow::{Result, ensure};
use rpcgen_runtime::Code;

use crate::case::{Case, Stage, fails};
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

fn the_time_of_a_call_is_over(stage: &Stage) -> Result<()> {
    let (client, mark) = (stage.client()?, stage.mark("never"));
    fails(Code::DeadlineExceeded, client.with_timeout(SOON).wait(mark.path()))?;
    mark.expect_cancelled()?;
    ensure!(client.add(1, 1)? == 2);
    Ok(())
}

fn the_interface_sets_a_time(stage: &Stage) -> Result<()> {
    let (client, mark) = (stage.client()?, stage.mark("never"));
    fails(Code::DeadlineExceeded, client.wait_briefly(mark.path()))?;
    mark.expect_cancelled()?;
    let mark = stage.mark("at once");
    mark.make();
    ensure!(client.wait_briefly(mark.path())? == 1);
    Ok(())
}

fn the_server_sets_a_time(stage: &Stage) -> Result<()> {
    let (client, mark) = (stage.client()?, stage.mark("never"));
    ensure!(client.known()?.left.is_some_and(|left| left <= SOON));
    let status = fails(Code::DeadlineExceeded, client.wait(mark.path()))?;
    ensure!(status.may_have_run(), "{status}");
    mark.expect_cancelled()?;
    let mark = stage.mark("stream");
    let (_, status) = client.endless(mark.path())?.failure()?;
    ensure!(status.code() == Code::DeadlineExceeded, "{status}");
    mark.expect_cancelled()
}

/// The time of the outer call is that of the inner one too, which says nothing of its own.
fn a_deadline_is_inherited(stage: &Stage) -> Result<()> {
    let (client, mark) = (stage.client()?, stage.mark("never"));
    // The outer handler has to connect first, and then the inner one must begin.
    let impatient = client.with_timeout(3 * SOON);
    fails(Code::DeadlineExceeded, impatient.relay_wait(stage.url(), mark.path()))?;
    mark.expect_cancelled()
}

fn a_call_without_time_does_not_run(stage: &Stage) -> Result<()> {
    let (client, mark) = (stage.client()?, stage.mark("never"));
    fails(Code::DeadlineExceeded, client.with_timeout(Duration::ZERO).wait(mark.path()))?;
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
