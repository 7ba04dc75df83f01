//! `app.json`, which tells Heroku how to set up a new app (<https://devcenter.heroku.com/articles/app-json-schema>).

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::path::Path;

use serde_json::Value;

use crate::file;

mod flaw;
mod lines;
mod setup;
mod shape;

pub use flaw::Flaw;
pub use setup::{Addon, EnvVar, Formation, Setup};

/// The file's name, at the repository's root.
pub const NAME: &str = "app.json";

/// The largest file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// The environment whose entries replace the others in a review app.
const REVIEW: &str = "review";

/// The contents of an `app.json`.
#[derive(Clone, Debug, Default)]
pub struct AppManifest {
    text: String,
    json: Value,
}

/// A variable that a new app needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Whether the app gets a value from the file itself, a generated secret among them.
    pub is_given: bool,
    /// Whether the app is not created without a value.
    pub is_required: bool,
}

impl AppManifest {
    /// The file in this folder; `None` where there is none.
    pub fn read(root: &Path) -> io::Result<Option<Result<Self, Flaw>>> {
        match file::read_text(&root.join(NAME), LARGEST) {
            Ok(text) => Ok(Some(Self::parse(text))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads a file's text; the flaw is that it is no JSON object.
    pub fn parse(text: String) -> Result<Self, Flaw> {
        let json: Value = serde_json::from_str(&text).map_err(|error| Flaw::of_syntax(&error))?;
        if !json.is_object() {
            return Err(Flaw::fatal(Some(1), "it is not a JSON object"));
        }
        Ok(Self { text, json })
    }

    /// What Heroku would refuse or ignore, in the order of the file.
    pub fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = shape::flaws(&self.json);
        for flaw in &mut flaws {
            flaw.line = lines::line_of(&self.text, &flaw.path);
        }
        flaws.sort_by_key(|flaw| flaw.line);
        flaws
    }

    /// The script `postdeploy` or another one, as a review app runs it.
    pub fn script(&self, name: &str) -> Option<&str> {
        self.in_review(|of| of["scripts"][name].as_str())
    }

    /// The variables of a review app, by name.
    pub fn variables(&self) -> BTreeMap<String, Variable> {
        let of = |of: &Value| of["env"].as_object().cloned().unwrap_or_default();
        let all = of(&self.json).into_iter().chain(of(&self.json["environments"][REVIEW]));
        all.map(|(name, told)| {
            let is_given = told.is_string() || !told["value"].is_null() || told["generator"] == "secret";
            let is_required = told["required"].as_bool().unwrap_or(true);
            (name, Variable { is_given, is_required })
        })
        .collect()
    }

    /// The add-ons of a review app, without their plans: `heroku-postgresql`.
    pub fn addons(&self) -> BTreeSet<&str> {
        let addons = self.in_review(|of| of["addons"].as_array()).into_iter().flatten();
        addons
            .filter_map(|addon| addon.as_str().or_else(|| addon["plan"].as_str()))
            .map(|plan| plan.split_once(':').map_or(plan, |(service, _)| service))
            .collect()
    }

    /// The process types that a review app is scaled for.
    pub fn formation(&self) -> Vec<&str> {
        let formation = self.in_review(|of| of["formation"].as_object());
        formation.into_iter().flatten().map(|(name, _)| name.as_str()).collect()
    }

    /// What `environments.review` says, else the file itself.
    fn in_review<'a, T>(&'a self, read: impl Fn(&'a Value) -> Option<T>) -> Option<T> {
        read(&self.json["environments"][REVIEW]).or_else(|| read(&self.json))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(text: &str) -> AppManifest {
        AppManifest::parse(text.to_owned()).unwrap()
    }

    #[test]
    fn a_review_app_has_what_its_environment_says() {
        let manifest = manifest(
            r#"{"scripts": {"postdeploy": "a"}, "addons": ["heroku-postgresql:mini"], "env": {
                "A": "1", "B": {"required": true}, "C": {"required": false}, "D": {"generator": "secret"}, "E": {}},
                "environments": {"review": {"scripts": {"postdeploy": "b"}, "env": {"B": {"value": "2"}},
                    "addons": [{"plan": "heroku-redis:mini", "as": "CACHE"}], "formation": {"web": {"quantity": 1}}}}}"#,
        );
        assert_eq!(manifest.script("postdeploy"), Some("b"));
        assert_eq!(manifest.addons().into_iter().collect::<Vec<_>>(), ["heroku-redis"]);
        assert_eq!(manifest.formation(), ["web"]);
        let missing: Vec<String> = manifest
            .variables()
            .into_iter()
            .filter(|(_, variable)| variable.is_required && !variable.is_given)
            .map(|(name, _)| name)
            .collect();
        assert_eq!(missing, ["E"]);
    }

    #[test]
    fn what_is_no_object_is_a_flaw_with_its_line() {
        let flaw = AppManifest::parse("{\n  \"name\": }".to_owned()).unwrap_err();
        assert_eq!((flaw.line, flaw.is_fatal), (Some(2), true));
        assert_eq!(AppManifest::parse("[]".to_owned()).unwrap_err().text, "it is not a JSON object");
    }
}
