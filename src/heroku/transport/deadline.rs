//! The time that an exchange may take: `GREENROOM_TIMEOUT`, and less where the command itself has a deadline.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use ureq::http::Method;

use super::client::Client;
use super::exchange::Request;

/// What is asked at the command's deadline, or after it, has this long: how things stand is to be said then.
const LAST_LOOK: Duration = Duration::from_secs(3);

/// While it lives, the client's requests keep to a deadline.
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
    /// Holds requests to `deadline` until the value is dropped: none is repeated after it, and none takes longer, but
    /// for the few seconds that a last look may take.
    ///
    /// Requests that change something are not held to it: to lose their answer would be worse than to be late.
    pub fn within(&self, deadline: Instant) -> Within<'_> {
        Within { client: self, before: self.set_deadline(Some(deadline)) }
    }

    fn set_deadline(&self, deadline: Option<Instant>) -> Option<Instant> {
        std::mem::replace(&mut *self.deadline.lock().unwrap_or_else(PoisonError::into_inner), deadline)
    }

    /// The deadline that this request is held to.
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
