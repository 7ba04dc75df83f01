//! A request as the routes see it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hyper::http::request::Parts;
use serde_json::Value;

/// Method, path, headers and JSON of one request.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    /// By lower-case name.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
}

impl Call {
    pub(crate) fn new(parts: &Parts, body: &[u8]) -> Self {
        let mut headers = BTreeMap::<String, String>::new();
        for (name, value) in &parts.headers {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            let held = headers.entry(name.as_str().to_owned()).or_default();
            *held = if held.is_empty() { value } else { format!("{held}, {value}") };
        }
        Self {
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers,
            body: serde_json::from_slice(body).unwrap_or(Value::Null),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The path without its slashes, decoded.
    pub(crate) fn segments(&self) -> Vec<String> {
        self.path.split('/').filter(|segment| !segment.is_empty()).map(decode).collect()
    }

    /// The value of a query parameter, both decoded.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| decode(key) == name).map(|(_, value)| decode(value))
    }

    /// Whether the `Accept` header selects version 3 of the API, in any variant (`docs/heroku.md#requests`).
    pub(crate) fn speaks_version_3(&self) -> bool {
        self.header("accept")
            .is_some_and(|accept| accept.starts_with("application/vnd.heroku+json; version=3"))
    }

    /// Whether the `Accept` header selects the variant `3.sdk`.
    pub(crate) fn sdk(&self) -> bool {
        self.header("accept").is_some_and(|accept| accept.contains("version=3.sdk"))
    }

    pub(crate) fn wants_events(&self) -> bool {
        self.header("accept").is_some_and(|accept| accept.contains("text/event-stream"))
    }

    /// Whether the token is sent as `Bearer`.
    pub(crate) fn bears(&self, token: &str) -> bool {
        self.header("authorization").and_then(|value| value.strip_prefix("Bearer ")) == Some(token)
    }

    /// Whether the token is sent as the password of `Basic` with any user name, as git does.
    pub(crate) fn has_password(&self, token: &str) -> bool {
        let encoded = self.header("authorization").and_then(|value| value.strip_prefix("Basic "));
        let decoded = encoded.and_then(|encoded| BASE64_STANDARD.decode(encoded).ok());
        decoded.is_some_and(|pair| pair.splitn(2, |byte| *byte == b':').nth(1) == Some(token.as_bytes()))
    }
}

fn decode(word: &str) -> String {
    let word = word.replace('+', " ");
    let mut bytes = Vec::new();
    let mut rest = word.as_bytes();
    while let [byte, tail @ ..] = rest {
        let code = tail.get(..2).and_then(|pair| str::from_utf8(pair).ok());
        let code = code.filter(|_| *byte == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(code.unwrap_or(*byte));
        rest = if code.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn percent_encoding_is_decoded() {
        assert_eq!(decode("eq%5Bname%5D"), "eq[name]");
        assert_eq!(decode("100%25+%zz%4"), "100% %zz%4");
    }
}
