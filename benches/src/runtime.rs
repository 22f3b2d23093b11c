//! Tokio, on one thread: on a single connection more would only slow it.

use anyhow::Result;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

pub(crate) fn block_on<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    Builder::new_current_thread().enable_all().build()?.block_on(future)
}

/// Does a work in so many tasks at once.
pub(crate) async fn in_tasks<F>(tasks: usize, work: impl Fn() -> F) -> Result<()>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let mut tasks: JoinSet<_> = (0..tasks).map(|_| work()).collect();
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}
