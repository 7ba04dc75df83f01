//! The token as git's password, for Heroku's git hosts alone.

use super::super::transport::Origin;
use super::{Lookup, find};
use crate::error::Result;

/// What a credential helper answers when git asks for what `asked` describes (`protocol=…`, `host=…`, as
/// gitcredentials(7) has it): none unless it is for a host that may hold the token, over TLS, or for the API's own
/// origin on loopback.
pub fn git_credential(asked: &str, env: Lookup) -> Result<Option<String>> {
    let value = |name: &str| asked.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    let (Some(protocol), Some(host)) = (value("protocol"), value("host")) else { return Ok(None) };
    let api = Origin::of_api(env)?;
    let Some(git) = Origin::of_url(&format!("{protocol}://{host}")) else { return Ok(None) };
    if !git.may_hold_token() || (git.is_loopback() && git != api) || (api.is_loopback() && git != api) {
        return Ok(None);
    }
    let token = find(&api.machine(), env)?;
    Ok(Some(format!("username=heroku\npassword={}\n", token.secret())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(host: &str, asked: &str) -> Option<String> {
        let env = |name: &str| match name {
            "HEROKU_HOST" => Some(host.into()),
            "HEROKU_API_KEY" => Some("t0ken".into()),
            _ => None,
        };
        git_credential(asked, &env).unwrap()
    }

    #[test]
    fn herokus_hosts_get_the_token_over_tls() {
        let asked = "protocol=https\nhost=git.heroku.com\npath=playhouse.git\n\n";
        assert_eq!(answer("", asked).as_deref(), Some("username=heroku\npassword=t0ken\n"));
        for other in [
            "protocol=http\nhost=git.heroku.com\n",
            "protocol=https\nhost=git.heroku.com.evil.org\n",
            "protocol=https\nhost=evil.org\n",
            "protocol=https\nhost=evil.org/git.heroku.com\n",
            "protocol=https\nhost=git.heroku.com@evil.org\n",
            "protocol=http\nhost=127.0.0.1:5055\n",
            "protocol=https\n",
            "host=git.heroku.com\n",
            "",
        ] {
            assert_eq!(answer("", other), None, "{other}");
        }
    }

    #[test]
    fn on_loopback_only_the_apis_own_origin_gets_it() {
        let api = "http://127.0.0.1:5055";
        assert!(answer(api, "protocol=http\nhost=127.0.0.1:5055\n").is_some());
        for other in ["protocol=http\nhost=127.0.0.1:5056\n", "protocol=https\nhost=git.heroku.com\n"] {
            assert_eq!(answer(api, other), None, "{other}");
        }
    }
}
