//! The `app.json` of a commit, as far as it is played: config vars and the `postdeploy` script, with those of
//! `environments.review` in their place (<https://devcenter.heroku.com/articles/app-json-schema>).

use std::path::Path;

use serde_json::{Map, Value};

use crate::identity::Mint;
use crate::procfile;

/// The contents of an `app.json`.
#[derive(Debug, Default)]
pub(crate) struct Manifest {
    json: Value,
}

impl Manifest {
    /// The manifest of a commit; an empty one where it has none. Fails if the file is no JSON object.
    pub(crate) async fn of_commit(repository: &Path, commit: &str) -> Result<Self, String> {
        let Some(text) = procfile::file_of_commit(repository, commit, "app.json").await else {
            return Ok(Self::default());
        };
        match serde_json::from_str::<Map<String, Value>>(&text) {
            Ok(object) => Ok(Self { json: Value::Object(object) }),
            Err(error) => Err(format!("Invalid app.json: {error}")),
        }
    }

    /// The script that runs once after the first deploy.
    pub(crate) fn postdeploy(&self) -> Option<String> {
        let script = |of: &Value| of["scripts"]["postdeploy"].as_str().map(str::to_owned);
        script(&self.json["environments"]["review"]).or_else(|| script(&self.json))
    }

    /// The config vars that it sets: plain values, `value`, and secrets that are generated.
    pub(crate) fn config(&self, mint: &Mint) -> Vec<(String, String)> {
        let of = |of: &Value| of["env"].as_object().cloned().unwrap_or_default();
        let all = of(&self.json).into_iter().chain(of(&self.json["environments"]["review"]));
        let value = |said: &Value| match said {
            Value::String(value) => Some(value.clone()),
            said if said["generator"] == "secret" => Some(mint.secret()),
            said => said["value"].as_str().map(str::to_owned),
        };
        all.filter_map(|(name, said)| Some((name, value(&said)?))).collect()
    }
}
