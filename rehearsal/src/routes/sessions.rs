//! Log sessions: URLs from which an app's log is read (`docs/heroku.md#logs`).

use serde_json::json;

use crate::clock;
use crate::http::answer::{Answer, Outcome};
use crate::http::call::Call;
use crate::state::logs::Filter;
use crate::state::{Session, State};

/// The dyno is `dyno` in the variant `3.sdk` and `dyno_name` in `3`; both are understood.
pub(super) fn create(state: &mut State, call: &Call, app: usize) -> Outcome {
    let text = |key: &str| call.body[key].as_str().map(str::to_owned);
    let lines = call.body["lines"].as_u64().unwrap_or(100).min(1500);
    let session = Session {
        app,
        filter: Filter {
            source: text("source"),
            dyno: text("dyno").or_else(|| text("dyno_name")),
            kind: text("type"),
        },
        lines: usize::try_from(lines).unwrap_or(100),
        tail: call.body["tail"].as_bool().unwrap_or(false),
    };
    let (id, secret) = (state.mint.uuid(), state.mint.secret());
    let url = format!("{}/logs/{secret}?srv={lines}", state.url);
    state.sessions.insert(secret, session);
    Ok(Answer::created(json!({
        "id": id,
        "logplex_url": url,
        "created_at": clock::now(),
        "updated_at": clock::now(),
    })))
}
