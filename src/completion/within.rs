//! What may take too long.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::error::{Error, Result};

/// What `act` comes to, unless that takes longer than `limit`; then it is left to itself, and ends with this process.
pub(super) fn within<T: Send + 'static>(
    limit: Duration,
    act: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let (done, ended) = mpsc::channel();
    thread::Builder::new().spawn(move || _ = done.send(act()))?;
    let too_late = |_| Err(Error::timed_out(format!("no whole answer within {} seconds", limit.as_secs())));
    ended.recv_timeout(limit).unwrap_or_else(too_late)
}
