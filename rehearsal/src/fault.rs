//! The things that can be made to go wrong.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One thing that goes wrong. Where `times` is not given, it goes wrong every time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// Another answer than the right one. Without a body: the error that the API gives with this status.
    Answer {
        /// Which requests.
        route: String,
        /// How often.
        #[serde(default)]
        times: Option<u32>,
        /// The HTTP status.
        status: u16,
        /// JSON, or a string that is sent as it is, as HTML.
        #[serde(default)]
        body: Option<Value>,
        /// Further headers, such as `Retry-After`.
        #[serde(default)]
        headers: BTreeMap<String, String>,
    },
    /// The right answer with headers added, such as `X-Heroku-Warning`.
    Headers {
        /// Which requests.
        route: String,
        /// How often.
        #[serde(default)]
        times: Option<u32>,
        /// What is added.
        headers: BTreeMap<String, String>,
    },
    /// The connection is accepted and nothing is ever answered.
    Hang {
        /// Which requests.
        route: String,
        /// How many of them go well before.
        #[serde(default)]
        after: u32,
        /// How often.
        #[serde(default)]
        times: Option<u32>,
    },
    /// The body ends in the middle: `Content-Length` is right, then the connection is closed.
    Truncate {
        /// Which requests.
        route: String,
        /// How often.
        #[serde(default)]
        times: Option<u32>,
    },
    /// A whole HTTP answer whose JSON ends in the middle.
    Garble {
        /// Which requests.
        route: String,
        /// How often.
        #[serde(default)]
        times: Option<u32>,
    },
    /// The connection is closed without an answer.
    Reset {
        /// Which requests.
        route: String,
        /// How often.
        #[serde(default)]
        times: Option<u32>,
    },
    /// A stream whose connection breaks after some lines.
    DropStream {
        /// Which requests: `GET /logs/*`, `GET /streams/*`.
        route: String,
        /// How many lines come before.
        after_lines: u64,
        /// How often.
        #[serde(default)]
        times: Option<u32>,
    },
    /// A stream that falls silent after some lines, with its connection open.
    IdleStream {
        /// Which requests: `GET /logs/*`, `GET /streams/*`.
        route: String,
        /// How many lines come before.
        after_lines: u64,
        /// How often.
        #[serde(default)]
        times: Option<u32>,
    },
    /// A stream that ends, as if all were well, in the middle of the line after so many lines.
    TearStream {
        /// Which requests: `GET /logs/*`, `GET /streams/*`.
        route: String,
        /// How many lines come before.
        after_lines: u64,
        /// How often.
        #[serde(default)]
        times: Option<u32>,
    },
    /// The right answer, late.
    Slow {
        /// Which requests.
        route: String,
        /// How late, in milliseconds.
        delay_ms: u64,
        /// How often.
        #[serde(default)]
        times: Option<u32>,
    },
    /// Never answered, and done all the same after a while: the request was held up on its way.
    Late {
        /// Which requests.
        route: String,
        /// How many of them go well before.
        #[serde(default)]
        after: u32,
        /// After how long it is done, in milliseconds.
        delay_ms: u64,
        /// How often.
        #[serde(default)]
        times: Option<u32>,
    },
    /// 403 `two_factor` until the code comes in the header `Heroku-Two-Factor-Code`, or came before in a
    /// pre-authorization.
    TwoFactor {
        /// Which requests.
        route: String,
        /// The code that is right.
        code: String,
        /// Whether the answer names the app, which asks the client for a pre-authorization.
        #[serde(default)]
        app: bool,
    },
    /// Promotions to this app fail before there is a release.
    FailPromotion {
        /// The target's name.
        app: String,
        /// The target's `error_message`.
        message: String,
    },
    /// Promotions to this app stay pending for ever.
    StallPromotion {
        /// The target's name.
        app: String,
    },
    /// Release commands of this app print this and fail.
    FailReleasePhase {
        /// The app's name.
        app: String,
        /// What the command prints.
        output: String,
    },
    /// Release commands of this app never end.
    StallReleasePhase {
        /// The app's name.
        app: String,
    },
    /// Who pushes to this app loses the connection after so many lines; the build goes on.
    CutPush {
        /// The app's name.
        app: String,
        /// How many lines come before.
        after_lines: u64,
    },
    /// Who pushes to this app hears nothing more after so many lines, on a connection that stays open; the build goes on.
    StallPush {
        /// The app's name.
        app: String,
        /// How many lines come before.
        after_lines: u64,
    },
    /// What is pushed to this app is taken in this much later, whether or not who pushed is still there.
    LatePush {
        /// The app's name.
        app: String,
        /// How much later, in milliseconds.
        delay_ms: u64,
    },
    /// Builds of this app stay pending until the fault is gone.
    StallBuild {
        /// The app's name.
        app: String,
    },
    /// Builds of this app fail; a push is refused because of that.
    FailBuild {
        /// The app's name.
        app: String,
        /// What the build prints.
        output: String,
    },
}

impl Fault {
    /// Answers with a status and the error that the API gives with it.
    pub fn answer(route: &str, status: u16) -> Self {
        Self::Answer { route: route.to_owned(), times: None, status, body: None, headers: BTreeMap::new() }
    }

    /// Adds a header to the right answer.
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

    /// Answers late.
    pub fn slow(route: &str, delay: std::time::Duration) -> Self {
        let delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        Self::Slow { route: route.to_owned(), delay_ms, times: None }
    }

    /// Does it late, and never answers.
    pub fn late(route: &str, delay: std::time::Duration) -> Self {
        let delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        Self::Late { route: route.to_owned(), after: 0, delay_ms, times: None }
    }

    /// Asks for a second factor.
    pub fn two_factor(route: &str, code: &str, app: bool) -> Self {
        Self::TwoFactor { route: route.to_owned(), code: code.to_owned(), app }
    }

    /// Only so often; faults of apps and the second factor know no number.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        if let Some(times) = self.count() {
            *times = Some(count);
        }
        self
    }

    /// Only after so many requests; for [`Fault::Hang`] and [`Fault::Late`].
    #[must_use]
    pub fn after(mut self, count: u32) -> Self {
        if let Some(after) = self.before() {
            *after = count;
        }
        self
    }

    /// With this body; for [`Fault::Answer`].
    #[must_use]
    pub fn body(mut self, json: Value) -> Self {
        if let Self::Answer { body, .. } = &mut self {
            *body = Some(json);
        }
        self
    }

    /// With this header; for [`Fault::Answer`] and [`Fault::Headers`].
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Self::Answer { headers, .. } | Self::Headers { headers, .. } = &mut self {
            headers.insert(name.to_owned(), value.to_owned());
        }
        self
    }

    /// How often it goes wrong, where that can be told.
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
            | Self::Slow { times, .. }
            | Self::Late { times, .. } => Some(times),
            _ => None,
        }
    }

    /// How many requests go well before, where that can be told.
    pub(crate) fn before(&mut self) -> Option<&mut u32> {
        match self {
            Self::Hang { after, .. } | Self::Late { after, .. } => Some(after),
            _ => None,
        }
    }

    /// Which requests it meets, if it is about requests.
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
            | Self::Slow { route, .. }
            | Self::Late { route, .. }
            | Self::TwoFactor { route, .. } => Some(route),
            _ => None,
        }
    }
}
