//! Headers that every API request carries.

use std::collections::BTreeMap;

use ureq::http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use ureq::http::{HeaderMap, HeaderName, HeaderValue};

use super::Lookup;
use super::retry::random;
use crate::error::{Context, Error, Kind, Result};

/// The headers in `HEROKU_HEADERS`, a JSON object of strings that the official CLI merges into its requests.
///
/// What decides who is asked and how the body is read cannot be set: it is left out. Anything but such an object is
/// exit 2.
pub(super) fn extra(env: Lookup) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    let Some(json) = env("HEROKU_HEADERS").filter(|json| !json.is_empty()) else {
        return Ok(headers);
    };
    let invalid = "HEROKU_HEADERS is not a JSON object of strings";
    let fields: BTreeMap<String, String> = serde_json::from_slice(json.as_encoded_bytes())
        .context(|| invalid)
        .map_err(|error| error.kind_of(Kind::Usage).hint(r#"HEROKU_HEADERS='{"X-Name":"value"}'"#))?;
    for (name, value) in fields {
        let (Ok(header), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) else {
            return Err(Error::usage(format!("HEROKU_HEADERS: `{name}` cannot be sent as a header")));
        };
        if ![AUTHORIZATION, HOST, CONTENT_LENGTH, TRANSFER_ENCODING].contains(&header) {
            headers.insert(header, value);
        }
    }
    Ok(headers)
}

/// A fresh version 4 UUID: the `Request-Id` under which Heroku's logs know the request.
pub(super) fn request_id() -> String {
    let (a, b) = (random(), random());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        a >> 32,
        (a >> 16) & 0xffff,
        a & 0xfff,
        0x8000 | (b >> 50),
        b & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_headers_cannot_replace_the_token_or_the_host() {
        let json = r#"{"X-Test":"1","authorization":"Bearer other","Host":"evil.org"}"#;
        let headers = extra(&|_| Some(json.into())).unwrap();
        assert_eq!(headers.len(), 1);
        assert_eq!(headers["x-test"], "1");
    }

    #[test]
    fn what_is_not_an_object_of_strings_is_a_usage_error() {
        for json in ["{", "[]", r#"{"X":1}"#, r#"{"a b":"1"}"#, r#"{"X":"a\nb"}"#] {
            assert_eq!(extra(&|_| Some(json.into())).unwrap_err().kind(), Kind::Usage, "{json}");
        }
        assert!(extra(&|_| None).unwrap().is_empty());
    }

    #[test]
    fn request_ids_are_version_4_uuids_and_differ() {
        let id = request_id();
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
        assert!(id.chars().all(|c| c == '-' || c.is_ascii_hexdigit()));
        assert_eq!(&id[14..15], "4");
        assert!("89ab".contains(&id[19..20]), "{id}");
        assert_ne!(id, request_id());
    }
}
