//! Recorded requests and answers, for assertions.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// One request and its answer. Requests to the panel (`/_rehearsal/…`) are not recorded.
#[derive(Clone, Debug, Serialize)]
pub struct Exchange {
    /// The HTTP method.
    pub method: String,
    /// Path and query, as sent.
    pub path: String,
    /// Request headers by lower-case name; the value of `authorization` is kept as `[present]`.
    pub headers: BTreeMap<String, String>,
    /// The request's JSON, or null.
    pub body: Value,
    /// The status; 0 while there is no answer (a hanging or reset request keeps it).
    pub status: u16,
    /// Response headers by lower-case name.
    pub answer_headers: BTreeMap<String, String>,
    /// The answer's JSON; null when it is none, as for streams and git.
    pub answer: Value,
}

impl Exchange {
    /// `GET /apps/x`: method and path without the query.
    pub fn line(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method)
    }
}
