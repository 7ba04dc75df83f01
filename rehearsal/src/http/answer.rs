//! Answers of the Platform API: a status, JSON and a few headers. Errors are `{id, message}` (`docs/heroku.md#errors`);
//! the official CLI prints any other body raw.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Value, json};

use crate::http::call::Call;

/// An answer before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) headers: Vec<(String, String)>,
}

/// A route's result. Errors are answers as well, so that a failed look-up can be returned with `?`.
pub(crate) type Outcome = Result<Answer, Answer>;

impl Answer {
    pub(crate) fn new(status: u16, body: Value) -> Self {
        Self { status, body, headers: Vec::new() }
    }

    pub(crate) fn ok(body: Value) -> Self {
        Self::new(200, body)
    }

    pub(crate) fn created(body: Value) -> Self {
        Self::new(201, body)
    }

    /// The answer to restarts and stops.
    pub(crate) fn accepted() -> Self {
        Self::new(202, json!({}))
    }

    pub(crate) fn error(status: u16, id: &str, message: &str) -> Self {
        Self::new(status, json!({ "id": id, "message": message }))
    }

    /// 404 for a resource in Heroku's words: `app`, `pipeline coupling`.
    pub(crate) fn missing(resource: &str) -> Self {
        let message = format!("Couldn't find that {resource}.");
        Self::new(
            404,
            json!({ "id": "not_found", "message": message, "resource": resource.replace(' ', "_") }),
        )
    }

    /// 404 for a request that Heroku may support and this server does not.
    pub(crate) fn unplayed(call: &Call) -> Self {
        let message = format!("The rehearsal does not play {} {}.", call.method, call.path);
        Self::error(404, "not_found", &message)
    }

    pub(crate) fn invalid(message: &str) -> Self {
        Self::error(422, "invalid_params", message)
    }

    /// The API's usual error for a status.
    pub(crate) fn usual(status: u16) -> Self {
        let (id, message) = match status {
            400 => ("bad_request", "Unable to parse the JSON request body."),
            401 => ("unauthorized", "Invalid credentials provided."),
            402 => ("delinquent", "Your account is delinquent."),
            403 => ("forbidden", "You do not have access to that resource."),
            404 => ("not_found", "The requested API endpoint was not found."),
            406 => (
                "not_acceptable",
                "For HTTP requests to this endpoint, specify version 3 in the Accept header.",
            ),
            409 => ("conflict", "The resource is in a state that does not allow this."),
            410 => ("gone", "The resource has been removed."),
            416 => ("requested_range_not_satisfiable", "The requested range cannot be satisfied."),
            422 => ("invalid_params", "The request was well-formed but its parameters were not."),
            429 => {
                return Self::new(
                    429,
                    json!({
                        "id": "rate_limit",
                        "message": "Your account reached the API rate limit\nPlease wait a few minutes before making new requests",
                        "url": "https://devcenter.heroku.com/articles/platform-api-reference#rate-limits",
                    }),
                );
            }
            503 => ("service_unavailable", "The service is temporarily unavailable."),
            _ => ("internal_server_error", "Internal server error."),
        };
        Self::error(status, id, message)
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The entity tag of the body.
    pub(crate) fn etag(&self) -> String {
        let mut hasher = DefaultHasher::new();
        self.body.to_string().hash(&mut hasher);
        format!("\"{:016x}\"", hasher.finish())
    }
}
