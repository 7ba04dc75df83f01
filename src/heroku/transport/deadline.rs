//! The time limit of an exchange: `GREENROOM_TIMEOUT`, or less if the command itself has a deadline.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use ureq::http::Method;

use super::client::Client;
use super::exchange::Request;

/// The time for requests at or after the command's deadline, which read the state to report.
const LAST_LOOK: Duration = Duration::from_secs(3);

/// Limits the client's requests to a deadline until it is dropped.
#[must_use = "the deadline ends with it"]
pub struct Within<'a> {
    client: &'a Client,
    before: Option<Instant>,
}

impl Drop for Within<'_> {
    fn drop(&mut self) {
        self.client.set_deadline(self.before);
    }
}

impl Client {
    /// Limits requests to `deadline` until the value is dropped: none is repeated after it or takes longer, except for the few
    /// seconds of a last read.
    ///
    /// Requests that change something are not limited: losing their response would be worse than being late.
    pub fn within(&self, deadline: Instant) -> Within<'_> {
        Within { client: self, before: self.set_deadline(Some(deadline)) }
    }

    fn set_deadline(&self, deadline: Option<Instant>) -> Option<Instant> {
        std::mem::replace(&mut *self.deadline.lock().unwrap_or_else(PoisonError::into_inner), deadline)
    }

    /// The deadline of this request.
    pub(super) fn deadline_of(&self, request: &Request) -> Option<Instant> {
        let asks = request.repeatable && matches!(request.method, Method::GET | Method::POST);
        if asks { *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) } else { None }
    }

    /// How long this exchange may take if it begins now.
    pub(super) fn time_for(&self, request: &Request) -> Duration {
        self.deadline_of(request).map_or(self.time, |deadline| {
            deadline.saturating_duration_since(Instant::now()).max(LAST_LOOK).min(self.time)
        })
    }
}
