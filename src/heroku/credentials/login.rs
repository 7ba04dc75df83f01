//! Storing a token that Heroku accepts.

use std::env;
use std::path::{Path, PathBuf};

use super::netrc_file::{encrypted, netrc_file, read, replace};
use super::{Source, Token, find, netrc};
use crate::error::{Error, Result};
use crate::heroku::Client;
use crate::heroku::transport::Origin;
use crate::hint::Hint;
use crate::terminal::Terminal;

/// The host of Heroku's git repositories, unless `HEROKU_GIT_HOST` names another.
const GIT_MACHINE: &str = "git.heroku.com";

/// A token that Heroku accepted, and where it can be stored.
pub struct AcceptedToken {
    /// The e-mail address of its account.
    pub email: String,
    token: Token,
    file: PathBuf,
    /// The hosts that it is for, as the netrc file names them.
    machines: Vec<String>,
}

impl AcceptedToken {
    /// Asks Heroku about a token. Exit 2 for what cannot be one, 4 where Heroku does not accept it, 5 where the netrc file
    /// is encrypted.
    pub fn check(terminal: &Terminal, text: &str) -> Result<Self> {
        let variable = |name: &str| env::var_os(name);
        let token = Token::new(text, Source::Input)?;
        let api = Origin::of_api(&variable)?;
        let file = netrc_file(&variable).ok_or_else(|| {
            Error::failed("there is no home folder to store the token in").hint("HOME is not set")
        })?;
        if encrypted(&file).exists() {
            let message = format!("{} is encrypted, and was not changed", encrypted(&file).display());
            return Err(Error::refused(message).hint(Hint::heroku(["login"])));
        }
        let (account, _) = Client::with_token(terminal, token.clone())?
            .account()
            .map_err(|error| error.context("the token was not stored"))?;
        let mut machines = vec![api.machine()];
        if !api.is_loopback() {
            let git = env::var("HEROKU_GIT_HOST").ok().filter(|host| !host.is_empty());
            machines.push(git.unwrap_or_else(|| GIT_MACHINE.to_owned()));
        }
        Ok(Self { email: account.email, token, file, machines })
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The hosts that the token is for, for a sentence.
    pub fn machines(&self) -> String {
        self.machines.join(" and ")
    }

    /// Stores it in the netrc file, which nobody else may read from then on; what the file says of other hosts is kept.
    /// Exit 5 where another token goes before it.
    pub fn store(&self) -> Result<()> {
        let before = read(&self.file)?;
        let before = String::from_utf8(before).map_err(|_| {
            Error::failed(format!("{} is not UTF-8 text, and was not changed", self.file.display()))
        })?;
        let text = self.machines.iter().fold(before.clone(), |text, machine| {
            netrc::with_password(&text, machine, &self.email, self.token.secret())
        });
        replace(&self.file, &text)?;
        let used = find(&self.machines[0], &|name| env::var_os(name))?;
        if used.secret() != self.token.secret() {
            let message = format!("the token is stored, but {} goes before it", used.source());
            let error = Error::refused(message);
            return Err(match used.source() {
                Source::ApiKey => error.hint("unset HEROKU_API_KEY"),
                _ => error.hint(Hint::heroku(["logout"])),
            });
        }
        Ok(())
    }
}
