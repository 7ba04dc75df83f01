//! Errors: their kinds, hints and exit codes.

use std::ffi::{OsStr, OsString};
use std::fmt::{self, Display};

use crate::hint::Hint;

/// A result whose error is ready to be shown to a person.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of a failure; it decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The operation failed: exit 1.
    Failed,
    /// The command line or the configuration is wrong: exit 2.
    Usage,
    /// No app was found for the environment: exit 3.
    Unresolved,
    /// Not logged in, or not allowed: exit 4.
    Denied,
    /// A guard refused before anything more was changed: exit 5.
    Refused,
    /// The deadline passed before the operation ended: exit 6.
    TimedOut,
    /// This exit code without a message: everything was printed already.
    Silent(u8),
}

impl Kind {
    /// The process's exit code for this kind.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Failed => 1,
            Kind::Usage => 2,
            Kind::Unresolved => 3,
            Kind::Denied => 4,
            Kind::Refused => 5,
            Kind::TimedOut => 6,
            Kind::Silent(code) => code,
        }
    }

    /// The word for it in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Failed => "failed",
            Kind::Usage => "usage",
            Kind::Unresolved => "unresolved",
            Kind::Denied => "denied",
            Kind::Refused => "refused",
            Kind::TimedOut => "timed-out",
            Kind::Silent(_) => "ended",
        }
    }

    /// The kind that belongs to the exit code of one of our commands.
    pub fn of_exit_code(code: u8) -> Self {
        let kinds = [Kind::Usage, Kind::Unresolved, Kind::Denied, Kind::Refused, Kind::TimedOut];
        kinds.into_iter().find(|kind| kind.exit_code() == code).unwrap_or(Kind::Failed)
    }
}

/// A failure: what failed, its causes, and hints.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    cause: anyhow::Error,
    hints: Vec<Hint>,
    unsure: bool,
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $kind:ident;)*) => {
        $($(#[$doc])*
        pub fn $name(message: impl Display + fmt::Debug + Send + Sync + 'static) -> Self {
            Self::new(Kind::$kind, message)
        })*
    };
}

impl Error {
    /// A failure of this kind that says `message`.
    pub fn new(kind: Kind, message: impl Display + fmt::Debug + Send + Sync + 'static) -> Self {
        Self { kind, cause: anyhow::Error::msg(message), hints: Vec::new(), unsure: false }
    }

    constructors! {
        /// The operation failed.
        failed => Failed;
        /// The command line or the configuration is wrong.
        usage => Usage;
        /// No app was found for the environment.
        unresolved => Unresolved;
        /// Not logged in, or not allowed.
        denied => Denied;
        /// A guard refused before anything more was changed.
        refused => Refused;
        /// The deadline passed before the operation ended.
        timed_out => TimedOut;
    }

    /// Ends the process with this code and no message.
    pub fn silent(code: u8) -> Self {
        Self::new(Kind::Silent(code), "")
    }

    /// The same failure as another kind.
    #[must_use]
    pub fn kind_of(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// Puts `message` in front; the present message becomes its cause.
    #[must_use]
    pub fn context(mut self, message: impl Display + Send + Sync + 'static) -> Self {
        self.cause = self.cause.context(message);
        self
    }

    /// Adds a hint: a line that can be pasted, or a short sentence.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds a hint: a command line, by its words.
    #[must_use]
    pub fn hint_line<W: AsRef<OsStr>>(self, words: impl IntoIterator<Item = W>) -> Self {
        self.hint(Hint::line(words))
    }

    /// Adds a hint: a command of the Heroku CLI about an app, by its words without the flag that names the app.
    #[must_use]
    pub fn hint_about<W: AsRef<OsStr>>(self, app: impl Display, words: impl IntoIterator<Item = W>) -> Self {
        self.hint(Hint::about(app, words))
    }

    /// Rewrites hints about this app as commands of its environment.
    pub fn told_in(&mut self, environment: &[OsString], app: &str) {
        self.hints.iter_mut().for_each(|hint| hint.told_in(environment, app));
    }

    /// Marks the failure of a request that may have gone through: its response was lost.
    #[must_use]
    pub fn unsure(mut self) -> Self {
        self.unsure = true;
        self
    }

    /// Whether the request may have gone through.
    pub fn may_have_been_done(&self) -> bool {
        self.unsure
    }

    /// The hints.
    pub fn hints(&self) -> impl Iterator<Item = &Hint> {
        self.hints.iter()
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The typed cause, where code must branch on it.
    pub fn downcast_ref<T: Display + fmt::Debug + Send + Sync + 'static>(&self) -> Option<&T> {
        self.cause.downcast_ref()
    }

    /// The message, and then what caused it.
    pub fn chain(&self) -> impl Iterator<Item = String> {
        self.cause.chain().map(ToString::to_string)
    }
}

impl<E> From<E> for Error
where
    E: std::error::Error + Send + Sync + 'static,
{
    fn from(error: E) -> Self {
        Self { kind: Kind::Failed, cause: error.into(), hints: Vec::new(), unsure: false }
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.cause)
    }
}

/// Adds a message to a result's error.
pub trait Context<T> {
    /// Puts `message` in front of the error; it is only made when there is one.
    fn context<M: Display + Send + Sync + 'static>(self, message: impl FnOnce() -> M) -> Result<T>;
}

impl<T, E: Into<Error>> Context<T> for std::result::Result<T, E> {
    fn context<M: Display + Send + Sync + 'static>(self, message: impl FnOnce() -> M) -> Result<T> {
        self.map_err(|error| error.into().context(message()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exit_code_tells_the_kind() {
        for kind in [Kind::Failed, Kind::Usage, Kind::Unresolved, Kind::Denied, Kind::Refused, Kind::TimedOut]
        {
            assert_eq!(Kind::of_exit_code(kind.exit_code()), kind);
        }
        assert_eq!([0, 7, 130].map(Kind::of_exit_code), [Kind::Failed; 3]);
    }
}
