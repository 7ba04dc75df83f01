//! Reads the app's name from a git remote's URL.

use std::env;

use crate::model::AppName;

/// The hosts that Heroku's git URLs name: `heroku.com` for ssh, `git.heroku.com` for https; `HEROKU_GIT_HOST` sets
/// both.
#[derive(Clone, Debug)]
pub struct GitHosts {
    ssh: String,
    https: String,
}

impl GitHosts {
    /// The hosts of this process's environment.
    pub fn from_environment() -> Self {
        match env::var("HEROKU_GIT_HOST") {
            Ok(host) if !host.is_empty() => Self { ssh: host.clone(), https: host },
            _ => Self { ssh: "heroku.com".to_owned(), https: "git.heroku.com".to_owned() },
        }
    }

    /// Where the app's repository is pushed to.
    pub fn url(&self, app: &AppName) -> String {
        format!("https://{}/{app}.git", self.https)
    }

    /// The app that `url` names: none where it is not a Heroku URL at all, an error text where it is one but what it
    /// names cannot be an app.
    pub fn app(&self, url: &str) -> Option<Result<AppName, String>> {
        let path = self.path(url)?;
        let name = path.strip_suffix(".git").unwrap_or(path);
        Some(name.parse().map_err(|error: crate::model::BadAppName| error.to_string()))
    }

    /// What follows the host in `https://HOST/`, `ssh://git@HOST/` and `git@HOST:`. Who logs in there, at which port, and a
    /// slash at the end change nothing about the app.
    fn path<'a>(&self, url: &'a str) -> Option<&'a str> {
        let (place, path, host) = if let Some(rest) = url.strip_prefix("https://") {
            let (place, path) = rest.split_once('/')?;
            (place, path, &self.https)
        } else if let Some(rest) = url.strip_prefix("ssh://") {
            let (place, path) = rest.split_once('/')?;
            (place, path, &self.ssh)
        } else {
            let (place, path) = url.split_once(':').filter(|(place, _)| place.contains('@'))?;
            (place, path, &self.ssh)
        };
        // What stands before the last `@` is the user's, whatever it looks like.
        let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
        let without_port =
            place.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
        let is_here =
            [Some(place), without_port.map(|(host, _)| host)].into_iter().flatten().any(|at| at == host);
        is_here.then(|| path.strip_suffix('/').unwrap_or(path))
    }
}

/// `url` as it may be shown: what an https URL has before its host may be a token.
pub(super) fn shown(url: &str) -> String {
    let hidden = || {
        let (scheme, rest) = url.split_once("://").filter(|(scheme, _)| scheme.starts_with("http"))?;
        let host = rest.split(['/', '?', '#']).next()?.rfind('@')? + 1;
        Some(format!("{scheme}://…@{}", &rest[host..]))
    };
    hidden().unwrap_or_else(|| url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn heroku() -> GitHosts {
        GitHosts { ssh: "heroku.com".into(), https: "git.heroku.com".into() }
    }

    #[test]
    fn herokus_urls_are_read() {
        for url in [
            "https://git.heroku.com/playhouse.git",
            "https://git.heroku.com/playhouse",
            "git@heroku.com:playhouse.git",
            "ssh://git@heroku.com/playhouse.git",
            "https://token@git.heroku.com/playhouse.git",
            "https://me:p@ss@git.heroku.com/playhouse.git",
            "https://git.heroku.com:443/playhouse.git",
            "https://git.heroku.com/playhouse.git/",
            "https://git.heroku.com/playhouse/",
            "ssh://git@heroku.com:22/playhouse.git",
            "ssh://heroku.com/playhouse.git/",
            "git@heroku.com:playhouse.git/",
        ] {
            assert_eq!(heroku().app(url).unwrap().unwrap().as_ref(), "playhouse", "{url}");
        }
    }

    #[test]
    fn other_hosts_are_not_herokus() {
        for url in [
            "https://github.com/o/playhouse.git",
            "https://git.heroku.com.evil.test/playhouse.git",
            "https://git.heroku.com@evil.test/playhouse.git",
            "https://git.heroku.com:x@evil.test/playhouse.git",
            "https://git.heroku.com:443@evil.test:443/playhouse.git",
            "https://evil.test/git.heroku.com/playhouse.git",
            "https://git.heroku.com:80x/playhouse.git",
            "ssh://git@heroku.com.evil.test:22/playhouse.git",
            "git@heroku.com@evil.test:playhouse.git",
            "http://git.heroku.com/playhouse.git",
            "git@heroku.work:playhouse.git",
            "/srv/git.heroku.com/playhouse.git",
        ] {
            assert!(heroku().app(url).is_none(), "{url}");
        }
    }

    #[test]
    fn a_url_is_shown_without_what_may_be_a_token() {
        assert_eq!(shown("https://me:secret@github.com/o/r@x"), "https://…@github.com/o/r@x");
        assert_eq!(shown("https://secret@github.com"), "https://…@github.com");
        for plain in
            ["https://github.com/o/r@x", "git@heroku.com:one-app.git", "ssh://git@github.com/o/r", ""]
        {
            assert_eq!(shown(plain), plain);
        }
    }

    #[test]
    fn hostile_names_are_refused() {
        for name in ["..", "--upload-pack=touch x", "a/../b", "play\x1bhouse", "playhouse.git/x", ""] {
            assert!(
                heroku().app(&format!("https://git.heroku.com/{name}.git")).unwrap().is_err(),
                "{name:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn every_app_name_survives_every_form(name in "[a-z][a-z0-9-]{1,28}[a-z0-9]", form in 0..3_usize) {
            let url = [
                format!("https://git.heroku.com/{name}.git"),
                format!("git@heroku.com:{name}.git"),
                format!("ssh://git@heroku.com/{name}.git"),
            ][form].clone();
            let app = heroku().app(&url).unwrap().unwrap();
            prop_assert_eq!(app.as_ref(), name.as_str());
        }

        #[test]
        fn what_comes_out_always_fits_the_rule(tail in "\\PC{0,60}") {
            if let Some(Ok(app)) = heroku().app(&format!("https://git.heroku.com/{tail}")) {
                prop_assert!(app.as_ref().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
            }
        }
    }
}
