//! The body of `POST /apps/{app}/dynos`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::http::answer::Answer;
use crate::state::app::App;
use crate::state::dyno_size;
use crate::state::one_off::Request;

/// The longest `time_to_live`, in seconds.
const DAY: u64 = 86_400;

impl Request {
    /// Reads the body; 422 if it is not a valid request.
    pub(crate) fn parse(body: &Value, app: &App) -> Result<Self, Answer> {
        let command = body["command"].as_str().filter(|command| !command.is_empty());
        let command = command.ok_or_else(|| Answer::invalid("Command is required."))?.to_owned();
        let size = match &body["size"] {
            Value::Null => default_size(app).to_owned(),
            size => {
                let word = size.as_str().unwrap_or_default();
                dyno_size::shown(word).ok_or_else(|| Answer::invalid(&format!("No such size as {word}.")))?
            }
        };
        let kind = body["type"].as_str().unwrap_or("run");
        if kind.is_empty() || !kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        {
            return Err(Answer::invalid("Type must be the name of a process type."));
        }
        Ok(Self {
            command,
            attach: flag(body, "attach")?,
            env: env(&body["env"])?,
            force_no_tty: flag(body, "force_no_tty")?,
            size,
            kind: kind.to_owned(),
            time_to_live: time_to_live(&body["time_to_live"])?,
        })
    }
}

/// The size of a one-off dyno of this app whose size is not given.
fn default_size(app: &App) -> &'static str {
    match app.fields.get("process_tier").and_then(Value::as_str) {
        Some("eco") => "Eco",
        Some("production" | "professional" | "standard") => "Standard-1X",
        _ => "Basic",
    }
}

fn flag(body: &Value, key: &str) -> Result<bool, Answer> {
    match &body[key] {
        Value::Null => Ok(false),
        value => value.as_bool().ok_or_else(|| Answer::invalid(&format!("{key} must be true or false."))),
    }
}

/// The variables. The official CLI sends the terminal's size as numbers.
fn env(body: &Value) -> Result<BTreeMap<String, String>, Answer> {
    let wrong = || Answer::invalid("env must be an object of strings, with names of letters, digits and _.");
    let mut env = BTreeMap::new();
    if body.is_null() {
        return Ok(env);
    }
    for (name, value) in body.as_object().ok_or_else(wrong)? {
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return Err(wrong()),
        };
        let is_name =
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_name || text.contains('\0') {
            return Err(wrong());
        }
        env.insert(name.clone(), text);
    }
    Ok(env)
}

fn time_to_live(body: &Value) -> Result<Option<Duration>, Answer> {
    match body {
        Value::Null => Ok(None),
        value => {
            let seconds = value.as_u64().filter(|seconds| (1..=DAY).contains(seconds));
            let wrong = || Answer::invalid("time_to_live must be a number of seconds from 1 to 86400.");
            seconds.map(|seconds| Some(Duration::from_secs(seconds))).ok_or_else(wrong)
        }
    }
}
