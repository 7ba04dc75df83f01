//! Log drains.

use serde::Deserialize;

use super::transport::Origin;
use super::{Accept, Client};
use crate::error::Result;
use crate::model::AppName;

/// A log drain. Its URL may hold a secret, so that only its host can be told.
#[derive(Clone, Deserialize)]
pub struct Drain {
    /// Its id.
    pub id: String,
    url: String,
}

impl Drain {
    /// The host that gets the log lines.
    pub fn host(&self) -> String {
        host(&self.url)
    }
}

/// The host of a URL of any scheme, without the user and password that may stand before it.
pub(super) fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    Origin::of_url(&format!("https://{host}")).map_or_else(String::new, |origin| origin.host().to_owned())
}

impl Client {
    /// The app's log drains.
    pub fn drains(&self, app: &AppName) -> Result<Vec<Drain>> {
        self.list(&format!("/apps/{app}/log-drains"), Accept::V3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_host_is_told() {
        for url in [
            "https://user:p4ss@logs.example.com:6514/p4ss?key=p4ss#p4ss",
            "syslog+tls://logs.example.com:6514",
            "https://a@p4ss@logs.example.com",
            "logs.example.com",
        ] {
            assert_eq!(host(url), "logs.example.com", "{url}");
        }
        assert_eq!(host("https://p4ss:p4ss"), "");
        assert_eq!(host(""), "");
    }
}
