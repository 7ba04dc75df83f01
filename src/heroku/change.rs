//! A request that changes something. A dry run prints the same request that would be sent.

use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::http::Method;

use super::{Accept, Client};
use crate::error::Result;

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
}

impl Change {
    /// Makes or does something; sent again only if nothing of it was sent. A body of JSON's `null` is not sent.
    pub(super) fn post(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::POST, path.into(), body, false)
    }

    /// Sets the whole of something, which is safe to repeat.
    pub(super) fn put(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::PUT, path.into(), body, true)
    }

    /// Sets parts of something, which is safe to repeat.
    pub(super) fn patch(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::PATCH, path.into(), body, true)
    }

    /// Removes or restarts something; sent again only if nothing of it was sent.
    pub(super) fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path.into(), Value::Null, false)
    }

    fn new(method: Method, path: String, body: Value, repeatable: bool) -> Self {
        Self { method, path, accept: Accept::V3, body, shown: None, repeatable }
    }

    /// The same in another variant of the API.
    pub(super) fn accept(self, accept: Accept) -> Self {
        Self { accept, ..self }
    }

    /// The same, never repeated: a repetition that arrives late would undo what was done since.
    pub(super) fn once(self) -> Self {
        Self { repeatable: false, ..self }
    }

    /// The same, shown with another body.
    pub(super) fn shown_as(self, shown: Value) -> Self {
        Self { shown: Some(shown), ..self }
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

impl Client {
    /// Asks for a change; the answer is what was made, or became of it.
    pub fn change<T: DeserializeOwned>(&self, change: &Change) -> Result<T> {
        let Change { method, path, accept, body, repeatable, .. } = change;
        self.submit(method.clone(), path, *accept, body, *repeatable)
    }

    /// The change as a line that can be pasted.
    pub fn describe_change(&self, change: &Change) -> String {
        let body = change.shown.as_ref().unwrap_or(&change.body);
        self.describe(change.method.as_str(), &change.path, change.accept, Some(body))
    }
}
