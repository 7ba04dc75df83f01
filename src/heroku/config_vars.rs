//! Config vars: their names may be shown, their values only by a command whose purpose that is.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::change::Change;
use super::{Accept, Client};
use crate::error::Result;
use crate::model::{AppName, Resource};

/// An app's config vars, by name.
pub type ConfigVars = BTreeMap<String, Secret>;

/// Config vars to change, by name: to set where there is a value, to unset where there is none.
pub type ConfigChanges = BTreeMap<String, Option<Secret>>;

/// An app's config vars in the order of Heroku's answer, in which the Heroku CLI prints them.
#[derive(Debug, Default)]
pub struct OrderedConfigVars(pub Vec<(String, Secret)>);

impl OrderedConfigVars {
    /// The value of one.
    pub fn get(&self, name: &str) -> Option<&Secret> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

impl<'de> Deserialize<'de> for OrderedConfigVars {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = OrderedConfigVars;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("config vars")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut vars = Vec::new();
        while let Some(entry) = map.next_entry()? {
            vars.push(entry);
        }
        Ok(OrderedConfigVars(vars))
    }
}

/// The value of a config var. It can be compared and sent to Heroku, but not shown by accident: it has no `Display`, its
/// `Debug` hides it, and it cannot be serialized.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A value that a person gave.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for a command that is there to print it or to write it to the person's file.
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
pub const HIDDEN: &str = "[hidden]";

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

    /// The same in the order of Heroku's answer.
    pub fn config_vars_in_order(&self, app: &AppName) -> Result<OrderedConfigVars> {
        self.get(&path(app.as_ref()), Accept::V3)
    }

    /// The config vars that the pipeline gives to new review apps.
    pub fn review_config_vars(&self, pipeline: &str) -> Result<OrderedConfigVars> {
        self.get(&review_path(pipeline), Accept::V3)
    }

    /// The config vars that a release had.
    pub fn config_vars_of(&self, app: &str, release: &str) -> Result<ConfigVars> {
        self.get(&format!("/apps/{app}/releases/{release}/config-vars"), Accept::V3)
    }
}

/// Sets these config vars of `app`; others stay as they are.
pub fn set_config_vars(app: &AppName, vars: &ConfigVars) -> Change {
    let changes = vars.iter().map(|(name, value)| (name.clone(), Some(value.clone()))).collect();
    change_config_vars(app, &changes)
}

/// Changes these config vars of `app`; others stay as they are. The answer is [`OrderedConfigVars`].
pub fn change_config_vars(app: &AppName, changes: &ConfigChanges) -> Change {
    Change::patch(path(app.as_ref()), body(changes, Secret::reveal))
        .shown_as(body(changes, |_| HIDDEN))
        .outdates([app], Resource::CONFIGURED)
}

/// Changes these config vars that the pipeline gives to new review apps; others stay as they are.
pub fn change_review_config_vars(pipeline: &str, changes: &ConfigChanges) -> Change {
    Change::patch(review_path(pipeline), body(changes, Secret::reveal))
        .shown_as(body(changes, |_| HIDDEN))
        .outdates_nothing()
}

fn body(changes: &ConfigChanges, text: fn(&Secret) -> &str) -> Value {
    changes.iter().map(|(name, value)| (name.clone(), value.as_ref().map(text))).collect()
}

fn review_path(pipeline: &str) -> String {
    format!("/pipelines/{pipeline}/stage/review/config-vars")
}

fn path(app: &str) -> String {
    format!("/apps/{app}/config-vars")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_shown_without_values() {
        let changes = [("PIN".to_owned(), Some(Secret::new("1606"))), ("OLD".to_owned(), None)].into();
        let change = change_config_vars(&"playhouse".parse().unwrap(), &changes);
        assert_eq!(change.body(), &serde_json::json!({ "PIN": "1606", "OLD": null }));
        assert_eq!(change.path(), "/apps/playhouse/config-vars");
    }

    #[test]
    fn an_answer_keeps_its_order() {
        let vars: OrderedConfigVars = serde_json::from_str(r#"{"B":"1","A":"2"}"#).unwrap();
        assert_eq!(vars.0.iter().map(|(name, _)| &**name).collect::<String>(), "BA");
        assert_eq!(vars.get("A"), Some(&Secret::new("2")));
        assert!(serde_json::from_str::<OrderedConfigVars>(r#"{"A":null}"#).is_err());
    }

    #[test]
    fn a_value_cannot_be_shown() {
        let vars: ConfigVars = serde_json::from_str(r#"{"SESSION_SECRET":"macbeth"}"#).unwrap();
        assert_eq!(format!("{vars:?}"), r#"{"SESSION_SECRET": [hidden]}"#);
        let error = serde_json::from_str::<ConfigVars>(r#"{"PIN":1606}"#).unwrap_err().to_string();
        assert!(!error.contains("1606"), "{error}");
    }
}
