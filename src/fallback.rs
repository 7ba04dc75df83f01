//! A command that greenroom cannot do here and the Heroku CLI can.

use std::ffi::OsString;
use std::fmt::{self, Display};

use crate::error::Error;
use crate::heroku::NotLoggedIn;
use crate::heroku_cli;

/// The cause of an error that makes the dispatcher run the Heroku CLI's command in place of ours.
#[derive(Debug)]
pub struct Fallback {
    reason: String,
    /// What follows the Heroku CLI's command, where that is not what was typed.
    pub arguments: Option<Vec<OsString>>,
}

impl Fallback {
    /// The error; the arguments are passed on as they were typed. `reason` says, for `--verbose`, why the Heroku CLI is
    /// called.
    pub fn error(reason: impl Into<String>) -> Error {
        Error::failed(Self { reason: reason.into(), arguments: None })
    }

    /// The same with other arguments.
    pub fn with_arguments(reason: impl Into<String>, arguments: Vec<OsString>) -> Error {
        Error::failed(Self { reason: reason.into(), arguments: Some(arguments) })
    }
}

/// Whether there is no login here, and a Heroku CLI that may have one or says how to get one.
pub fn may_be_logged_in_elsewhere(error: &Error) -> bool {
    error.downcast_ref::<NotLoggedIn>().is_some() && heroku_cli::program().is_some()
}

impl Display for Fallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}
