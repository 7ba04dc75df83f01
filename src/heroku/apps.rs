//! Apps.

use serde::{Deserialize, Deserializer};

use super::{Accept, AppName, Client};
use crate::error::Result;

/// An app, as far as it matters here.
#[derive(Clone, Debug, Deserialize)]
pub struct App {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: AppName,
    /// `cedar` or `fir`.
    #[serde(default, deserialize_with = "generation")]
    pub generation: String,
    /// What it is built on, such as `heroku-24` or `container`.
    pub stack: Option<Stack>,
    /// The team that owns it.
    pub team: Option<Team>,
}

/// What an app is built on.
#[derive(Clone, Debug, Deserialize)]
pub struct Stack {
    /// Its name.
    pub name: String,
}

/// A team.
#[derive(Clone, Debug, Deserialize)]
pub struct Team {
    /// Its name.
    pub name: String,
}

impl App {
    /// Whether it runs images, not slugs.
    pub fn is_container(&self) -> bool {
        self.stack.as_ref().is_some_and(|stack| stack.name == "container")
    }

    /// Whether it is of the generation that native code does not cover.
    pub fn is_fir(&self) -> bool {
        self.generation == "fir"
    }
}

impl Client {
    /// The app of this name or id.
    pub fn app(&self, name: &str) -> Result<App> {
        self.get(&path(name), Accept::Sdk)
    }

    /// The same where it can be done without: asked for once.
    pub(super) fn glance_at_app(&self, name: &str) -> Option<App> {
        self.glance(&path(name), Accept::Sdk)
    }

    /// The request for an app as a line that can be pasted.
    pub(super) fn describe_app(&self, name: &str) -> String {
        self.describe::<()>("GET", &path(name), Accept::Sdk, None)
    }
}

fn path(name: &str) -> String {
    format!("/apps/{name}")
}

/// The variant `3.sdk` says it as a text, plain `3` as an object with a name.
fn generation<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Object { name: String },
        Nothing(()),
    }
    Ok(match Either::deserialize(deserializer)? {
        Either::Text(name) | Either::Object { name } => name,
        Either::Nothing(()) => String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generation_has_two_forms() {
        let is_fir = |rest: &str| {
            let json = format!(r#"{{"id":"1","name":"playhouse","stack":null,"team":null{rest}}}"#);
            serde_json::from_str::<App>(&json).unwrap().is_fir()
        };
        assert!(is_fir(r#","generation":"fir""#));
        assert!(is_fir(r#","generation":{"id":"x","name":"fir"}"#));
        assert!(!is_fir(r#","generation":"cedar""#));
        assert!(!is_fir(r#","generation":null"#));
        assert!(!is_fir(""));
    }
}
