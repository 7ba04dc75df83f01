//! A request that changes something. A dry run prints the same request that would be sent.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Accept, Client};
use crate::error::Result;

/// A change that can be asked for.
pub struct Change {
    method: Method,
    path: String,
    body: Value,
    /// What a dry run shows in the body's place, where that holds what nobody may see.
    shown: Option<Value>,
}

#[derive(Clone, Copy)]
enum Method {
    Post,
    Put,
    Patch,
}

impl Change {
    /// Makes something.
    pub(super) fn post(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::Post, path: path.into(), body, shown: None }
    }

    /// Sets the whole of something.
    pub(super) fn put(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::Put, path: path.into(), body, shown: None }
    }

    /// Sets parts of something.
    pub(super) fn patch(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::Patch, path: path.into(), body, shown: None }
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

    /// The same, shown with another body.
    pub(super) fn shown_as(self, shown: Value) -> Self {
        Self { shown: Some(shown), ..self }
    }
}

impl Client {
    /// Asks for a change; the answer is what was made, or became of it.
    pub fn change<T: DeserializeOwned>(&self, change: &Change) -> Result<T> {
        let Change { path, body, .. } = change;
        match change.method {
            Method::Post => self.post(path, Accept::V3, body),
            Method::Put => self.put(path, Accept::V3, body),
            Method::Patch => self.patch(path, Accept::V3, body),
        }
    }

    /// The change as a line that can be pasted.
    pub fn describe_change(&self, change: &Change) -> String {
        let method = match change.method {
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
        };
        let body = change.shown.as_ref().unwrap_or(&change.body);
        self.describe(method, &change.path, Accept::V3, Some(body))
    }
}
