//! Streams both ways.

use std::thread;

use anyhow::{Result, ensure};
use rpcgen_runtime::{CallError, Code};

use super::deadlines::soon;
use crate::case::{Case, Stage, fails};
use crate::server::Setup;
use crate::stubs::tests::behaviour::{Ending, Refused};

pub(super) const CASES: &[Case] = &[
    Case::anywhere("items_go_to_and_fro", items_go_to_and_fro),
    Case::anywhere("streams_fail_behind_their_items", streams_fail_behind_their_items),
    Case::anywhere("much_goes_both_ways_at_once", much_goes_both_ways_at_once),
    Case::on(Setup::Shared, "a_sender_that_is_dropped_cancels", a_sender_that_is_dropped_cancels),
    Case::on(Setup::Shared, "a_receiver_that_is_dropped_cancels", a_receiver_that_is_dropped_cancels),
    Case::on(Setup::Shared, "the_time_of_both_streams_is_over", the_time_of_both_streams_is_over),
];

/// The last item comes after the caller's stream is complete.
fn items_go_to_and_fro(stage: &Stage) -> Result<()> {
    let (numbers, mut doubled) = stage.client()?.tally(Ending::Well)?;
    for number in 0..100 {
        numbers.send(&number)?;
        ensure!(doubled.item()? == 2 * number);
    }
    numbers.finish();
    ensure!(doubled.item()? == 4950);
    ensure!(doubled.next().is_none());
    Ok(())
}

fn streams_fail_behind_their_items(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    let fail = |ending| {
        let (numbers, doubled) = client.tally(ending)?;
        numbers.send(&1)?;
        numbers.finish();
        doubled.failure()
    };
    let refused = fail(Ending::Refusal)?;
    ensure!(refused == (2, CallError::Declared(Refused::Odd { number: 7 })), "{refused:?}");
    for (ending, code) in [(Ending::Status, Code::Aborted), (Ending::Panic, Code::Internal)] {
        let (count, error) = fail(ending)?;
        fails(code, Err::<(), _>(error))?;
        ensure!(count == 2);
    }
    Ok(())
}

fn much_goes_both_ways_at_once(stage: &Stage) -> Result<()> {
    let mark = stage.mark("mirror");
    let (blobs, mut back) = stage.client()?.mirror(mark.path())?;
    let sending =
        thread::spawn(move || (0..200).try_for_each(|n| blobs.send(&vec![n; 10_000])).map(|()| blobs.finish()));
    for n in 0..200 {
        ensure!(back.item()? == vec![n; 10_000]);
    }
    ensure!(back.next().is_none());
    sending.join().expect("no panic")?;
    mark.expect_over()
}

fn a_sender_that_is_dropped_cancels(stage: &Stage) -> Result<()> {
    let (client, mark) = (stage.client()?, stage.mark("mirror"));
    let (blobs, mut back) = client.mirror(mark.path())?;
    blobs.send(b"one")?;
    ensure!(back.item()? == b"one");
    drop(blobs);
    mark.expect_cancelled()?;
    let (count, status) = back.failure()?;
    ensure!((count, status.code()) == (0, Code::Cancelled), "{status}");
    ensure!(client.add(1, 1)? == 2);
    Ok(())
}

fn a_receiver_that_is_dropped_cancels(stage: &Stage) -> Result<()> {
    let (client, mark) = (stage.client()?, stage.mark("mirror"));
    let (blobs, mut back) = client.mirror(mark.path())?;
    blobs.send(b"one")?;
    ensure!(back.item()? == b"one");
    drop(back);
    mark.expect_cancelled()?;
    fails(Code::Cancelled, blobs.send(b"two"))?;
    ensure!(client.add(1, 1)? == 2);
    Ok(())
}

fn the_time_of_both_streams_is_over(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    soon(stage, "mirror", |time, mark| {
        let (blobs, back) = client.with_timeout(time).mirror(mark.path())?;
        let (count, status) = back.failure()?;
        ensure!((count, status.code()) == (0, Code::DeadlineExceeded), "{status}");
        fails(Code::Cancelled, blobs.send(b"late"))?;
        Ok(true)
    })?;
    soon(stage, "full", |time, mark| {
        let (blobs, back) = client.with_timeout(time).mirror(mark.path())?;
        // Nobody takes what comes back: the sender finds no room, and hears of the end first.
        ensure!((0..200).try_for_each(|_| blobs.send(&[1; 10_000])).is_err());
        let (_, status) = back.failure()?;
        ensure!(status.code() == Code::DeadlineExceeded, "{status}");
        Ok(true)
    })
}
