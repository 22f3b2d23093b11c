//! Files by which handlers and tests tell each other what has happened. A handler may be in another process than its test.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use rpcgen_runtime::{Context, Status};

/// Nothing takes longer than this, on the slowest machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How often it is looked whether something has happened.
const POLL: Duration = Duration::from_millis(2);

/// A place for a mark. It is made by writing the file; what becomes of a handler that waits for it is marked beside it.
#[derive(Debug, Clone)]
pub(crate) struct Mark(String);

impl Mark {
    pub(crate) fn new(path: impl Into<String>) -> Self {
        Self(path.into())
    }

    /// As it is told to a handler.
    pub(crate) fn path(&self) -> &str {
        &self.0
    }

    fn beside(&self, what: &str) -> Self {
        Self(format!("{}.{what}", self.0))
    }

    pub(crate) fn make(&self) {
        // One that cannot be made is waited for in vain, and that is told there.
        std::fs::write(&self.0, "").unwrap_or_default();
    }

    fn is_made(&self) -> bool {
        Path::new(&self.0).exists()
    }

    /// Whether the test that waits for it is over.
    fn is_in_vain(&self) -> bool {
        Path::new(&self.0).parent().is_none_or(|folder| !folder.exists())
    }

    /// Waits for it; whether it is made.
    fn is_made_within(&self, time: Duration) -> bool {
        let begin = Instant::now();
        while !self.is_made() && begin.elapsed() < time {
            thread::sleep(POLL);
        }
        self.is_made()
    }

    /// Waits until it is made.
    pub(crate) fn expect(&self) -> Result<()> {
        ensure!(self.is_made_within(PATIENCE), "{} did not happen", self.0);
        Ok(())
    }

    /// Whether a handler begins within this time.
    pub(crate) fn begins_within(&self, time: Duration) -> bool {
        self.beside("begun").is_made_within(time)
    }

    /// Waits until a handler has begun.
    pub(crate) fn expect_begun(&self) -> Result<()> {
        self.beside("begun").expect()
    }

    /// Waits until a handler was told that nobody wants its answer, and until it has ended.
    pub(crate) fn expect_cancelled(&self) -> Result<()> {
        self.beside("cancelled").expect()?;
        self.expect_over()
    }

    /// Waits until a handler has ended.
    pub(crate) fn expect_over(&self) -> Result<()> {
        self.beside("over").expect()
    }

    pub(crate) fn has_begun(&self) -> bool {
        self.beside("begun").is_made()
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.beside("cancelled").is_made()
    }
}

/// A handler at work that is known by its mark: it marks when it begins, when it is cancelled, and when it is over, even where it is
/// dropped.
pub(crate) struct Visit {
    mark: Mark,
    context: Context,
}

impl Visit {
    pub(crate) fn begin(context: &Context, mark: &str) -> Self {
        let mark = Mark::new(mark);
        let cancelled = mark.beside("cancelled");
        context.on_cancel(move || cancelled.make());
        mark.beside("begun").make();
        Self { mark, context: context.clone() }
    }

    fn goes_on(&self) -> bool {
        !self.mark.is_made() && !self.context.is_cancelled() && !self.mark.is_in_vain()
    }

    fn end(&self) -> Result<(), Status> {
        if self.mark.is_made() { Ok(()) } else { Err(Status::cancelled("the mark was not made")) }
    }

    /// Waits for the mark, in a thread.
    pub(crate) fn wait(&self) -> Result<(), Status> {
        while self.goes_on() {
            thread::sleep(POLL);
        }
        self.end()
    }

    /// The same, in a task.
    pub(crate) async fn waited(&self) -> Result<(), Status> {
        while self.goes_on() {
            tokio::time::sleep(POLL).await;
        }
        self.end()
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.mark.beside("over").make();
    }
}
