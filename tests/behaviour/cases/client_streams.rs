//! Streams to the server.

use std::thread;

use anyhow::{Result, ensure};
use rpcgen_runtime::{CallError, Code};

use super::deadlines::soon;
use crate::case::{Case, Stage, fails};
use crate::server::Setup;
use crate::stubs::tests::behaviour::{Ending, Refused};

pub(super) const CASES: &[Case] = &[
    Case::anywhere("items_are_summed_up", items_are_summed_up),
    Case::anywhere("a_declared_error_comes_in_place_of_results", a_declared_error_comes_in_place_of_results),
    Case::anywhere("an_answer_comes_early", an_answer_comes_early),
    Case::anywhere("items_larger_than_the_window_arrive", items_larger_than_the_window_arrive),
    Case::on(Setup::Shared, "an_upload_that_is_dropped_is_cancelled", an_upload_that_is_dropped_is_cancelled),
    Case::on(Setup::Shared, "the_time_of_an_upload_is_over", the_time_of_an_upload_is_over),
    Case::anywhere("a_handler_does_not_wait_for_ever", a_handler_does_not_wait_for_ever),
    Case::on(Setup::Shared, "a_slow_handler_holds_up_nothing_else", a_slow_handler_holds_up_nothing_else),
    Case::on(Setup::Shared, "a_client_breaks_the_bound_of_an_item", a_client_breaks_the_bound_of_an_item),
];

fn items_are_summed_up(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    ensure!(client.sum(Ending::Well)?.finish() == Ok(0));
    let mut sum = client.sum(Ending::Well)?;
    sum.send(&-1)?;
    sum.send_all(1..=10_000)?;
    sum.send(&1)?;
    ensure!(sum.finish() == Ok(50_005_000));
    Ok(())
}

fn a_declared_error_comes_in_place_of_results(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    for (ending, code) in [(Ending::Status, Code::Aborted), (Ending::Panic, Code::Internal)] {
        let mut sum = client.sum(ending)?;
        sum.send(&1)?;
        fails(code, sum.finish())?;
    }
    let mut sum = client.sum(Ending::Refusal)?;
    sum.send_all([1, 2])?;
    ensure!(sum.finish() == Err(CallError::Declared(Refused::Odd { number: 7 })));
    Ok(())
}

/// R28: what is sent after the answer is dropped, and no mistake.
fn an_answer_comes_early(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    let mut first = client.first()?;
    first.send(&5)?;
    first.send_all(0..200_000)?;
    ensure!(first.finish()? == 5);
    let status = fails(Code::NotFound, client.first()?.finish())?;
    ensure!(status.message() == "there is none", "{status}");
    Ok(())
}

/// R37: each of them is larger than the credit there ever is.
fn items_larger_than_the_window_arrive(stage: &Stage) -> Result<()> {
    let (client, mark) = (stage.client()?, stage.mark("at once"));
    mark.make();
    let mut measure = client.measure(mark.path())?;
    for _ in 0..4 {
        measure.send(&vec![1; 300_000])?;
    }
    ensure!(measure.finish()? == 1_200_000);
    Ok(())
}

fn an_upload_that_is_dropped_is_cancelled(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    for count in [0, 1] {
        let mark = stage.mark(&count.to_string());
        let mut greet = client.greet(mark.path())?;
        (0..count).try_for_each(|_| greet.send("Ada"))?;
        mark.expect_begun()?;
        drop(greet);
        mark.expect_cancelled()?;
    }
    ensure!(client.add(1, 1)? == 2);
    Ok(())
}

fn the_time_of_an_upload_is_over(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    soon(stage, "greet", |time, mark| {
        let greet = client.with_timeout(time).greet(mark.path())?;
        if !mark.begins_within(time) {
            return Ok(false);
        }
        // Before, `finish` would end it well.
        mark.expect_cancelled()?;
        fails(Code::DeadlineExceeded, greet.finish())?;
        Ok(true)
    })?;
    soon(stage, "measure", |time, mark| {
        let mut measure = client.with_timeout(time).measure(mark.path())?;
        // Nobody takes them: there is no room for all.
        let sent = (0..100).try_for_each(|_| measure.send(&[1; 10_000]));
        fails(Code::DeadlineExceeded, sent)?;
        Ok(true)
    })
}

fn a_handler_does_not_wait_for_ever(stage: &Stage) -> Result<()> {
    let (client, mark) = (stage.client()?, stage.mark("hurry"));
    let mut hurry = client.hurry(mark.path())?;
    hurry.send(&1)?;
    mark.expect_over()?;
    let status = fails(Code::DeadlineExceeded, hurry.finish())?;
    ensure!(status.message() == "no item came for 50ms", "{status}");
    Ok(())
}

fn a_slow_handler_holds_up_nothing_else(stage: &Stage) -> Result<()> {
    let (client, mark) = (stage.client()?, stage.mark("gate"));
    let mut measure = client.measure(mark.path())?;
    let sending = thread::spawn(move || {
        (0..100).try_for_each(|_| measure.send(&[1; 10_000]))?;
        measure.finish()
    });
    mark.expect_begun()?;
    for n in 0..50 {
        ensure!(client.add(n, n)? == 2 * n);
    }
    let mut sum = client.sum(Ending::Well)?;
    sum.send_all(0..100_000)?;
    ensure!(sum.finish()? == 4_999_950_000);
    mark.make();
    ensure!(sending.join().expect("no panic")? == 1_000_000);
    Ok(())
}

/// R52: it is not sent, and what was sent before it is not complete.
fn a_client_breaks_the_bound_of_an_item(stage: &Stage) -> Result<()> {
    let (client, mark) = (stage.client()?, stage.mark("greet"));
    let mut greet = client.greet(mark.path())?;
    greet.send("12345678")?;
    let status = fails(Code::InvalidArgument, greet.send("123456789"))?;
    ensure!(status.message().contains("9 bytes where at most 8 are allowed"), "{status}");
    greet.send("1")?;
    ensure!(greet.finish()? == 2);
    mark.expect_over()
}
