//! A token that cannot be printed, and where it was found.

use std::fmt;

use ureq::http::HeaderValue;

use crate::error::{Error, Result};

/// Where a token was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::heroku) enum Source {
    /// `HEROKU_API_KEY`.
    ApiKey,
    /// The system's secret store, where `heroku login` puts it.
    SecretStore,
    /// The netrc file.
    Netrc,
    /// Standard input.
    Input,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Source::ApiKey => "HEROKU_API_KEY",
            Source::SecretStore => "the system's secret store",
            Source::Netrc => "the netrc file",
            Source::Input => "standard input",
        })
    }
}

/// A token, ready to be sent. It cannot be printed.
#[derive(Clone)]
pub(in crate::heroku) struct Token {
    header: HeaderValue,
    source: Source,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// Checks a token; exit 2 if it has characters that no token has.
    pub(super) fn new(token: &str, source: Source) -> Result<Self> {
        let header = Some(token)
            .filter(|token| token.chars().all(|c| c.is_ascii_graphic()))
            .and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok());
        let Some(mut header) = header else {
            return Err(Error::usage(format!(
                "what {source} holds is no token: blanks or other odd characters"
            )));
        };
        header.set_sensitive(true);
        Ok(Self { header, source })
    }

    /// The `Authorization` header, marked as a secret.
    pub(in crate::heroku) fn header_value(&self) -> HeaderValue {
        self.header.clone()
    }

    /// Whether this is the token.
    pub(in crate::heroku) fn is(&self, token: &str) -> bool {
        !token.is_empty() && self.secret() == token
    }

    /// The token itself, for git alone.
    pub(super) fn secret(&self) -> &str {
        self.header.to_str().ok().and_then(|header| header.strip_prefix("Bearer ")).unwrap_or_default()
    }

    /// Where it was found.
    pub(in crate::heroku) fn source(&self) -> Source {
        self.source
    }
}
