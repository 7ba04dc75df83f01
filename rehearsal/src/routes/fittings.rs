//! What an app is fitted with, and its transfers, which are the data API's (`/client/v11/…`).

use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::clock::{ago, hours};
use crate::state::State;
use crate::state::app::App;

/// The one that every app has, then those of its own.
pub(super) fn domains(state: &State, app: usize) -> Outcome {
    let since = ago(hours(1950));
    let app = &state.apps[app];
    let own = json!({
        "id": "0d0d0d0d-57a6-4e00-8000-0000000000d1",
        "hostname": app.host(),
        "cname": null,
        "kind": "heroku",
        "status": "succeeded",
        "acm_status": null,
        "acm_status_reason": null,
        "sni_endpoint": null,
        "created_at": since,
        "updated_at": since,
    });
    list(app, std::iter::once(&own).chain(&app.fittings.domains))
}

pub(super) fn sni_endpoints(state: &State, app: usize) -> Outcome {
    list(&state.apps[app], &state.apps[app].fittings.sni_endpoints)
}

pub(super) fn log_drains(state: &State, app: usize) -> Outcome {
    list(&state.apps[app], &state.apps[app].fittings.log_drains)
}

pub(super) fn webhooks(state: &State, app: usize) -> Outcome {
    list(&state.apps[app], &state.apps[app].fittings.webhooks)
}

fn list<'a>(app: &App, items: impl IntoIterator<Item = &'a Value>) -> Outcome {
    let of_app = |item: &Value| {
        let mut item = item.clone();
        item["app"] = app.brief();
        item
    };
    Ok(Answer::ok(items.into_iter().map(of_app).collect()))
}

pub(super) fn transfers(state: &State, app: usize) -> Outcome {
    let transfers = &state.apps[app].fittings.transfers;
    Ok(Answer::ok(transfers.iter().map(|transfer| transfer.json(false)).collect()))
}

/// By number or uuid; `?verbose=true` brings its log.
pub(super) fn transfer(state: &State, call: &Call, app: usize, word: &str) -> Outcome {
    let mut transfers = state.apps[app].fittings.transfers.iter();
    let found = transfers.find(|transfer| transfer.is_called(word));
    let verbose = call.parameter("verbose").as_deref() == Some("true");
    found.map(|it| Answer::ok(it.json(verbose))).ok_or_else(|| Answer::missing("transfer"))
}
