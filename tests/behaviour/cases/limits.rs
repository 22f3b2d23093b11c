//! What is too much is refused, and what comes after it works.

use std::thread::{self, JoinHandle};
use std::time::Instant;

use anyhow::{Result, ensure};
use rpcgen_runtime::{ChannelOptions, Code, Limits, Status};

use super::deadlines::SOON;
use crate::case::{Case, Stage, does_not_run, fails};
use crate::client::Client;
use crate::mark::{Mark, PATIENCE};
use crate::server::{SMALL, Setup};

pub(super) const CASES: &[Case] = &[
    Case::on(Setup::SmallMessages, "what_a_server_finds_too_long_is_refused", what_a_server_finds_too_long_is_refused),
    Case::on(Setup::Shared, "what_a_client_finds_too_long_is_refused", what_a_client_finds_too_long_is_refused),
    Case::on(Setup::FewCalls, "no_more_calls_are_open_than_may_be", no_more_calls_are_open_than_may_be),
    Case::on(Setup::FewHandlers, "no_more_handlers_run_than_may", no_more_handlers_run_than_may),
];

/// L2: at the server.
fn what_a_server_finds_too_long_is_refused(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    let most = SMALL as usize;
    ensure!(client.echo(&vec![1; most - 8])?.len() == most - 8);
    let status = fails(Code::ResourceExhausted, client.echo(&vec![1; 2 * most]))?;
    ensure!(status.message().contains("Limits::message"), "{status}");
    ensure!(client.add(1, 1)? == 2);
    let status = fails(Code::ResourceExhausted, client.make(2 * SMALL))?;
    ensure!(status.message().contains("Limits::message"), "{status}");
    ensure!(client.add(1, 1)? == 2);
    Ok(())
}

/// L2: at the client.
fn what_a_client_finds_too_long_is_refused(stage: &Stage) -> Result<()> {
    let limits = Limits { message: SMALL as usize, ..Limits::default() };
    let client = stage.client_with(ChannelOptions { limits, ..ChannelOptions::default() })?;
    let status = does_not_run(Code::ResourceExhausted, client.echo(&vec![1; 2 * SMALL as usize]))?;
    ensure!(status.message().contains("Limits::message"), "{status}");
    let status = fails(Code::ResourceExhausted, client.make(2 * SMALL))?;
    ensure!(status.message().contains("Limits::message") && status.may_have_run(), "{status}");
    ensure!(client.make(SMALL - 8)?.len() == SMALL as usize - 8);
    Ok(())
}

/// L8: 64 calls wait, and another waits at its caller until one is over.
fn no_more_calls_are_open_than_may_be(stage: &Stage) -> Result<()> {
    let (client, other, gate) = (stage.client()?, stage.client()?, stage.mark("gate"));
    // From here on the channel knows how many the server takes, which is as many as any server must.
    ensure!(client.add(1, 1)? == 2);
    let marks: Vec<_> = (0..64).map(|n| stage.mark(&n.to_string())).collect();
    let calls = marks.iter().map(|mark| client.start_wait(mark.path())).collect::<Result<Vec<_>, _>>()?;
    marks.iter().try_for_each(Mark::expect_begun)?;
    does_not_run(Code::DeadlineExceeded, client.with_timeout(SOON).wait(gate.path()))?;
    ensure!(!gate.has_begun() && other.add(1, 1)? == 2);
    marks.iter().for_each(Mark::make);
    for call in calls {
        ensure!(call.wait()? == 1);
    }
    ensure!(client.add(1, 1)? == 2);
    Ok(())
}

/// L9: two handlers wait, and another is refused.
fn no_more_handlers_run_than_may(stage: &Stage) -> Result<()> {
    let (client, other) = (stage.client()?, stage.client()?);
    let marks = ["one", "two"].map(|name| stage.mark(name));
    let calls = [wait_when_there_is_room(&client, &marks[0]), wait_when_there_is_room(&other, &marks[1])];
    marks.iter().try_for_each(Mark::expect_begun)?;
    // Once something else on their connections is answered, be it with a refusal, both count.
    drop((client.add(1, 1), other.add(1, 1)));
    let third = stage.mark("three");
    let status = does_not_run(Code::ResourceExhausted, client.wait(third.path()))?;
    ensure!(status.message().contains("ServerOptions::handler_threads"), "{status}");
    marks.iter().for_each(Mark::make);
    for call in calls {
        ensure!(call.join().expect("no panic")? == 1);
    }
    third.make();
    ensure!(wait_when_there_is_room(&client, &third).join().expect("no panic")? == 1);
    Ok(())
}

/// Calls `wait` until it is not refused: on a busy machine a handler counts for a moment that is not slow itself.
fn wait_when_there_is_room(client: &Client, mark: &Mark) -> JoinHandle<Result<i64, Status>> {
    let (client, path, begin) = (client.clone(), mark.path().to_owned(), Instant::now());
    thread::spawn(move || {
        loop {
            match client.wait(&path) {
                Err(status) if status.code() == Code::ResourceExhausted && begin.elapsed() < PATIENCE => {}
                result => return result,
            }
        }
    })
}
