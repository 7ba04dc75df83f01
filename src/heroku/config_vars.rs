//! Config vars: their names may be shown, their values only by a command whose purpose that is.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::change::Change;
use super::{Accept, Client};
use crate::error::Result;
use crate::model::{AppName, Resource};

/// An app's config vars, by name.
pub type ConfigVars = BTreeMap<String, Secret>;

/// The value of a config var. It can be compared and sent to Heroku, but is not shown by accident: it has no `Display`,
/// its `Debug` hides it, and it cannot be serialized.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The value, for a command whose purpose is to print it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // serde's own message would print the unexpected value.
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text)),
            _ => Err(D::Error::custom("a config var is no text")),
        }
    }
}

/// The placeholder of a value.
const HIDDEN: &str = "[hidden]";

impl Client {
    /// The names of the app's config vars; their values are not even taken out of the answer.
    #[expect(clippy::zero_sized_map_values, reason = "the values are what is left out")]
    pub fn config_names(&self, app: &AppName) -> Result<Vec<String>> {
        let names: BTreeMap<String, IgnoredAny> = self.get(&path(app.as_ref()), Accept::V3)?;
        Ok(names.into_keys().collect())
    }

    /// The app's config vars, those of its add-ons too.
    pub fn config_vars(&self, app: &str) -> Result<ConfigVars> {
        self.get(&path(app), Accept::V3)
    }

    /// The config vars that a release had.
    pub fn config_vars_of(&self, app: &str, release: &str) -> Result<ConfigVars> {
        self.get(&format!("/apps/{app}/releases/{release}/config-vars"), Accept::V3)
    }
}

/// Sets these config vars of `app`; others stay as they are.
pub fn set_config_vars(app: &AppName, vars: &ConfigVars) -> Change {
    let body: Value = vars.iter().map(|(name, Secret(text))| (name.clone(), text.clone())).collect();
    let shown: Value = vars.keys().map(|name| (name.clone(), HIDDEN)).collect();
    Change::patch(path(app.as_ref()), body).shown_as(shown).outdates([app], Resource::CONFIGURED)
}

fn path(app: &str) -> String {
    format!("/apps/{app}/config-vars")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_be_shown() {
        let vars: ConfigVars = serde_json::from_str(r#"{"SESSION_SECRET":"macbeth"}"#).unwrap();
        assert_eq!(format!("{vars:?}"), r#"{"SESSION_SECRET": [hidden]}"#);
        let error = serde_json::from_str::<ConfigVars>(r#"{"PIN":1606}"#).unwrap_err().to_string();
        assert!(!error.contains("1606"), "{error}");
    }
}
