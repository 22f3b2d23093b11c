//! Waiting, with an end.

use std::time::Instant;

use tokio::runtime::Handle;
use tokio::time::timeout_at;

use crate::status::Status;

/// Waits for something until a time at most: then `None`.
///
/// # Errors
///
/// When there is no runtime of tokio that could tell the time.
pub(super) async fn within<T>(until: Option<Instant>, what: impl Future<Output = T>) -> Result<Option<T>, Status> {
    let Some(until) = until else { return Ok(Some(what.await)) };
    let _runtime = runtime()?;
    Ok(timeout_at(until.into(), what).await.ok())
}

/// The current runtime of tokio.
///
/// # Errors
///
/// When there is none.
pub(super) fn runtime() -> Result<Handle, Status> {
    Handle::try_current().map_err(|error| Status::unavailable(error.to_string()).did_not_run())
}
