//! Servers that end, and are there again.

use std::thread;
use std::time::Duration;

use anyhow::{Result, ensure};
use rpcgen_runtime::{ChannelOptions, Code};

use super::deadlines::SOON;
use crate::case::{Case, Stage, fails};
use crate::client::Client;
use crate::mark::PATIENCE;
use crate::server::Setup;

pub(super) const CASES: &[Case] = &[
    Case::on(Setup::Own, "a_server_ends_that_is_idle", a_server_ends_that_is_idle),
    Case::on(Setup::Own, "a_server_ends_when_its_handlers_have", a_server_ends_when_its_handlers_have),
    Case::on(Setup::Own, "a_server_cuts_what_does_not_end", a_server_cuts_what_does_not_end),
    Case::on(Setup::Own, "a_server_ends_when_its_streams_have", a_server_ends_when_its_streams_have),
    Case::on(Setup::Own, "a_server_cuts_streams", a_server_cuts_streams),
    Case::on(Setup::Own, "a_server_counts_what_was_cancelled", a_server_counts_what_was_cancelled),
    Case::on(Setup::Own, "calls_work_after_a_restart", calls_work_after_a_restart),
];

/// What a report says, by the connections and those that were cut, and the calls that finished, were cancelled, and were cut.
fn report(connections: [u32; 2], calls: [u32; 3]) -> String {
    let ([all, cut], [finished, cancelled, cut_calls]) = (connections, calls);
    format!(
        "{all} connections, of which {cut} were cut; of the calls that ran at the end, {finished} finished, \
         {cancelled} were cancelled, and {cut_calls} were cut"
    )
}

fn expect(report: &str, expected: &str) -> Result<()> {
    ensure!(report == expected, "{report}, where it should be {expected}");
    Ok(())
}

fn a_server_ends_that_is_idle(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    ensure!(client.add(1, 1)? == 2);
    expect(&stage.shutdown(PATIENCE)?, &report([1, 0], [0, 0, 0]))
}

/// A client that notices when its server is going away: its calls do not wait for another one.
fn impatient(stage: &Stage) -> Result<Client> {
    stage.client_with(ChannelOptions { fail_fast: true, connection_wait: SOON, ..ChannelOptions::default() })
}

/// Shuts the server down, and does this once its client was told.
fn meanwhile(stage: &Stage, client: &Client, work: impl FnOnce() -> Result<()>) -> Result<String> {
    thread::scope(|scope| {
        let ending = scope.spawn(|| stage.shutdown(PATIENCE));
        while client.add(1, 1).is_ok() {}
        let worked = work();
        let report = ending.join().expect("no panic");
        worked.and(report)
    })
}

/// One call has finished, and perhaps one of those by which the client noticed.
fn finished(said: &str) -> Result<()> {
    ensure!([1, 2].iter().any(|count| said == report([1, 0], [*count, 0, 0])), "{said}");
    Ok(())
}

fn a_server_ends_when_its_handlers_have(stage: &Stage) -> Result<()> {
    let (client, mark) = (impatient(stage)?, stage.mark("gate"));
    let call = client.start_wait(mark.path())?;
    mark.expect_begun()?;
    let said = meanwhile(stage, &client, || {
        mark.make();
        ensure!(call.wait()? == 1);
        Ok(())
    })?;
    ensure!(!mark.is_cancelled());
    finished(&said)
}

fn a_server_cuts_what_does_not_end(stage: &Stage) -> Result<()> {
    let (client, mark) = (stage.client()?, stage.mark("never"));
    let call = client.start_wait(mark.path())?;
    mark.expect_begun()?;
    let said = stage.shutdown(SOON)?;
    let status = fails(Code::Unavailable, call.wait())?;
    ensure!(status.may_have_run(), "{status}");
    expect(&said, &report([1, 1], [0, 0, 1]))
}

fn a_server_ends_when_its_streams_have(stage: &Stage) -> Result<()> {
    let (client, mark) = (impatient(stage)?, stage.mark("mirror"));
    let (blobs, mut back) = client.mirror(mark.path())?;
    blobs.send(b"before")?;
    ensure!(back.item()? == b"before");
    let said = meanwhile(stage, &client, || {
        blobs.send(b"meanwhile")?;
        ensure!(back.item()? == b"meanwhile");
        blobs.finish();
        ensure!(back.next().is_none());
        Ok(())
    })?;
    mark.expect_over()?;
    finished(&said)
}

fn a_server_cuts_streams(stage: &Stage) -> Result<()> {
    let (client, mark) = (stage.client()?, stage.mark("endless"));
    let mut items = client.endless(mark.path())?;
    ensure!(items.item()? == 0);
    let said = stage.shutdown(SOON)?;
    let (_, status) = items.failure()?;
    ensure!((status.code(), status.may_have_run()) == (Code::Unavailable, true), "{status}");
    expect(&said, &report([1, 1], [0, 0, 1]))
}

fn a_server_counts_what_was_cancelled(stage: &Stage) -> Result<()> {
    let (client, mark) = (stage.client()?, stage.mark("never"));
    let call = client.start_wait(mark.path())?;
    mark.expect_begun()?;
    drop(call);
    mark.expect_cancelled()?;
    let said = stage.shutdown(PATIENCE)?;
    // The handler may still be on its way out.
    let (before, at_the_end) = (report([1, 0], [0, 0, 0]), report([1, 0], [0, 1, 0]));
    ensure!(said == before || said == at_the_end, "{said}");
    Ok(())
}

fn calls_work_after_a_restart(stage: &Stage) -> Result<()> {
    let (client, mark) = (stage.client()?, stage.mark("at once"));
    mark.make();
    for _ in 0..2 {
        ensure!(client.wait(mark.path())? == 1);
        ensure!(client.blobs(2, 10)?.count() == 2);
        stage.shutdown(Duration::ZERO)?;
        stage.restart()?;
    }
    ensure!(client.add(1, 1)? == 2);
    ensure!(client.blobs(2, 10)?.count() == 2);
    Ok(())
}
