//! The data API's routes of an app's transfers, `/client/v11/apps/{app}/transfers/…`.

use std::time::Duration;

use serde_json::json;

use super::databases::broken;
use crate::clock;
use crate::databases::{self, store};
use crate::http::answer::{Answer, Outcome};
use crate::http::call::Call;
use crate::state::State;
use crate::state::transfer::Transfer;

/// Answers a request about the transfers of an app. Each is called by its number or its UUID.
pub(super) fn answer(state: &mut State, call: &Call, app: usize, rest: &[&str]) -> Outcome {
    databases::make_real(state).map_err(broken)?;
    let verbose = call.parameter("verbose").as_deref() == Some("true");
    match (&*call.method, rest) {
        ("GET", []) => {
            let transfers = &state.apps[app].resources.transfers;
            Ok(Answer::ok(transfers.iter().map(|transfer| transfer.json(false)).collect()))
        }
        ("GET", [word]) => found(state, app, word)
            .map(|at| Answer::ok(state.apps[app].resources.transfers[at].json(verbose))),
        ("DELETE", [word]) => {
            let at = found(state, app, word)?;
            Ok(Answer::ok(state.apps[app].resources.transfers.remove(at).json(false)))
        }
        ("POST", [word, "actions", "cancel"]) => {
            let at = found(state, app, word)?;
            cancel(&mut state.apps[app].resources.transfers[at])
        }
        ("POST", [word, "actions", "public-url"]) => {
            let at = found(state, app, word)?;
            let transfer = &state.apps[app].resources.transfers[at].0;
            if transfer["to_type"] != "gof3r" || transfer["succeeded"] != true {
                return Err(Answer::invalid("Only finished backups have public URLs."));
            }
            let uuid = transfer["uuid"].as_str().unwrap_or_default().to_owned();
            let (url, expires_at) = store::sign(state, &uuid);
            Ok(Answer::ok(json!({ "url": url, "expires_at": expires_at })))
        }
        _ => Err(Answer::unplayed(call)),
    }
}

fn found(state: &State, app: usize, word: &str) -> Result<usize, Answer> {
    let transfers = &state.apps[app].resources.transfers;
    transfers.iter().position(|it| it.is_called(word)).ok_or_else(|| Answer::missing("transfer"))
}

fn cancel(transfer: &mut Transfer) -> Outcome {
    if !transfer.0["finished_at"].is_null() {
        return Err(Answer::invalid("This transfer has finished already."));
    }
    transfer.0["canceled_at"] = clock::data_ago(Duration::ZERO).into();
    databases::end(transfer, false, "Canceled");
    Ok(Answer::created(transfer.json(false)))
}
