//! A database in one line: `postgres://USER:PASSWORD@HOST:PORT/NAME?sslmode=require`, as libpq and the frameworks read it.

use std::fmt::{self, Display};
use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::heroku::Secret;

/// The schemes: libpq's own, those of adapters for `PostGIS`, Ecto's, Laravel's. A driver may follow, as in `postgresql+psycopg`.
const SCHEMES: [&str; 5] = ["postgres", "postgresql", "postgis", "ecto", "pgsql"];

/// The parameters that are libpq's and say how a connection is made, and the variable of each. Those of frameworks, such
/// as Prisma's `schema` and Rails' `pool`, mean nothing to PostgreSQL's programs.
pub const PARAMETERS: [(&str, &str); 11] = [
    ("channel_binding", "PGCHANNELBINDING"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
    ("gssencmode", "PGGSSENCMODE"),
    ("krbsrvname", "PGKRBSRVNAME"),
    ("requirepeer", "PGREQUIREPEER"),
    ("sslcert", "PGSSLCERT"),
    ("sslcrl", "PGSSLCRL"),
    ("sslkey", "PGSSLKEY"),
    ("sslmode", "PGSSLMODE"),
    ("sslnegotiation", "PGSSLNEGOTIATION"),
    ("sslrootcert", "PGSSLROOTCERT"),
];

/// What would lead to another server than the one that the URL names.
const REDIRECTS: [&str; 4] = ["hostaddr", "passfile", "service", "servicefile"];

/// A database's URL. Neither `Debug` nor `Display` has the password.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostgresUrl {
    /// The host's name or address, or the folder of its socket; none is libpq's default.
    pub host: Option<String>,
    /// The port.
    pub port: Option<u16>,
    /// The role.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<Secret>,
    /// The database's name.
    pub name: Option<String>,
    /// The parameters of [`PARAMETERS`], in their order.
    pub parameters: Vec<(String, String)>,
}

/// Why a text is not the URL of a database. It has nothing of the text, which may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadUrl(&'static str);

impl Display for BadUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for BadUrl {}

/// Whether a text is meant to be a URL rather than a name.
pub fn is_url(text: &str) -> bool {
    text.contains("://")
}

impl FromStr for PostgresUrl {
    type Err = BadUrl;

    fn from_str(text: &str) -> Result<Self, BadUrl> {
        let (scheme, rest) = text.trim().split_once("://").ok_or(BadUrl("it is not a URL"))?;
        let scheme = scheme.split_once('+').map_or(scheme, |(scheme, _)| scheme).to_ascii_lowercase();
        if !SCHEMES.contains(&scheme.as_str()) {
            return Err(BadUrl("it is not the URL of a PostgreSQL database"));
        }
        let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
        let (authority, name) =
            rest.split_once('/').map_or((rest, ""), |(authority, name)| (authority, name));
        let mut url = Self { name: filled(decoded(name)?), ..Self::default() };
        url.read_authority(authority)?;
        for pair in query.into_iter().flat_map(|query| query.split('&')).filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            url.set(&decoded(key)?, decoded(value)?)?;
        }
        url.parameters.sort();
        Ok(url)
    }
}

impl PostgresUrl {
    fn read_authority(&mut self, authority: &str) -> Result<(), BadUrl> {
        // A password may have an @ that nobody encoded; a host cannot.
        let (person, server) =
            authority.rsplit_once('@').map_or((None, authority), |(person, server)| (Some(person), server));
        if let Some(person) = person {
            let (user, password) = person.split_once(':').map_or((person, None), |(u, p)| (u, Some(p)));
            self.user = filled(decoded(user)?);
            self.password = password.map(decoded).transpose()?.and_then(filled).map(Secret::new);
        }
        if server.contains(',') {
            return Err(BadUrl("it names several hosts"));
        }
        let (host, port) = match server.strip_prefix('[').map(|rest| rest.split_once(']')) {
            Some(Some((host, rest))) => (host, rest.strip_prefix(':').unwrap_or(rest)),
            Some(None) => return Err(BadUrl("its host has no ]")),
            None => server.split_once(':').unwrap_or((server, "")),
        };
        self.host = filled(decoded(host)?);
        self.port = port_of(port)?;
        Ok(())
    }

    /// Takes a parameter, which wins over what stands in front of it, as with libpq.
    fn set(&mut self, key: &str, value: String) -> Result<(), BadUrl> {
        match key {
            _ if REDIRECTS.contains(&key) => {
                return Err(BadUrl("it has a parameter that leads to another server than its host"));
            }
            "host" if value.contains(',') => return Err(BadUrl("it names several hosts")),
            "host" => self.host = filled(value),
            "port" => self.port = port_of(&value)?,
            "user" => self.user = filled(value),
            "password" => self.password = filled(value).map(Secret::new),
            "dbname" => self.name = filled(value),
            _ if PARAMETERS.iter().any(|(known, _)| *known == key) => {
                self.parameters.retain(|(there, _)| there != key);
                self.parameters.push((key.to_owned(), value));
            }
            _ => {}
        }
        Ok(())
    }

    /// The whole URL with its password: for a file that only its owner may read, and never for output.
    pub fn reveal(&self) -> Secret {
        Secret::new(self.text(true))
    }

    fn text(&self, with_password: bool) -> String {
        let password = self.password.as_ref().filter(|_| with_password);
        let password = password.map(|password| format!(":{}", encoded(password.reveal())));
        let user = self.user.as_deref().map(encoded).unwrap_or_default();
        let person = match password {
            Some(password) => format!("{user}{password}@"),
            None if user.is_empty() => String::new(),
            None => format!("{user}@"),
        };
        let host = match &self.host {
            Some(host) if host.contains(':') => format!("[{}]", encoded(host).replace("%3A", ":")),
            Some(host) => encoded(host),
            None => String::new(),
        };
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        let name = self.name.as_deref().map(|name| format!("/{}", encoded(name))).unwrap_or_default();
        let pairs = self.parameters.iter().map(|(key, value)| format!("{key}={}", encoded(value)));
        let query = pairs.collect::<Vec<_>>().join("&");
        let query = if query.is_empty() { query } else { format!("?{query}") };
        format!("postgres://{person}{host}{port}{name}{query}")
    }
}

impl Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(false))
    }
}

fn port_of(text: &str) -> Result<Option<u16>, BadUrl> {
    match text.parse() {
        _ if text.is_empty() => Ok(None),
        Ok(port @ 1..) => Ok(Some(port)),
        _ => Err(BadUrl("its port is not a number from 1 to 65535")),
    }
}

fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn decoded(text: &str) -> Result<String, BadUrl> {
    let text = percent_decode_str(text).decode_utf8().map_err(|_| BadUrl("it is not UTF-8"))?;
    // PostgreSQL's texts end there.
    if text.contains('\0') { Err(BadUrl("it has a NUL")) } else { Ok(text.into_owned()) }
}

/// Everything that could be taken for a part of the URL is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> PostgresUrl {
        text.parse().unwrap()
    }

    #[test]
    fn a_url_is_read_as_libpq_reads_it() {
        for (text, shown) in [
            (
                "postgres://u:p%40ss@h.example:5433/app?sslmode=require",
                "postgres://u@h.example:5433/app?sslmode=require",
            ),
            ("postgresql:///app", "postgres:///app"),
            ("postgis://localhost/app", "postgres://localhost/app"),
            ("ecto://postgres:postgres@localhost/app_dev", "postgres://postgres@localhost/app_dev"),
            ("postgresql+psycopg://u@h/app", "postgres://u@h/app"),
            ("postgres://%2Ftmp%2Fpg:6000/app", "postgres://%2Ftmp%2Fpg:6000/app"),
            ("postgres://u@/app?host=/tmp&port=7000&user=v&dbname=b", "postgres://v@%2Ftmp:7000/b"),
            ("postgres://[::1]:5433/app", "postgres://[::1]:5433/app"),
            ("postgres://u:a@b@h/app", "postgres://u@h/app"),
            (
                "postgres://h/app?schema=public&connection_limit=5&sslmode=disable",
                "postgres://h/app?sslmode=disable",
            ),
            ("postgres://h/app?pool=5&", "postgres://h/app"),
            ("postgres://h", "postgres://h"),
            (" postgres://h/app\n", "postgres://h/app"),
        ] {
            assert_eq!(read(text).to_string(), shown, "{text}");
        }
        assert_eq!(read("postgres://u:p%40ss@h/a").password.unwrap().reveal(), "p@ss");
        assert_eq!(read("postgres://u:a@b@h/a").password.unwrap().reveal(), "a@b");
        assert_eq!(read("postgres://u:@h/a").password, None);
    }

    #[test]
    fn what_is_no_url_is_an_error_without_its_text() {
        for text in [
            "app",
            "mysql://u:secret@h/app",
            "postgres://u:secret@h:99999/app",
            "postgres://u:secret@h:0/app",
            "postgres://u:secret@[::1/app",
            "postgres://u:secret@h1,h2/app",
            "postgres://u:secret@h/app?hostaddr=10.0.0.1",
            "postgres://u:secret@h/app?service=production",
            "postgres://u:secret@h/app?host=a,b",
            "postgres://u:secret%ff@h/app",
            "postgres://u:secret%00@h/app",
        ] {
            let error = text.parse::<PostgresUrl>().unwrap_err();
            assert!(!format!("{error} {error:?}").contains("secret"), "{text}");
        }
    }

    #[test]
    fn the_password_is_not_shown() {
        let url = read("postgres://u:hunter2@h/app?password=hunter3");
        assert!(!format!("{url} {url:?}").contains("hunter"));
        assert_eq!(url.reveal().reveal(), "postgres://u:hunter3@h/app");
    }

    fn part() -> impl Strategy<Value = Option<String>> {
        proptest::option::of("[^\0]{1,12}")
    }

    proptest! {
        #[test]
        fn a_printed_url_is_read_back(
            host in proptest::option::of("[^\0,]{1,12}"),
            port in proptest::option::of(1..=u16::MAX),
            (user, password, name) in (part(), part(), part()),
            mode in part(),
        ) {
            let parameters = mode.map(|mode| ("sslmode".to_owned(), mode)).into_iter().collect();
            let url = PostgresUrl { host, port, user, password: password.map(Secret::new), name, parameters };
            prop_assert_eq!(&read(url.reveal().reveal()), &url);
            let shown = PostgresUrl { password: None, ..url };
            prop_assert_eq!(read(&shown.to_string()), shown);
        }

        #[test]
        fn no_text_makes_it_panic(text in "(postgres://)?[ -~é:/@?&=%\\[\\]]{0,40}") {
            _ = text.parse::<PostgresUrl>();
        }
    }
}
