//! A command that greenroom cannot do here and the Heroku CLI can.

use std::ffi::OsString;
use std::fmt::{self, Display};

use crate::error::Error;

/// The cause of an error that makes the dispatcher run the Heroku CLI's command in place of ours.
#[derive(Debug)]
pub struct Fallback {
    reason: String,
    /// What follows the Heroku CLI's command.
    pub arguments: Vec<OsString>,
}

impl Fallback {
    /// The error; `reason` says, for `--verbose`, why the Heroku CLI is called.
    pub fn error(reason: impl Into<String>, arguments: impl IntoIterator<Item = OsString>) -> Error {
        Error::failed(Self { reason: reason.into(), arguments: arguments.into_iter().collect() })
    }
}

impl Display for Fallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}
