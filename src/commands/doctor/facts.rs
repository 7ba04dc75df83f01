//! What several checks need, read once.

use std::cell::OnceCell;
use std::sync::Arc;

use jiff::Timestamp;

use super::Args;
use crate::context::Context;
use crate::environment::{self, Overview, Project};
use crate::error::{Error, Result};
use crate::heroku::Account;
use crate::names;

/// The state of this machine and of Heroku, each part read when it is first asked for.
pub(super) struct Facts<'a> {
    /// What every command may use.
    pub(super) context: &'a Context,
    /// What was typed.
    pub(super) args: &'a Args,
    account: OnceCell<Result<Reached>>,
    overview: OnceCell<Result<Overview>>,
}

/// An answer of the Platform API.
pub(super) struct Reached {
    /// Whose token it is.
    pub(super) account: Account,
    /// By how many seconds this machine's clock is ahead of Heroku's; none where that was not told.
    pub(super) ahead: Option<i64>,
}

impl<'a> Facts<'a> {
    /// Nothing is read yet.
    pub(super) fn new(context: &'a Context, args: &'a Args) -> Self {
        Self { context, args, account: OnceCell::new(), overview: OnceCell::new() }
    }

    /// Whether the examination of this name is one of those that were asked for.
    pub(super) fn examines(&self, name: &str) -> bool {
        let asked = &self.args.examinations;
        asked.is_empty() || asked.iter().any(|chosen| chosen == name)
    }

    /// Whether Heroku answers, and to whom.
    pub(super) fn account(&self) -> Result<&Reached, &Error> {
        let ask = || {
            let (account, date) = self.context.heroku()?.account()?;
            let ahead = date.map(|date| Timestamp::now().as_second() - date.as_second());
            Ok(Reached { account, ahead })
        };
        self.account.get_or_init(ask).as_ref()
    }

    /// All environments. The error is the configuration's or the repository's; what Heroku did not tell is in the answer.
    pub(super) fn overview(&self) -> Result<&Overview, &Error> {
        // One request finds out whether Heroku answers; the others would each try it several times.
        let heroku = || match self.account() {
            Ok(_) => self.context.heroku().map(Arc::as_ref),
            Err(error) => Err(Error::failed(error.to_string()).kind_of(error.kind())),
        };
        let look = || {
            let project = Project::new(self.context.config()?, self.context.repository()?, &heroku);
            Ok(environment::overview(&names::linked(), &project))
        };
        self.overview.get_or_init(look).as_ref()
    }
}
