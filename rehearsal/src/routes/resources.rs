//! Domains, certificates, log drains and webhooks of an app.

use serde_json::{Value, json};

use crate::clock;
use crate::http::answer::{Answer, Outcome};
use crate::http::call::Call;
use crate::state::State;
use crate::state::app::App;
use crate::state::resources::{self, Resources};

/// The lists of an app's resources.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Domain,
    SniEndpoint,
    LogDrain,
    Webhook,
}

impl Kind {
    /// The name of the resource, and the fields by which an item is found.
    fn words(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Domain => ("domain", &["hostname", "id"]),
            Self::SniEndpoint => ("sni endpoint", &["name", "id"]),
            Self::LogDrain => ("log drain", &["url", "id", "token"]),
            Self::Webhook => ("webhook", &["id"]),
        }
    }

    fn list(self, resources: &mut Resources) -> &mut Vec<Value> {
        match self {
            Self::Domain => &mut resources.domains,
            Self::SniEndpoint => &mut resources.sni_endpoints,
            Self::LogDrain => &mut resources.log_drains,
            Self::Webhook => &mut resources.webhooks,
        }
    }
}

/// Answers a request about such a list or one item of it.
pub(super) fn answer(state: &mut State, call: &Call, app: usize, kind: Kind, rest: &[&str]) -> Outcome {
    let brief = state.apps[app].brief();
    let of_app = |mut item: Value| {
        item["app"] = brief.clone();
        item
    };
    let given = (kind == Kind::Domain).then(|| herokus_own(&state.apps[app]));
    let is_called = |item: &Value, word: &str| kind.words().1.iter().any(|key| item[key] == word);
    let missing = || Answer::missing(kind.words().0);
    match (&*call.method, rest) {
        ("GET", []) => {
            let own = kind.list(&mut state.apps[app].resources).iter().cloned();
            Ok(Answer::ok(given.into_iter().chain(own).map(of_app).collect()))
        }
        ("GET", [word]) => {
            let own = kind.list(&mut state.apps[app].resources).iter().cloned();
            let found = given.into_iter().chain(own).find(|item| is_called(item, word));
            found.map(|item| Answer::ok(of_app(item))).ok_or_else(missing)
        }
        ("POST", []) => {
            let item = new(state, call, app, kind)?;
            kind.list(&mut state.apps[app].resources).push(item.clone());
            Ok(Answer::created(of_app(item)))
        }
        ("PATCH" | "DELETE", [word]) => {
            let at = kind.list(&mut state.apps[app].resources).iter().position(|item| is_called(item, word));
            let at = at.ok_or_else(missing)?;
            if call.method == "DELETE" {
                let gone = kind.list(&mut state.apps[app].resources).remove(at);
                forget(&mut state.apps[app].resources, &gone["id"]);
                return Ok(Answer::ok(of_app(gone)));
            }
            let changes = changes(state, call, app, kind)?;
            let item = &mut kind.list(&mut state.apps[app].resources)[at];
            for (key, value) in changes {
                item[key] = value;
            }
            item["updated_at"] = clock::now().into();
            Ok(Answer::ok(of_app(item.clone())))
        }
        _ => Err(Answer::unplayed(call)),
    }
}

/// Removes a deleted certificate from its domains.
fn forget(resources: &mut Resources, certificate: &Value) {
    for domain in resources.domains.iter_mut().filter(|domain| domain["sni_endpoint"]["id"] == *certificate) {
        domain["sni_endpoint"] = Value::Null;
    }
}

fn new(state: &mut State, call: &Call, app: usize, kind: Kind) -> Result<Value, Answer> {
    let text = |key: &str| call.body[key].as_str().filter(|text| !text.is_empty());
    let url = || text("url").ok_or_else(|| Answer::invalid("Url is required."));
    let mut item = match kind {
        Kind::Domain => {
            let hostname = text("hostname").filter(|name| name.contains('.'));
            let hostname = hostname.ok_or_else(|| Answer::invalid("Domain name is invalid."))?;
            let taken = state.apps.iter().flat_map(|app| &app.resources.domains);
            if taken.into_iter().any(|domain| domain["hostname"] == hostname) {
                return Err(Answer::invalid(&format!("{hostname} is currently in use by another app.")));
            }
            let mut domain = resources::domain(&state.mint, hostname, None);
            domain["status"] = "pending".into();
            enact(state, app, hostname);
            domain
        }
        Kind::LogDrain => resources::log_drain(&state.mint, url()?),
        Kind::Webhook => resources::webhook(&state.mint, url()?, &[]),
        Kind::SniEndpoint => return Err(Answer::unplayed(call)),
    };
    if kind != Kind::LogDrain {
        for (key, value) in changes(state, call, app, kind)? {
            item[key] = value;
        }
    }
    for time in ["created_at", "updated_at"] {
        item[time] = clock::now().into();
    }
    Ok(item)
}

/// Completes a new domain after a while.
fn enact(state: &State, app: usize, hostname: &str) {
    let hostname = hostname.to_owned();
    state.later(state.settings.build_time, move |state| {
        let mut domains = state.apps[app].resources.domains.iter_mut();
        if let Some(domain) = domains.find(|domain| domain["hostname"] == *hostname) {
            domain["status"] = "succeeded".into();
        }
    });
}

/// Sets the fields of an item from a body.
fn changes(state: &State, call: &Call, app: usize, kind: Kind) -> Result<Vec<(&'static str, Value)>, Answer> {
    match kind {
        Kind::Domain => {
            let Some(word) = call.body["sni_endpoint"].as_str() else {
                return Ok(vec![("sni_endpoint", Value::Null)]);
            };
            let mut certificates = state.apps[app].resources.sni_endpoints.iter();
            let found = certificates.find(|it| it["name"] == word || it["id"] == word);
            let found = found.ok_or_else(|| Answer::missing("sni endpoint"))?;
            Ok(vec![("sni_endpoint", json!({ "id": found["id"], "name": found["name"] }))])
        }
        Kind::Webhook => {
            let set = ["include", "level", "url"].into_iter().filter(|key| !call.body[key].is_null());
            Ok(set.map(|key| (key, call.body[key].clone())).collect())
        }
        Kind::LogDrain | Kind::SniEndpoint => Err(Answer::unplayed(call)),
    }
}

/// The domain that every app has.
fn herokus_own(app: &App) -> Value {
    let since = &app.fields["created_at"];
    json!({
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
    })
}
