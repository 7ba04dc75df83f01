//! One-off dynos: how one is made, and where its streams are.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::change::Change;
use super::{Accept, Client, HIDDEN};
use crate::error::Result;
use crate::model::{AppName, Resource};

/// A one-off dyno to make.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewDyno {
    /// Whether its streams are for us; those of a dyno that is not attached go to the app's log.
    pub attach: bool,
    /// What the dyno's shell reads.
    pub command: String,
    /// Variables that are set for the command, besides the app's config vars.
    pub env: Map<String, Value>,
    /// Whether an attached command has no terminal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub force_no_tty: Option<bool>,
    /// Its size, such as `standard-1x`; by default that of its process type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// The process type whose size and settings it has; by default `run`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub process_type: Option<String>,
    /// The seconds after which Heroku ends it, at most 86,400.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_to_live: Option<u64>,
}

/// A one-off dyno that was made.
#[derive(Deserialize)]
pub struct OneOffDyno {
    /// Its name, such as `run.1234`.
    pub name: String,
    /// `starting`, `up`, `crashed`, `down`.
    #[serde(default)]
    pub state: String,
    /// Where its streams are: a secret, as whoever knows it is attached without a token.
    #[serde(default)]
    pub(super) attach_url: Option<String>,
}

/// Makes a one-off dyno; the answer is a [`OneOffDyno`].
///
/// The values of `hidden` variables are not shown by a dry run.
pub fn run_dyno(app: &AppName, dyno: &NewDyno, hidden: impl Fn(&str) -> bool) -> Result<Change> {
    let body = serde_json::to_value(dyno)?;
    let mut shown = body.clone();
    if let Some(env) = shown["env"].as_object_mut() {
        env.iter_mut().filter(|(name, _)| hidden(name)).for_each(|(_, value)| *value = HIDDEN.into());
    }
    Ok(Change::post(format!("/apps/{app}/dynos"), body).shown_as(shown).outdates([app], Resource::RESTARTED))
}

impl Client {
    /// The state of a dyno, such as `starting`; requested once, none if that fails for any reason.
    pub fn glance_at_dyno(&self, app: &AppName, name: &str) -> Option<String> {
        #[derive(Deserialize)]
        struct Stated {
            state: String,
        }
        self.glance::<Stated>(&format!("/apps/{app}/dynos/{name}"), Accept::Sdk).map(|dyno| dyno.state)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_said_is_left_to_heroku() {
        let app = "playhouse".parse().unwrap();
        let mut dyno = NewDyno { attach: true, command: "bash".into(), ..NewDyno::default() };
        dyno.env.insert("TERM".into(), "xterm".into());
        let change = run_dyno(&app, &dyno, |_| false).unwrap();
        assert_eq!(change.path(), "/apps/playhouse/dynos");
        assert_eq!(change.body(), &json!({"attach": true, "command": "bash", "env": {"TERM": "xterm"}}));
        let dyno = NewDyno {
            force_no_tty: Some(true),
            size: Some("standard-2x".into()),
            process_type: Some("worker".into()),
            time_to_live: Some(60),
            ..dyno
        };
        let change = run_dyno(&app, &dyno, |_| false).unwrap();
        let body = json!({
            "attach": true, "command": "bash", "env": {"TERM": "xterm"}, "force_no_tty": true,
            "size": "standard-2x", "type": "worker", "time_to_live": 60
        });
        assert_eq!(change.body(), &body);
    }
}
