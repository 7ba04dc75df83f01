//! Which hosts are Heroku's: the rule that decides where the token may go.

use std::fmt;

use ureq::http::Uri;

use super::Lookup;
use crate::error::{Error, Result};
use crate::hint::Hint;

/// The domains that the official CLI accepts in `HEROKU_HOST`. It also accepts what merely contains
/// `localhost` or `127.0.0.1`, and falls back to heroku.com for the rest; neither is done here.
const DOMAINS: [&str; 4] = ["heroku.com", "herokai.com", "herokuspace.com", "herokudev.com"];

const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// A scheme, a host and a port: what a token is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::heroku) struct Origin {
    tls: bool,
    host: String,
    port: u16,
}

impl Origin {
    /// The API's origin, as `HEROKU_HOST` names it: a domain `d` means `https://api.d`, of a URL everything behind
    /// the port is dropped, and unset means `https://api.heroku.com`.
    ///
    /// Anything but a Heroku host over https, or a loopback one, is exit 2: the token goes nowhere else.
    pub(in crate::heroku) fn of_api(env: Lookup) -> Result<Self> {
        let Some(value) = env("HEROKU_HOST").filter(|value| !value.is_empty()) else {
            return Ok(Self { tls: true, host: "api.heroku.com".to_owned(), port: 443 });
        };
        let value = value.to_string_lossy().into_owned();
        let url = if has_scheme(&value) { value.clone() } else { format!("https://api.{value}") };
        match Self::of_url(&url) {
            Some(origin) if origin.may_hold_token() => Ok(origin),
            _ => Err(Error::usage(format!("HEROKU_HOST is `{value}`, which is not a host of Heroku's"))
                .hint(Hint::text(format!(
                    "allowed are {} and hosts below them, over https",
                    DOMAINS.join(", ")
                )))
                .hint("allowed is a loopback URL, such as HEROKU_HOST=http://127.0.0.1:5055")),
        }
    }

    /// Where the data API is that belongs to this API: `HEROKU_DATA_HOST`, else `HEROKU_POSTGRESQL_HOST`, else
    /// `api.data.heroku.com`, with the scheme and the port of this one. The token must be able to go there.
    pub(in crate::heroku) fn of_data(&self, env: Lookup) -> Result<Self> {
        let named = ["HEROKU_DATA_HOST", "HEROKU_POSTGRESQL_HOST"]
            .into_iter()
            .find_map(|name| Some((name, env(name).filter(|host| !host.is_empty())?)));
        let host = named.as_ref().map_or("api.data.heroku.com".into(), |(_, host)| host.to_string_lossy());
        let scheme = if self.tls { "https" } else { "http" };
        let origin = Self::of_url(&format!("{scheme}://{host}:{}", self.port));
        origin.filter(Self::may_hold_token).ok_or_else(|| {
            let name = named.as_ref().map_or("HEROKU_DATA_HOST", |(name, _)| name);
            Error::usage(format!("the data API would be at {scheme}://{host}, which the token may not go to"))
                .hint(Hint::script("{}={}", [[name], [self.host.as_str()]]).note("is the host alone"))
        })
    }

    /// The origin of an absolute http or https URL; none for another URL, or one with a user or password in it.
    pub(in crate::heroku) fn of_url(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let tls = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let authority = uri.authority()?;
        if authority.as_str().contains('@') {
            return None;
        }
        // An authority may end in `:`; a port that is no number makes `port_u16` silent, and is refused here.
        let after_host = authority.as_str().get(authority.host().len()..)?;
        if authority.host().is_empty() || (after_host.len() > 1 && authority.port_u16().is_none()) {
            return None;
        }
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        Some(Self { tls, host: authority.host().to_ascii_lowercase(), port })
    }

    /// Whether this is this machine, by the three names that cannot be anything else.
    pub(in crate::heroku) fn is_loopback(&self) -> bool {
        LOOPBACK.contains(&self.host.as_str())
    }

    /// Whether a URL that the platform handed out may be opened: over TLS, or on loopback if the API is there too.
    pub(in crate::heroku) fn may_hand_out(&self, target: &Self) -> bool {
        target.tls || (self.is_loopback() && target.is_loopback())
    }

    /// Whether the token may be sent here.
    pub(in crate::heroku) fn may_hold_token(&self) -> bool {
        let heroku = DOMAINS.iter().any(|domain| {
            self.host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        });
        (heroku && self.tls) || self.is_loopback()
    }

    /// The host alone, as a person knows it.
    pub(in crate::heroku) fn host(&self) -> &str {
        &self.host
    }

    /// The machine that stands for this origin in a netrc file: the host, with the port if it is loopback's.
    pub(in crate::heroku) fn machine(&self) -> String {
        if self.is_loopback() && !self.has_default_port() {
            format!("{}:{}", self.host, self.port)
        } else {
            self.host.clone()
        }
    }

    fn has_default_port(&self) -> bool {
        self.port == if self.tls { 443 } else { 80 }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.tls { "https" } else { "http" }, self.host)?;
        if self.has_default_port() { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// Whether a value is meant as a URL; everything else in `HEROKU_HOST` is a domain.
fn has_scheme(value: &str) -> bool {
    value.contains("://")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::Kind;

    fn api(value: &str) -> Result<String> {
        let value = value.to_owned();
        Origin::of_api(&move |_| Some(value.clone().into())).map(|origin| origin.to_string())
    }

    #[test]
    fn heroku_and_loopback_are_allowed() {
        assert_eq!(Origin::of_api(&|_| None).unwrap().to_string(), "https://api.heroku.com");
        for (value, url) in [
            ("", "https://api.heroku.com"),
            ("heroku.com", "https://api.heroku.com"),
            ("staging.herokudev.com", "https://api.staging.herokudev.com"),
            ("https://API.Heroku.com/base?x=1", "https://api.heroku.com"),
            ("https://api.herokai.com:8443", "https://api.herokai.com:8443"),
            ("http://127.0.0.1:5055/base", "http://127.0.0.1:5055"),
            ("http://localhost:5055", "http://localhost:5055"),
            ("https://[::1]:5055", "https://[::1]:5055"),
        ] {
            assert_eq!(api(value).unwrap(), url, "{value}");
        }
    }

    #[test]
    fn everything_else_is_a_usage_error_that_names_the_value() {
        for value in [
            "evilheroku.com",
            "https://evilheroku.com",
            "http://api.heroku.com",
            "https://heroku.com.evil.org",
            "https://evil.org/.heroku.com",
            "https://api.heroku.com@evil.org",
            "https://user:word@api.heroku.com",
            "http://localhost.evil.org",
            "http://127.0.0.1.evil.org",
            "http://evil.org#127.0.0.1",
            "https://evil.org\\.heroku.com",
            "https://api.heroku.com:port",
            "127.0.0.1:5055",
            "ftp://api.heroku.com",
            "https://",
            "\u{202e}heroku.com",
        ] {
            let error = api(value).unwrap_err();
            assert_eq!(error.kind(), Kind::Usage, "{value}");
            assert!(error.to_string().contains(value), "{error}");
        }
    }

    #[test]
    fn the_machine_of_a_loopback_origin_has_its_port() {
        assert_eq!(Origin::of_url("http://127.0.0.1:5055/").unwrap().machine(), "127.0.0.1:5055");
        assert_eq!(Origin::of_url("https://api.heroku.com").unwrap().machine(), "api.heroku.com");
    }

    #[test]
    fn only_a_loopback_api_hands_out_plain_loopback_urls() {
        let api = Origin::of_url("https://api.heroku.com").unwrap();
        let local = Origin::of_url("http://127.0.0.1:1").unwrap();
        assert!(!api.may_hand_out(&local));
        assert!(local.may_hand_out(&Origin::of_url("http://localhost:2/x").unwrap()));
        assert!(!local.may_hand_out(&Origin::of_url("http://logs.heroku.com/x").unwrap()));
        assert!(api.may_hand_out(&Origin::of_url("https://logs.example.com/x").unwrap()));
    }

    #[test]
    fn the_data_api_has_another_host_and_nothing_else_of_its_own() {
        let data = |api: &str, variables: &[(&str, &str)]| {
            let env = |name: &str| {
                let found = variables.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, value)| std::ffi::OsString::from(value))
            };
            Origin::of_url(api).unwrap().of_data(&env).map(|origin| origin.to_string())
        };
        let heroku = "https://api.heroku.com";
        assert_eq!(data(heroku, &[]).unwrap(), "https://api.data.heroku.com");
        let staging = [("HEROKU_POSTGRESQL_HOST", "data.herokudev.com")];
        assert_eq!(data(heroku, &staging).unwrap(), "https://data.herokudev.com");
        let both = [("HEROKU_DATA_HOST", "localhost"), ("HEROKU_POSTGRESQL_HOST", "evil.example.com")];
        assert_eq!(data("http://127.0.0.1:5055", &both).unwrap(), "http://localhost:5055");
        // Plain HTTP to a host that is not this one.
        assert_eq!(data("http://127.0.0.1:5055", &[]).unwrap_err().kind(), Kind::Usage);
        for host in ["evil.example.com", "127.0.0.1:80", "a@api.data.heroku.com", " "] {
            assert_eq!(
                data(heroku, &[("HEROKU_DATA_HOST", host)]).unwrap_err().kind(),
                Kind::Usage,
                "{host}"
            );
        }
    }

    proptest! {
        #[test]
        fn an_allowed_host_is_heroku_over_tls_or_loopback(value in "(https?://)?[a-z0-9.:@/\\[\\]#?-]{0,24}(heroku\\.com|localhost|127\\.0\\.0\\.1)?[a-z0-9.:@/-]{0,12}") {
            if let Ok(url) = api(&value) {
                let uri: Uri = url.parse().unwrap();
                let host = uri.host().unwrap();
                let heroku = DOMAINS.iter().any(|d| host == *d || host.ends_with(&format!(".{d}")));
                prop_assert!(LOOPBACK.contains(&host) || (heroku && uri.scheme_str() == Some("https")), "{} -> {}", value, url);
            }
        }

        #[test]
        fn any_value_is_answered_without_panic(value in any::<String>()) {
            let _ = api(&value);
        }
    }
}
