//! The kinds of faults.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A fault. Without `times` it occurs every time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fault {
    /// A different answer. Without a body: the API's usual error for this status.
    Answer {
        /// The requests that it affects.
        route: String,
        /// How often it occurs.
        #[serde(default)]
        times: Option<u32>,
        /// The HTTP status of the answer.
        status: u16,
        /// JSON, or a string that is sent unchanged as HTML.
        #[serde(default)]
        body: Option<Value>,
        /// Further headers, such as `Retry-After`.
        #[serde(default)]
        headers: BTreeMap<String, String>,
    },
    /// The normal answer with headers added, such as `X-Heroku-Warning`.
    Headers {
        /// The requests that it affects.
        route: String,
        /// How often it occurs.
        #[serde(default)]
        times: Option<u32>,
        /// The headers to add.
        headers: BTreeMap<String, String>,
    },
    /// The connection is accepted and never answered.
    Hang {
        /// The requests that it affects.
        route: String,
        /// How many of them are answered normally first.
        #[serde(default)]
        after: u32,
        /// How often it occurs.
        #[serde(default)]
        times: Option<u32>,
    },
    /// The connection is closed in the middle of the body; `Content-Length` is that of the whole body.
    Truncate {
        /// The requests that it affects.
        route: String,
        /// How often it occurs.
        #[serde(default)]
        times: Option<u32>,
    },
    /// A complete HTTP answer whose JSON ends in the middle.
    Garble {
        /// The requests that it affects.
        route: String,
        /// How often it occurs.
        #[serde(default)]
        times: Option<u32>,
    },
    /// The connection is closed without an answer.
    Reset {
        /// The requests that it affects.
        route: String,
        /// How often it occurs.
        #[serde(default)]
        times: Option<u32>,
    },
    /// A stream whose connection breaks after some lines.
    DropStream {
        /// The streams that it affects: `GET /logs/*`, `GET /streams/*`.
        route: String,
        /// The number of lines before the fault.
        after_lines: u64,
        /// How often it occurs.
        #[serde(default)]
        times: Option<u32>,
    },
    /// A stream that sends nothing more after some lines, on an open connection.
    IdleStream {
        /// The streams that it affects: `GET /logs/*`, `GET /streams/*`.
        route: String,
        /// The number of lines before the fault.
        after_lines: u64,
        /// How often it occurs.
        #[serde(default)]
        times: Option<u32>,
    },
    /// A stream that ends without an error in the middle of a line.
    TearStream {
        /// The streams that it affects: `GET /logs/*`, `GET /streams/*`.
        route: String,
        /// The number of lines before the fault.
        after_lines: u64,
        /// How often it occurs.
        #[serde(default)]
        times: Option<u32>,
    },
    /// The normal answer after a delay.
    Slow {
        /// The requests that it affects.
        route: String,
        /// The delay in milliseconds.
        delay_ms: u64,
        /// How often it occurs.
        #[serde(default)]
        times: Option<u32>,
    },
    /// A request that is never answered but carried out after a delay, as if it had been held up on the way.
    Late {
        /// The requests that it affects.
        route: String,
        /// How many of them are answered normally first.
        #[serde(default)]
        after: u32,
        /// The delay in milliseconds.
        delay_ms: u64,
        /// How often it occurs.
        #[serde(default)]
        times: Option<u32>,
    },
    /// 403 `two_factor` until the code is sent in the header `Heroku-Two-Factor-Code`, or was sent before in a
    /// pre-authorization (`docs/heroku.md#two-factor-authentication`).
    TwoFactor {
        /// The requests that it affects.
        route: String,
        /// The correct code.
        code: String,
        /// Whether the answer names the app; the client must then send a pre-authorization.
        #[serde(default)]
        app: bool,
    },
    /// Promotions to this app fail before a release is created.
    FailPromotion {
        /// The target's name.
        app: String,
        /// The target's `error_message`.
        message: String,
    },
    /// Promotions to this app stay pending.
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
    /// The connection of a push to this app is closed after some lines; the build continues.
    CutPush {
        /// The app's name.
        app: String,
        /// The number of lines before the fault.
        after_lines: u64,
    },
    /// A push to this app receives nothing more after some lines, on an open connection; the build continues.
    StallPush {
        /// The app's name.
        app: String,
        /// The number of lines before the fault.
        after_lines: u64,
    },
    /// A push to this app is accepted after a delay, even if the client has disconnected by then.
    LatePush {
        /// The app's name.
        app: String,
        /// The delay in milliseconds.
        delay_ms: u64,
    },
    /// Builds of this app stay pending until the fault is removed.
    StallBuild {
        /// The app's name.
        app: String,
    },
    /// Builds of this app fail, and pushes are declined.
    FailBuild {
        /// The app's name.
        app: String,
        /// What the build prints.
        output: String,
    },
    /// The connection of a download breaks after some bytes.
    CutBody {
        /// The downloads that it affects: `GET /backup-store/*`.
        route: String,
        /// The number of bytes before the fault.
        after_bytes: u64,
        /// How often it occurs.
        #[serde(default)]
        times: Option<u32>,
    },
    /// A download receives nothing more after some bytes, on an open connection.
    StallBody {
        /// The downloads that it affects: `GET /backup-store/*`.
        route: String,
        /// The number of bytes before the fault.
        after_bytes: u64,
        /// How often it occurs.
        #[serde(default)]
        times: Option<u32>,
    },
    /// Transfers of this app's databases fail at their end.
    FailTransfer {
        /// The app's name.
        app: String,
        /// The last line of the transfer's log.
        message: String,
    },
    /// Transfers of this app's databases stay at an eighth of their size until they are canceled or the fault is removed.
    StallTransfer {
        /// The app's name.
        app: String,
    },
    /// Review apps of this branch stay pending until the fault is removed.
    StallReviewApp {
        /// The branch.
        branch: String,
    },
    /// The creation of review apps of this branch fails.
    FailReviewApp {
        /// The branch.
        branch: String,
        /// The review app's `message`.
        message: String,
    },
    /// The rendezvous server accepts a connection and closes it before TLS begins.
    RefuseTls {
        /// How often it occurs.
        #[serde(default)]
        times: Option<u32>,
    },
    /// The rendezvous server never answers the client of a one-off dyno.
    SilentRendezvous {
        /// The app's name.
        app: String,
        /// How often it occurs.
        #[serde(default)]
        times: Option<u32>,
    },
    /// The rendezvous server answers the client of a one-off dyno after a delay.
    SlowRendezvous {
        /// The app's name.
        app: String,
        /// The delay in milliseconds.
        delay_ms: u64,
        /// How often it occurs.
        #[serde(default)]
        times: Option<u32>,
    },
    /// The first output of a one-off dyno arrives in one TLS record with the line that ends the handshake.
    HastyOutput {
        /// The app's name.
        app: String,
        /// How often it occurs.
        #[serde(default)]
        times: Option<u32>,
    },
    /// The line with the exit status of a one-off dyno's command arrives in two TLS records, 60 ms apart.
    SplitExitMarker {
        /// The app's name.
        app: String,
        /// The number of bytes in the first record, counted from the U+FFFF that begins the line.
        at: u64,
        /// How often it occurs.
        #[serde(default)]
        times: Option<u32>,
    },
    /// The connection to a one-off dyno breaks after some output, without an end of TLS.
    CutOneOff {
        /// The app's name.
        app: String,
        /// The number of bytes before the fault.
        after_bytes: u64,
        /// How often it occurs.
        #[serde(default)]
        times: Option<u32>,
    },
    /// The server ends its side of the connection to a one-off dyno after some output; the command goes on, and its
    /// other output is lost.
    HalfCloseOneOff {
        /// The app's name.
        app: String,
        /// The number of bytes before the fault.
        after_bytes: u64,
        /// How often it occurs.
        #[serde(default)]
        times: Option<u32>,
    },
}
