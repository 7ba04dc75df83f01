//! One-off dynos (`docs/heroku.md#one-off-dynos`): a real shell runs the command of `POST /apps/{app}/dynos` in a folder
//! with the app's code. An attached dyno waits for its client at the rendezvous server; the output of a detached one
//! goes to the app's log.

mod code;
mod output;
mod process;
pub(crate) mod rendezvous;
mod request;
mod run;
mod session;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::{oneshot, watch};

use crate::clock;
use crate::http::answer::Answer;
use crate::state::app::Dyno;
use crate::state::one_off::{OneOff, Request};
use crate::state::release::Status;
use crate::state::{State, owner};
use code::Code;
use run::Launch;

/// Starts a one-off dyno and returns it as the API shows it.
pub(crate) fn launch(state: &mut State, app: usize, request: Request) -> Result<Value, Answer> {
    refuse(state, app, &request)?;
    let (name, port) = name(state, app, &request.kind);
    let secret = state.mint.secret();
    let attach_url =
        request.attach.then(|| format!("rendezvous://127.0.0.1:{}/{secret}", state.rendezvous_port));
    let one_off = Arc::new(OneOff {
        command: request.command.clone(),
        size: request.size.clone(),
        attach_url,
        stopped: watch::Sender::new(false),
    });
    let client = request.attach.then(|| {
        let (sender, receiver) = oneshot::channel();
        state.awaiting.insert(secret.clone(), sender);
        receiver
    });
    let id = state.mint.uuid();
    let target = &state.apps[app];
    let release = target.releases.iter().find(|release| Some(release.version) == target.current);
    let slug = release.and_then(|release| release.slug.clone());
    let launch = Launch {
        app,
        id: id.clone(),
        name: name.clone(),
        command: resolve(
            &request.command,
            slug.as_deref().and_then(|id| state.slug(id)).map(|slug| &slug.process_types),
        ),
        env: env(&state.apps[app].config, &request.env, &name, port),
        code: Code::of(state, app, slug.as_deref()),
        stopped: one_off.stopped.subscribe(),
        secret,
        client,
        request,
    };
    let target = &mut state.apps[app];
    let said = format!(
        "Starting process with command `{}` by user {}",
        launch.request.command,
        owner()["email"].as_str().unwrap_or_default()
    );
    target.log.say("app", "api", &said);
    target.dynos.push(Dyno {
        id,
        kind: launch.request.kind.clone(),
        name,
        state: "starting",
        version: target.current,
        starts: 0,
        one_off: Some(one_off),
        created_at: clock::now(),
        updated_at: clock::now(),
    });
    let shown = target.dynos.last().map(|dyno| target.dyno_json(dyno));
    state.spawn(|shared| run::run(shared, launch));
    Ok(shown.unwrap_or_default())
}

/// The reasons not to start one.
fn refuse(state: &State, app: usize, request: &Request) -> Result<(), Answer> {
    let target = &state.apps[app];
    if target.is_fir() {
        return Err(Answer::invalid("The rehearsal does not run one-off dynos of Fir apps."));
    }
    if target.releases.last().is_some_and(|release| release.status == Status::Pending) {
        let message = "The app's newest release is pending. Please try again later.";
        return Err(Answer::error(409, "conflict", message));
    }
    let running = target.dynos.iter().filter_map(|dyno| dyno.one_off.as_ref());
    let running = running.filter(|one_off| one_off.size == request.size).count();
    match state.settings.one_off_limit {
        Some(limit) if running >= limit => Err(Answer::new(
            422,
            json!({
                "id": "cannot_run_above_limit",
                "message": format!("Cannot run more than {limit} {} size dynos.", request.size),
                "limit": limit,
                "size": running + 1,
                "url": "https://devcenter.heroku.com/articles/dyno-size#default-scaling-limits",
            }),
        )),
        _ => Ok(()),
    }
}

/// A name that no running dyno has, such as `run.4831`, and the port that it may listen on.
fn name(state: &State, app: usize, kind: &str) -> (String, u64) {
    loop {
        let drawn = u64::from_str_radix(&state.mint.secret()[..8], 16).unwrap_or_default();
        let name = format!("{kind}.{}", 1000 + drawn % 9000);
        if state.apps[app].dynos.iter().all(|dyno| dyno.name != name) {
            return (name, 3000 + drawn % 57_000);
        }
    }
}

/// The command with its first word replaced by the command of the process type of that name.
fn resolve(command: &str, types: Option<&BTreeMap<String, String>>) -> String {
    let end = command.find(char::is_whitespace).unwrap_or(command.len());
    let (word, rest) = command.split_at(end);
    let known = types.and_then(|types| types.get(word));
    known.map_or_else(|| command.to_owned(), |known| format!("{known}{rest}"))
}

/// The whole environment but the folder: the machine's PATH, the app's config vars, the request's variables, and those
/// that only the platform sets.
fn env(
    config: &BTreeMap<String, String>,
    asked: &BTreeMap<String, String>,
    name: &str,
    port: u64,
) -> BTreeMap<String, String> {
    let own = |(name, value): (&str, String)| (name.to_owned(), value);
    let path = std::env::var_os("PATH").unwrap_or_default().to_string_lossy().into_owned();
    let mut env = BTreeMap::from([own(("PATH", path))]);
    // A variable of the system's with a zero byte could not be set.
    let sound = |(_, value): &(&String, &String)| !value.contains('\0');
    let given = config.iter().chain(asked).filter(sound);
    env.extend(given.map(|(name, value)| (name.clone(), value.clone())));
    env.extend([("DYNO", name.to_owned()), ("PS", name.to_owned()), ("PORT", port.to_string())].map(own));
    env
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_first_word_names_a_process_type() {
        let types = BTreeMap::from([("console".to_owned(), "bin/rails console".to_owned())]);
        let resolved = |command| resolve(command, Some(&types));
        assert_eq!(resolved("console"), "bin/rails console");
        assert_eq!(resolved("console --sandbox ; echo $?"), "bin/rails console --sandbox ; echo $?");
        assert_eq!(resolved("console; echo $?"), "console; echo $?");
        assert_eq!(resolved("'console' x"), "'console' x");
        assert_eq!(resolved("echo console"), "echo console");
    }

    #[test]
    fn the_request_overrides_config_vars_but_not_the_platform() {
        let vars = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let config = vars(&[("LEVEL", "info"), ("TIER", "one"), ("DYNO", "web.9")]);
        let env = env(&config, &vars(&[("LEVEL", "debug"), ("PORT", "1")]), "run.1234", 4000);
        let of = |name: &str| env[name].as_str();
        assert_eq!([of("LEVEL"), of("TIER"), of("DYNO"), of("PORT")], ["debug", "one", "run.1234", "4000"]);
    }
}
