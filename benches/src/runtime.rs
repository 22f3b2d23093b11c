//! Tokio, on one thread: on a single connection more would only slow it.

use anyhow::Result;
use tokio::runtime::Builder;
#[cfg(feature = "peers")]
use tokio::runtime::LocalOptions;
use tokio::task::JoinSet;

pub(crate) fn block_on<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    Builder::new_current_thread().enable_all().build()?.block_on(future)
}

/// Does a work in so many tasks at once.
pub(crate) async fn in_tasks<F>(tasks: usize, work: impl Fn() -> F) -> Result<()>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    all_done((0..tasks).map(|_| work()).collect()).await
}

async fn all_done(mut tasks: JoinSet<Result<()>>) -> Result<()> {
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

/// The same for futures that are bound to a thread.
#[cfg(feature = "peers")]
pub(crate) fn block_on_local<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    Builder::new_current_thread().enable_all().build_local(LocalOptions::default())?.block_on(future)
}

/// Within `block_on_local`.
#[cfg(feature = "peers")]
pub(crate) async fn in_local_tasks<F>(tasks: usize, work: impl Fn() -> F) -> Result<()>
where
    F: Future<Output = Result<()>> + 'static,
{
    let mut set = JoinSet::new();
    (0..tasks).for_each(|_| {
        set.spawn_local(work());
    });
    all_done(set).await
}
