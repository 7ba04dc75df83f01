//! Constructors of [`Fault`], and its fields that several kinds have.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Fault;

impl Fault {
    /// Answers with a status and the API's usual error for it.
    pub fn answer(route: &str, status: u16) -> Self {
        Self::Answer { route: route.to_owned(), times: None, status, body: None, headers: BTreeMap::new() }
    }

    /// Adds a header to the normal answer.
    pub fn headers(route: &str, name: &str, value: &str) -> Self {
        let headers = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        Self::Headers { route: route.to_owned(), times: None, headers }
    }

    /// Never answers.
    pub fn hang(route: &str) -> Self {
        Self::Hang { route: route.to_owned(), after: 0, times: None }
    }

    /// Breaks the connection in the middle of the body.
    pub fn truncate(route: &str) -> Self {
        Self::Truncate { route: route.to_owned(), times: None }
    }

    /// Sends JSON that ends in the middle.
    pub fn garble(route: &str) -> Self {
        Self::Garble { route: route.to_owned(), times: None }
    }

    /// Closes the connection without an answer.
    pub fn reset(route: &str) -> Self {
        Self::Reset { route: route.to_owned(), times: None }
    }

    /// Breaks a stream after some lines.
    pub fn drop_stream(route: &str, after_lines: u64) -> Self {
        Self::DropStream { route: route.to_owned(), after_lines, times: None }
    }

    /// Silences a stream after some lines.
    pub fn idle_stream(route: &str, after_lines: u64) -> Self {
        Self::IdleStream { route: route.to_owned(), after_lines, times: None }
    }

    /// Ends a stream in the middle of a line.
    pub fn tear_stream(route: &str, after_lines: u64) -> Self {
        Self::TearStream { route: route.to_owned(), after_lines, times: None }
    }

    /// Breaks the connection of a download after some bytes.
    pub fn cut_body(route: &str, after_bytes: u64) -> Self {
        Self::CutBody { route: route.to_owned(), after_bytes, times: None }
    }

    /// Silences a download after some bytes.
    pub fn stall_body(route: &str, after_bytes: u64) -> Self {
        Self::StallBody { route: route.to_owned(), after_bytes, times: None }
    }

    /// Answers late.
    pub fn slow(route: &str, delay: std::time::Duration) -> Self {
        let delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        Self::Slow { route: route.to_owned(), delay_ms, times: None }
    }

    /// Carries the request out late, and never answers.
    pub fn late(route: &str, delay: std::time::Duration) -> Self {
        let delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        Self::Late { route: route.to_owned(), after: 0, delay_ms, times: None }
    }

    /// Closes connections to the rendezvous server before TLS begins.
    pub fn refuse_tls() -> Self {
        Self::RefuseTls { times: None }
    }

    /// Never answers the clients of an app's one-off dynos.
    pub fn silent_rendezvous(app: &str) -> Self {
        Self::SilentRendezvous { app: app.to_owned(), times: None }
    }

    /// Answers the clients of an app's one-off dynos late.
    pub fn slow_rendezvous(app: &str, delay: std::time::Duration) -> Self {
        let delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        Self::SlowRendezvous { app: app.to_owned(), delay_ms, times: None }
    }

    /// Sends the first output together with the end of the handshake.
    pub fn hasty_output(app: &str) -> Self {
        Self::HastyOutput { app: app.to_owned(), times: None }
    }

    /// Splits the line with the exit status after some bytes.
    pub fn split_exit_marker(app: &str, at: u64) -> Self {
        Self::SplitExitMarker { app: app.to_owned(), at, times: None }
    }

    /// Breaks the connection to a one-off dyno after some bytes.
    pub fn cut_one_off(app: &str, after_bytes: u64) -> Self {
        Self::CutOneOff { app: app.to_owned(), after_bytes, times: None }
    }

    /// Ends the server's side of the connection to a one-off dyno after some bytes.
    pub fn half_close_one_off(app: &str, after_bytes: u64) -> Self {
        Self::HalfCloseOneOff { app: app.to_owned(), after_bytes, times: None }
    }

    /// Requires a two-factor code.
    pub fn two_factor(route: &str, code: &str, app: bool) -> Self {
        Self::TwoFactor { route: route.to_owned(), code: code.to_owned(), app }
    }

    /// Limits how often the fault occurs. Faults of apps and of two-factor codes have no limit.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        if let Some(times) = self.count() {
            *times = Some(count);
        }
        self
    }

    /// Lets this many requests pass first; for [`Fault::Hang`] and [`Fault::Late`].
    #[must_use]
    pub fn after(mut self, count: u32) -> Self {
        if let Some(after) = self.before() {
            *after = count;
        }
        self
    }

    /// Sets the body; for [`Fault::Answer`].
    #[must_use]
    pub fn body(mut self, json: Value) -> Self {
        if let Self::Answer { body, .. } = &mut self {
            *body = Some(json);
        }
        self
    }

    /// Adds a header; for [`Fault::Answer`] and [`Fault::Headers`].
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Self::Answer { headers, .. } | Self::Headers { headers, .. } = &mut self {
            headers.insert(name.to_owned(), value.to_owned());
        }
        self
    }

    /// How often the fault still occurs, for the kinds that have a limit.
    pub(crate) fn count(&mut self) -> Option<&mut Option<u32>> {
        match self {
            Self::Answer { times, .. }
            | Self::Headers { times, .. }
            | Self::Hang { times, .. }
            | Self::Truncate { times, .. }
            | Self::Garble { times, .. }
            | Self::Reset { times, .. }
            | Self::DropStream { times, .. }
            | Self::IdleStream { times, .. }
            | Self::TearStream { times, .. }
            | Self::CutBody { times, .. }
            | Self::StallBody { times, .. }
            | Self::Slow { times, .. }
            | Self::Late { times, .. }
            | Self::RefuseTls { times }
            | Self::SilentRendezvous { times, .. }
            | Self::SlowRendezvous { times, .. }
            | Self::HastyOutput { times, .. }
            | Self::SplitExitMarker { times, .. }
            | Self::CutOneOff { times, .. }
            | Self::HalfCloseOneOff { times, .. } => Some(times),
            _ => None,
        }
    }

    /// How many requests still pass first, for the kinds that have such a number.
    pub(crate) fn before(&mut self) -> Option<&mut u32> {
        match self {
            Self::Hang { after, .. } | Self::Late { after, .. } => Some(after),
            _ => None,
        }
    }

    /// The app whose one-off dynos it affects, for the kinds that affect their connections.
    pub(crate) fn one_off(&self) -> Option<&str> {
        match self {
            Self::SilentRendezvous { app, .. }
            | Self::SlowRendezvous { app, .. }
            | Self::HastyOutput { app, .. }
            | Self::SplitExitMarker { app, .. }
            | Self::CutOneOff { app, .. }
            | Self::HalfCloseOneOff { app, .. } => Some(app),
            _ => None,
        }
    }

    /// The requests that it affects, for the kinds that affect requests.
    pub(crate) fn route(&self) -> Option<&str> {
        match self {
            Self::Answer { route, .. }
            | Self::Headers { route, .. }
            | Self::Hang { route, .. }
            | Self::Truncate { route, .. }
            | Self::Garble { route, .. }
            | Self::Reset { route, .. }
            | Self::DropStream { route, .. }
            | Self::IdleStream { route, .. }
            | Self::TearStream { route, .. }
            | Self::CutBody { route, .. }
            | Self::StallBody { route, .. }
            | Self::Slow { route, .. }
            | Self::Late { route, .. }
            | Self::TwoFactor { route, .. } => Some(route),
            _ => None,
        }
    }
}
