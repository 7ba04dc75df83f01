//! The release that a command is about: the one that was named, or the newest.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::heroku::Client;
use crate::model::AppName;

/// Reads `v12`, `12` or an id, as the Heroku CLI does; `current` is the newest.
pub fn release_id(text: &str) -> Result<String, String> {
    let text = text.to_ascii_lowercase();
    let id = text.strip_prefix('v').unwrap_or(&text);
    let fits = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if fits { Ok(id.to_owned()) } else { Err("expected a version, such as v12, or an id".to_owned()) }
}

/// The release of this id, as the JSON that the API sent; without an id the newest, whatever its status.
pub fn newest_or(client: &Client, app: &AppName, id: Option<&str>) -> Result<Value> {
    if let Some(id) = id.filter(|id| *id != "current") {
        return client.release_as_told(app.as_ref(), id);
    }
    let newest = client.releases_as_told(app.as_ref(), 1)?.pop();
    newest.ok_or_else(|| Error::failed(format!("{app} has no releases")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_has_a_version_or_an_id() {
        let ids = ["v12", "V12", "12", "current"].map(|text| release_id(text).unwrap());
        assert_eq!(ids, ["12", "12", "12", "current"]);
        assert!(release_id("01234567-89AB-cdef-0123-456789abcdef").is_ok());
        for wrong in ["", "v", "../config-vars", "12?x", "v1 2"] {
            assert!(release_id(wrong).is_err(), "{wrong}");
        }
    }
}
