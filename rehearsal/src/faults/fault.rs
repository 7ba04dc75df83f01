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
