//! Data that the panel adds to an app directly, without a push or a release phase, and in any number.

use serde_json::{Map, Value, json};

use crate::clock;
use crate::databases;
use crate::http::answer::{Answer, Outcome};
use crate::state::State;
use crate::state::addon::{Addon, ESSENTIAL, PROVISIONED, STATES};
use crate::state::build::Source;
use crate::state::eco_quota::EcoQuota;
use crate::state::resources;
use crate::state::transfer::Transfer;

/// `{"name", "app", "config_vars": {…}}`: adds an add-on with a name and the config vars that it sets. With `addon`, it is
/// an attachment of that add-on of the app `app`, and of its credential with a `namespace`, `credential:NAME`.
pub(super) fn attach(state: &mut State, app: usize, body: &Value) -> Outcome {
    let name = body["name"].as_str().ok_or_else(|| Answer::invalid("name is required."))?;
    let vars = body["config_vars"].as_object().ok_or_else(|| Answer::invalid("config_vars is required."))?;
    let owner = state.app(body["app"].as_str().unwrap_or_default())?;
    let known = state.apps[owner]
        .addons
        .iter()
        .find(|addon| body["addon"].as_str().is_some_and(|it| addon.is_called(it)));
    let known = known.cloned();
    let owner = state.apps[owner].brief();
    let addon = Addon {
        id: state.mint.uuid(),
        name: format!("{}-elsewhere", name.to_lowercase()),
        plan: &ESSENTIAL,
        attachment: state.mint.uuid(),
        alias: name.to_owned(),
        state: PROVISIONED,
        follows: false,
        created_at: clock::now(),
    };
    let addon = match known {
        Some(known) => {
            Addon { attachment: addon.attachment, alias: addon.alias, created_at: addon.created_at, ..known }
        }
        None => addon,
    };
    let app = &mut state.apps[app];
    let mut attachment = app.attachment_json(&addon);
    attachment["namespace"] = body["namespace"].clone();
    attachment["addon"]["app"] = owner;
    attachment["config_vars"] = vars.keys().cloned().collect();
    app.attached.push(attachment.clone());
    let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
    app.config.extend(vars.iter().filter_map(text));
    Ok(Answer::created(attachment))
}

/// `{"state": "provisioning"}`: sets the state of the add-on that is called `word`.
pub(super) fn set_addon(state: &mut State, app: usize, word: &str, body: &Value) -> Outcome {
    let wanted = STATES.into_iter().find(|known| body["state"] == **known);
    let wanted =
        wanted.ok_or_else(|| Answer::invalid(&format!("state must be one of {}.", STATES.join(", "))))?;
    let app = &mut state.apps[app];
    let at = app.addons.iter().position(|addon| addon.is_called(word));
    let at = at.ok_or_else(|| Answer::missing("add on"))?;
    app.addons[at].state = wanted;
    Ok(Answer::ok(app.addon_json(&app.addons[at])))
}

/// `{"NAME": "value" or null, …}`: sets config vars without a release.
pub(super) fn set_config(state: &mut State, app: usize, body: &Value) -> Outcome {
    let changes: &Map<String, Value> = body.as_object().ok_or_else(|| Answer::usual(400))?;
    if let Some((name, _)) = changes.iter().find(|(_, value)| !value.is_string() && !value.is_null()) {
        return Err(Answer::invalid(&format!("Config var {name} must be a string or null.")));
    }
    let config = &mut state.apps[app].config;
    for (name, value) in changes {
        match value.as_str() {
            Some(value) => _ = config.insert(name.clone(), value.to_owned()),
            None => _ = config.remove(name),
        }
    }
    Ok(Answer::ok(json!(config)))
}

/// `{"generate": N}`: adds N releases like the current one.
pub(super) fn generate_releases(state: &mut State, app: usize, body: &Value) -> Outcome {
    let count = body["generate"].as_u64();
    let count = count.ok_or_else(|| Answer::invalid("generate must be a number of releases."))?;
    let target = &mut state.apps[app];
    let current = target.releases.iter().find(|release| Some(release.version) == target.current).cloned();
    let mut release = current.ok_or_else(|| Answer::invalid("The app has no release yet."))?;
    release.version = target.releases.last().map_or(0, |release| release.version);
    for _ in 0..count {
        release.id = state.mint.uuid();
        release.version += 1;
        target.releases.push(release.clone());
    }
    target.current = Some(release.version);
    target.dynos.iter_mut().for_each(|dyno| dyno.version = target.current);
    Ok(Answer::ok(json!({ "version": release.version })))
}

/// `{"commit"}`: adds a build of this commit that has succeeded, without a slug or a release.
pub(super) fn add_build(state: &mut State, app: usize, body: &Value) -> Outcome {
    let commit = body["commit"].as_str().ok_or_else(|| Answer::invalid("commit is required."))?;
    let source = Source { version: Some(commit.to_owned()), ..Source::default() };
    let id = state.begin_build(app, source, None);
    let id = id.ok_or_else(|| Answer::invalid("A build of the app is running."))?;
    state.end_build(&id, true);
    Ok(Answer::created(state.build_of(app, &id)?.json(state, false)))
}

/// `{"hostname": "www.playhouse.example"}`: adds a domain.
pub(super) fn add_domain(state: &mut State, app: usize, body: &Value) -> Outcome {
    let hostname = body["hostname"].as_str().ok_or_else(|| Answer::invalid("hostname is required."))?;
    let domain = resources::domain(&state.mint, hostname, None);
    state.apps[app].resources.domains.push(domain.clone());
    Ok(Answer::created(domain))
}

/// Adds a manual backup of the app's `DATABASE`; the body's fields replace those of a completed one.
pub(super) fn add_transfer(state: &mut State, app: usize, body: &Value) -> Outcome {
    if !body.is_object() {
        return Err(Answer::usual(400));
    }
    let url = state.apps[app].config.get("DATABASE_URL").cloned().unwrap_or_default();
    let transfers = &mut state.apps[app].resources.transfers;
    let number = transfers.last().and_then(|last| last.0["num"].as_u64()).unwrap_or(0) + 1;
    let mut transfer = Transfer::backup(&state.mint, number, 1).with(body);
    transfer.tie(&url);
    transfers.push(transfer.clone());
    Ok(Answer::created(transfer.json(true)))
}

/// `{"sql", "database"?}`: runs SQL as the superuser in the app's database, which must be real; `DATABASE` if none is named.
/// The answer is what psql prints, `rows`.
pub(super) fn run_sql(state: &mut State, app: usize, body: &Value) -> Outcome {
    let word = body["database"].as_str().unwrap_or("DATABASE");
    let addon =
        state.apps[app].addons.iter().find(|addon| addon.is_called(word)).map(|addon| addon.id.clone());
    let addon = addon.ok_or_else(|| Answer::missing("add on"))?;
    let rows = databases::query(state, &addon, body["sql"].as_str().unwrap_or_default());
    match rows {
        Ok(Some(rows)) => Ok(Answer::ok(json!({ "rows": rows }))),
        Ok(None) => Err(Answer::invalid("databases are played; the setting `postgres` makes them real.")),
        Err(error) => Err(Answer::invalid(&error.to_string())),
    }
}

/// `{"account_quota", "apps": {"NAME": …}}`: the account's Eco dyno hours and what apps have used of them, in seconds.
pub(super) fn set_eco_quota(state: &mut State, body: &Value) -> Outcome {
    let number =
        |value: &Value| value.as_u64().ok_or_else(|| Answer::invalid("a quota is a number of seconds."));
    let mut used = Vec::new();
    for (name, seconds) in body["apps"].as_object().into_iter().flatten() {
        let app = state.app(name)?;
        used.push((state.apps[app].id().to_owned(), number(seconds)?));
    }
    state.eco_quota = EcoQuota { account: number(&body["account_quota"])?, used };
    Ok(Answer::ok(state.eco_quota.json()))
}
