//! Streams from the server.

use anyhow::{Result, bail, ensure};
use rpcgen_runtime::{CallError, Code};

use super::deadlines::soon;
use crate::case::{Case, Stage, fails};
use crate::server::Setup;
use crate::stubs::tests::behaviour::{Ending, Refused};

pub(super) const CASES: &[Case] = &[
    Case::anywhere("many_items_come", many_items_come),
    Case::anywhere("no_items_come", no_items_come),
    Case::anywhere("items_larger_than_the_window_come", items_larger_than_the_window_come),
    Case::anywhere("a_stream_fails_behind_its_items", a_stream_fails_behind_its_items),
    Case::anywhere("a_declared_error_comes_behind_the_items", a_declared_error_comes_behind_the_items),
    Case::anywhere("a_panic_comes_behind_the_items", a_panic_comes_behind_the_items),
    Case::on(Setup::Shared, "a_stream_that_is_dropped_is_cancelled", a_stream_that_is_dropped_is_cancelled),
    Case::on(Setup::Shared, "the_time_of_a_stream_is_over", the_time_of_a_stream_is_over),
    Case::on(Setup::Shared, "the_time_for_an_item_is_over", the_time_for_an_item_is_over),
    Case::on(Setup::Shared, "a_slow_reader_holds_up_nothing_else", a_slow_reader_holds_up_nothing_else),
    Case::anywhere("a_server_breaks_the_bound_of_an_item", a_server_breaks_the_bound_of_an_item),
];

fn many_items_come(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    let items = client.count(10_000, Ending::Well)?.collect::<Result<Vec<_>, _>>()?;
    ensure!(items.iter().copied().eq(0..10_000));
    Ok(())
}

fn no_items_come(stage: &Stage) -> Result<()> {
    let mut items = stage.client()?.count(0, Ending::Well)?;
    ensure!(items.next().is_none());
    ensure!(items.next().is_none());
    Ok(())
}

/// R37: each of them is larger than the credit there ever is.
fn items_larger_than_the_window_come(stage: &Stage) -> Result<()> {
    let size = 300_000;
    let sizes = stage.client()?.blobs(4, size)?.map(|item| Ok(item?.len())).collect::<Result<Vec<_>>>()?;
    ensure!(sizes == [size as usize; 4], "{sizes:?}");
    Ok(())
}

fn a_stream_fails_behind_its_items(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    for count in [0, 3, 1000] {
        let (items, error) = client.count(count, Ending::Status)?.failure()?;
        ensure!(items as u64 == count);
        let status = fails(Code::Aborted, Err::<(), _>(error))?;
        ensure!(status.message() == "as asked" && status.may_have_run(), "{status}");
    }
    Ok(())
}

fn a_declared_error_comes_behind_the_items(stage: &Stage) -> Result<()> {
    let failure = stage.client()?.count(3, Ending::Refusal)?.failure()?;
    ensure!(failure == (3, CallError::Declared(Refused::Odd { number: 7 })), "{failure:?}");
    Ok(())
}

fn a_panic_comes_behind_the_items(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    let (items, error) = client.count(3, Ending::Panic)?.failure()?;
    let status = fails(Code::Internal, Err::<(), _>(error))?;
    ensure!((items, status.message()) == (3, "the handler panicked"), "{status}");
    ensure!(client.add(1, 1)? == 2);
    Ok(())
}

fn a_stream_that_is_dropped_is_cancelled(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    for taken in [0, 1, 2000] {
        let mark = stage.mark(&taken.to_string());
        let mut items = client.endless(mark.path())?;
        for number in 0..taken {
            ensure!(items.item()? == number);
        }
        mark.expect_begun()?;
        drop(items);
        mark.expect_cancelled()?;
    }
    ensure!(client.add(1, 1)? == 2);
    Ok(())
}

fn the_time_of_a_stream_is_over(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    soon(stage, "endless", |time, mark| {
        let (_, status) = client.with_timeout(time).endless(mark.path())?.failure()?;
        ensure!(status.code() == Code::DeadlineExceeded, "{status}");
        Ok(true)
    })?;
    soon(stage, "halting", |time, mark| {
        let (items, status) = client.with_timeout(time).halting(mark.path())?.failure()?;
        ensure!(status.code() == Code::DeadlineExceeded, "{status}");
        Ok(items == 1)
    })
}

fn the_time_for_an_item_is_over(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    soon(stage, "halting", |time, mark| {
        let (items, status) = client.halting(mark.path())?.with_item_timeout(time).failure()?;
        let message = format!("no item came for {time:?}");
        ensure!((status.code(), status.message()) == (Code::DeadlineExceeded, &message), "{status}");
        Ok(items == 1)
    })?;
    ensure!(client.add(1, 1)? == 2);
    Ok(())
}

fn a_slow_reader_holds_up_nothing_else(stage: &Stage) -> Result<()> {
    let (client, mark) = (stage.client()?, stage.mark("endless"));
    let mut unread = client.endless(mark.path())?;
    mark.expect_begun()?;
    for n in 0..50 {
        ensure!(client.add(n, n)? == 2 * n);
    }
    ensure!(client.count(100_000, Ending::Well)?.count() == 100_000);
    for number in 0..100_000 {
        ensure!(unread.item()? == number);
    }
    ensure!(!mark.is_cancelled());
    drop(unread);
    mark.expect_cancelled()
}

/// R52: the handler cannot send it.
fn a_server_breaks_the_bound_of_an_item(stage: &Stage) -> Result<()> {
    let client = stage.client()?;
    let mut names = client.names(&["12345678", "123456789", "1"])?;
    ensure!(names.item()? == "12345678");
    let Some(broken) = names.next() else { bail!("it is complete") };
    let status = fails(Code::Internal, broken)?;
    ensure!(status.message().contains("9 bytes where at most 8 are allowed"), "{status}");
    ensure!(names.next().is_none());
    ensure!(client.add(1, 1)? == 2);
    Ok(())
}
