//! A request as a `curl` line that can be pasted, for dry runs.

use std::fmt::Write as _;

use crate::heroku::credentials::Source;
use crate::text;

/// The request as one line. The shell takes the token from where it was found, so that it is not shown: from the
/// variable, or else from the Heroku CLI, which looks into the secret store and the netrc file.
pub(super) fn line(method: &str, url: &str, accept: &str, body: Option<&str>, source: Source) -> String {
    let mut line = String::from("curl");
    if url.contains(['[', '{']) {
        // Else curl takes the brackets of `?eq[name]=x` for a pattern.
        line.push_str(" -g");
    }
    if method != "GET" {
        _ = write!(line, " -X {method}");
    }
    let token = match source {
        Source::ApiKey => "$HEROKU_API_KEY",
        Source::SecretStore | Source::Netrc | Source::Input => "$(heroku auth:token)",
    };
    _ = write!(line, " {} -H \"Authorization: Bearer {token}\"", quote(url));
    _ = write!(line, " -H {}", quote(&format!("Accept: {accept}")));
    if let Some(body) = body {
        _ = write!(line, " -H 'Content-Type: application/json' -d {}", quote(body));
    }
    line
}

/// `text` as one word for a POSIX shell.
fn quote(text: &str) -> String {
    text::quote(text.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_can_be_pasted() {
        assert_eq!(
            line("GET", "https://api.heroku.com/apps?eq[name]=x", "a; version=3", None, Source::ApiKey),
            r#"curl -g 'https://api.heroku.com/apps?eq[name]=x' -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: a; version=3'"#
        );
        assert_eq!(
            line("PATCH", "https://api.heroku.com/apps/x", "a", Some(r#"{"name":"it's"}"#), Source::Netrc),
            r#"curl -X PATCH https://api.heroku.com/apps/x -H "Authorization: Bearer $(heroku auth:token)" -H 'Accept: a' -H 'Content-Type: application/json' -d '{"name":"it'\''s"}'"#
        );
    }
}
