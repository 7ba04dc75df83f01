//! A request that changes something. A dry run prints the same request that would be sent.

use std::sync::PoisonError;

use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::http::Method;

use super::{Accept, Client};
use crate::error::Result;
use crate::model::{AppName, Resource};

/// A change that can be asked for.
pub struct Change {
    method: Method,
    path: String,
    accept: Accept,
    body: Value,
    /// What a dry run shows in the body's place, where that holds what nobody may see.
    shown: Option<Value>,
    /// Whether it may be sent again after a fault, although the first one may have been done.
    repeatable: bool,
    /// The apps whose lists of names it makes stale.
    apps: Vec<AppName>,
    /// These lists, and those of the account.
    stale: &'static [Resource],
}

/// A list of names that a change made stale, with its app; an account's list may have none.
pub(super) type StaleList = (Option<AppName>, Resource);

/// A change that does not say yet which lists of names it makes stale.
pub(super) struct Draft(Change);

impl Change {
    /// Makes or does something; sent again only if nothing of it was sent. A body of JSON's `null` is not sent.
    pub(super) fn post(path: impl Into<String>, body: Value) -> Draft {
        Draft::new(Method::POST, path.into(), body, false)
    }

    /// Sets the whole of something, which is safe to repeat.
    pub(super) fn put(path: impl Into<String>, body: Value) -> Draft {
        Draft::new(Method::PUT, path.into(), body, true)
    }

    /// Sets parts of something, which is safe to repeat.
    pub(super) fn patch(path: impl Into<String>, body: Value) -> Draft {
        Draft::new(Method::PATCH, path.into(), body, true)
    }

    /// Removes or restarts something; sent again only if nothing of it was sent.
    pub(super) fn delete(path: impl Into<String>) -> Draft {
        Draft::new(Method::DELETE, path.into(), Value::Null, false)
    }

    /// Where it is asked for.
    #[cfg(test)]
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The body that is sent.
    #[cfg(test)]
    pub(super) fn body(&self) -> &Value {
        &self.body
    }
}

impl Draft {
    fn new(method: Method, path: String, body: Value, repeatable: bool) -> Self {
        let (accept, apps) = (Accept::V3, Vec::new());
        Self(Change { method, path, accept, body, shown: None, repeatable, apps, stale: &[] })
    }

    /// The same in another variant of the API.
    pub(super) fn accept(mut self, accept: Accept) -> Self {
        self.0.accept = accept;
        self
    }

    /// The same, never repeated: a repetition that arrives late would undo what was done since.
    pub(super) fn once(mut self) -> Self {
        self.0.repeatable = false;
        self
    }

    /// The same, safe to repeat: what it makes costs nothing and ends by itself.
    pub(super) fn repeatable(mut self) -> Self {
        self.0.repeatable = true;
        self
    }

    /// The same, shown with another body.
    pub(super) fn shown_as(mut self, shown: Value) -> Self {
        self.0.shown = Some(shown);
        self
    }

    /// It makes these lists of the apps stale. Lists of the account need no app.
    pub(super) fn outdates<'a>(
        self,
        apps: impl IntoIterator<Item = &'a AppName>,
        stale: &'static [Resource],
    ) -> Change {
        Change { apps: apps.into_iter().cloned().collect(), stale, ..self.0 }
    }

    /// It changes no names.
    pub(super) fn outdates_nothing(self) -> Change {
        self.0
    }
}

impl Client {
    /// Asks for a change; the answer is what was made, or became of it.
    ///
    /// Whether it fails or not, the lists of names that it makes stale are noted: it may have been done all the same.
    pub fn change<T: DeserializeOwned>(&self, change: &Change) -> Result<T> {
        let Change { method, path, accept, body, repeatable, .. } = change;
        self.note_stale(&change.apps, change.stale);
        self.submit(method.clone(), path, *accept, body, *repeatable)
    }

    /// Notes that these lists of the apps are stale, after a change that is no request of this client: a push by git.
    pub fn note_stale(&self, apps: &[AppName], resources: &'static [Resource]) {
        let mut stale = self.stale.lock().unwrap_or_else(PoisonError::into_inner);
        let apps: Vec<Option<&AppName>> =
            if apps.is_empty() { vec![None] } else { apps.iter().map(Some).collect() };
        for app in apps {
            stale.extend(resources.iter().map(|resource| (app.cloned(), *resource)));
        }
    }

    /// Takes the lists that were noted as stale.
    pub fn take_stale(&self) -> Vec<StaleList> {
        std::mem::take(&mut self.stale.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The change as a line that can be pasted.
    pub fn describe_change(&self, change: &Change) -> String {
        let body = change.shown.as_ref().unwrap_or(&change.body);
        self.describe(change.method.as_str(), &change.path, change.accept, Some(body))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::transport::test_server::{Server, answer};
    use super::*;

    #[test]
    fn what_a_change_makes_stale_is_noted_once_it_is_sent() {
        let server = Server::answering([answer(422, "", "{}"), answer(200, "", "{}")]);
        let client = server.client();
        let app: AppName = "playhouse".parse().unwrap();
        let change = Change::post("/apps/playhouse/dynos", json!(1)).outdates([&app], Resource::RESTARTED);
        client.describe_change(&change);
        assert!(client.take_stale().is_empty(), "a dry run changes nothing");
        client.change::<Value>(&change).unwrap_err();
        assert_eq!(client.take_stale(), [(Some(app), Resource::Dynos)], "it may have been done");
        client.change::<Value>(&Change::post("/apps", json!(1)).outdates([], &[Resource::Apps])).unwrap();
        assert_eq!(client.take_stale(), [(None, Resource::Apps)]);
        assert!(client.take_stale().is_empty());
    }
}
