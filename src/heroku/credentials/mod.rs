//! Finds the token, in the official CLI's order.

use std::fmt;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::time::Duration;

use super::Lookup;
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::process::internal::UNATTENDED;

mod for_git;
mod login;
mod netrc;
mod netrc_file;
mod programs;
mod secret_store;
mod token;

pub use for_git::git_credential;
pub use login::AcceptedToken;
use netrc_file::{encrypted, netrc_file};
pub(super) use token::{Source, Token};

/// How long a program may take that is to ask nobody: it has ended before who started it does.
const UNATTENDED_DEADLINE: Duration = Duration::from_secs(8);

/// Nobody is logged in: no place holds a token for this host.
///
/// Found in an error with `error.downcast_ref::<NotLoggedIn>()`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotLoggedIn {
    /// The API's host, as the netrc file would name it.
    pub machine: String,
}

impl fmt::Display for NotLoggedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not logged in to {}", self.machine)
    }
}

/// Finds the token for the API's `machine`: `HEROKU_API_KEY`, else the secret store, else the netrc file.
pub(super) fn find(machine: &str, env: Lookup) -> Result<Token> {
    if let Some(key) = env("HEROKU_API_KEY") {
        let key = key.to_string_lossy();
        if !key.trim().is_empty() {
            return Token::new(key.trim(), Source::ApiKey);
        }
    }
    if let Some(token) = secret_store::token(env) {
        return Token::new(&token, Source::SecretStore);
    }
    if let Some(token) = netrc_file::token(machine, env)? {
        return Token::new(&token, Source::Netrc);
    }
    let error = Error::denied(NotLoggedIn { machine: machine.to_owned() });
    let home = env("HOME").map(PathBuf::from).filter(|home| !home.as_os_str().is_empty());
    Err(match home.filter(|home| !home.is_dir()) {
        Some(home) => {
            error.hint(Hint::text(format!("HOME is {}, and there is no such folder", home.display())))
        }
        None if cfg!(unix) && env("HOME").is_none() => {
            error.hint("HOME is not set: credentials are kept there")
        }
        None => error.hint(Hint::heroku(["login"])),
    })
}

/// Tells one login from another, without the token where somebody would have to be asked for it: another number after a
/// `heroku login`, and with another `HEROKU_API_KEY`.
pub(super) fn mark(env: Lookup) -> u64 {
    let mut mark = DefaultHasher::new();
    let key = env("HEROKU_API_KEY").map(|key| key.to_string_lossy().trim().to_owned());
    if let Some(key) = key.filter(|key| !key.is_empty()) {
        key.hash(&mut mark);
        return mark.finish();
    }
    secret_store::account(env).hash(&mut mark);
    for file in netrc_file(env).into_iter().flat_map(|file| [encrypted(&file), file]) {
        fs::metadata(file).and_then(|found| found.modified()).ok().hash(&mut mark);
    }
    mark.finish()
}

/// How long a program may take that has as long as `usual` where somebody is there to answer it.
fn deadline(usual: Duration, env: Lookup) -> Duration {
    if env(UNATTENDED).is_some() { UNATTENDED_DEADLINE } else { usual }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::ffi::OsString;
    use std::path::Path;

    use super::netrc_file::GPG;
    use super::*;
    use crate::error::Kind;

    /// A home with the files given, and an environment that knows nothing else.
    struct Home {
        directory: tempfile::TempDir,
        variables: HashMap<&'static str, OsString>,
    }

    impl Home {
        fn new() -> Self {
            let directory = tempfile::tempdir().unwrap();
            let home = directory.path().as_os_str().to_owned();
            Self { directory, variables: HashMap::from([("HOME", home)]) }
        }

        fn file(self, name: &str, content: &str) -> Self {
            let path = self.directory.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
            self
        }

        fn with(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
            self.variables.insert(name, value.into());
            self
        }

        /// A program on the `PATH` that holds nothing but this home's programs.
        #[cfg(unix)]
        fn program(self, name: &str, script: &str) -> Self {
            let programs = self.directory.path().join("programs");
            fs::create_dir_all(&programs).unwrap();
            // Written by another process: while this one has it open, a parallel test's fork keeps it busy.
            let write = r#"printf '#!/bin/sh\n%s\n' "$1" > "$0" && chmod +x "$0""#;
            let arguments = ["-c".into(), write.into(), programs.join(name).into(), script.into()];
            programs::output(Path::new("/bin/sh"), &arguments, &[], GPG).unwrap();
            self.with("PATH", programs)
        }

        fn find(&self) -> Result<(String, Source)> {
            let token = find("api.heroku.com", &|name| self.variables.get(name).cloned())?;
            Ok((token.header_value().to_str().unwrap().to_owned(), token.source()))
        }

        fn found(&self) -> (String, Source) {
            self.find().unwrap()
        }
    }

    const NETRC: &str = "machine api.heroku.com login me@example.com password net";

    #[test]
    fn nothing_anywhere_is_not_logged_in() {
        for home in [Home::new(), Home::new().file(".netrc", "machine other password x")] {
            let error = home.find().unwrap_err();
            assert_eq!(error.kind(), Kind::Denied);
            assert_eq!(error.downcast_ref::<NotLoggedIn>().unwrap().machine, "api.heroku.com");
        }
    }

    #[test]
    fn the_api_key_goes_first_and_is_trimmed() {
        let home = Home::new().file(".netrc", NETRC).with("HEROKU_API_KEY", " key\n");
        assert_eq!(home.found(), ("Bearer key".to_owned(), Source::ApiKey));
        assert_eq!(home.with("HEROKU_API_KEY", " ").found(), ("Bearer net".to_owned(), Source::Netrc));
    }

    #[test]
    fn an_api_key_with_odd_characters_is_a_usage_error_that_does_not_show_it() {
        for key in ["secret\nX: 1", "secret word", "secret\u{e9}", "secret\u{1b}[2J"] {
            let error = Home::new().with("HEROKU_API_KEY", key).find().unwrap_err();
            assert_eq!(error.kind(), Kind::Usage);
            assert!(!error.to_string().contains("secret"));
        }
    }

    #[test]
    fn each_login_has_a_mark_of_its_own() {
        let mark = |home: &Home| mark(&|name| home.variables.get(name).cloned());
        let home = Home::new();
        let nobody = mark(&home);
        let home = home.with("HEROKU_API_KEY", "one");
        let one = mark(&home);
        assert_eq!(mark(&home), one);
        let home = home.with("HEROKU_API_KEY", "two");
        let two = mark(&home);
        let home =
            home.with("HEROKU_API_KEY", " ").file(".local/share/heroku/login.json", r#"{"account":"me"}"#);
        let me = mark(&home);
        let home = home.file(".local/share/heroku/login.json", r#"{"account":"you"}"#);
        let you = mark(&home);
        let home = home.file(".netrc", NETRC);
        let marks = [nobody, one, two, me, you, mark(&home)];
        assert!(marks.iter().enumerate().all(|(place, mark)| !marks[..place].contains(mark)), "{marks:?}");
    }

    #[test]
    fn a_token_cannot_be_printed() {
        let token = Token::new("secret", Source::ApiKey).unwrap();
        assert_eq!(format!("{token:?}"), "Token(…)");
        assert!(!format!("{:?}", token.header_value()).contains("secret"));
    }

    #[test]
    fn what_nobody_waits_for_does_not_outlive_who_asks() {
        let home = Home::new();
        assert_eq!(deadline(GPG, &|name| home.variables.get(name).cloned()), GPG);
        let home = home.with(UNATTENDED, "1");
        assert_eq!(deadline(GPG, &|name| home.variables.get(name).cloned()), UNATTENDED_DEADLINE);
    }

    #[cfg(all(unix, not(target_os = "macos")))]
    mod stores {
        use super::*;

        /// Says what it was asked, so that the exact command is held to.
        const SECRET_TOOL: &str =
            r#"[ "$*" = "lookup service heroku-cli account me@example.com" ] && echo stored"#;

        fn home() -> Home {
            Home::new().file(".netrc", NETRC).program("secret-tool", SECRET_TOOL)
        }

        #[test]
        fn the_store_is_asked_for_the_account_that_logged_in() {
            let json = r#"{"account":"me@example.com"}"#;
            let stored = ("Bearer stored".to_owned(), Source::SecretStore);
            assert_eq!(home().file(".local/share/heroku/login.json", json).found(), stored);
            let moved = home().file("data/login.json", json);
            let data = moved.directory.path().join("data");
            assert_eq!(moved.with("HEROKU_DATA_DIR", data).found(), stored);
            let xdg = home().file("xdg/heroku/login.json", json);
            let data = xdg.directory.path().join("xdg");
            assert_eq!(xdg.with("XDG_DATA_HOME", data).found(), stored);
        }

        #[test]
        fn netrc_is_used_where_the_store_is_not() {
            let json = r#"{"account":"me@example.com"}"#;
            let net = ("Bearer net".to_owned(), Source::Netrc);
            let login = ".local/share/heroku/login.json";
            assert_eq!(home().found(), net, "no login.json");
            assert_eq!(home().file(login, "{").found(), net, "a broken login.json");
            assert_eq!(
                home().file(login, r#"{"account":"other@example.com"}"#).found(),
                net,
                "an unknown account"
            );
            assert_eq!(home().file(login, json).with("HEROKU_NETRC_WRITE", "True").found(), net, "by choice");
            assert_eq!(home().file(login, json).with("PATH", "").found(), net, "no secret-tool");
        }

        #[test]
        fn an_encrypted_netrc_goes_before_a_plain_one() {
            let gpg = r#"[ "$1 $2 $3" = "--batch --quiet --decrypt" ] && /bin/cat "$4""#;
            let text = NETRC.replace("password net", "password gpg");
            let home = Home::new().file(".netrc", NETRC).file(".netrc.gpg", &text);
            assert_eq!(home.find().unwrap_err().kind(), Kind::Denied, "gpg is missing");
            assert_eq!(home.program("gpg", gpg).found(), ("Bearer gpg".to_owned(), Source::Netrc));
        }
    }

    #[cfg(unix)]
    #[test]
    fn nobody_is_asked_for_a_passphrase_where_nobody_is_there() {
        let asks = r#"case "$*" in *--pinentry-mode=error*) exit 2;; esac; /bin/cat "$HOME/.netrc.gpg""#;
        let home = Home::new().file(".netrc.gpg", NETRC).program("gpg", asks).with(UNATTENDED, "1");
        assert_eq!(home.find().unwrap_err().kind(), Kind::Denied);
    }
}
