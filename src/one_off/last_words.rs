//! What is said when a session ends before its command: what may go on, and how to look and to stop it.

use super::output;
use crate::context::Context;
use crate::error::Error;
use crate::hint::Hint;
use crate::terminal::Terminal;

/// The last words about one dyno.
#[derive(Clone, Debug)]
pub(super) struct LastWords {
    terminal: Terminal,
    dyno: String,
    logs: Hint,
    state: Hint,
    stop: Hint,
}

impl LastWords {
    pub(super) fn about(context: &Context, dyno: &str) -> Self {
        Self {
            terminal: context.terminal.clone(),
            dyno: dyno.to_owned(),
            logs: context.command(["logs", "--dyno-name", dyno]).note("what it wrote to the app's log"),
            state: context.command(["ps"]).note("whether it still runs"),
            stop: context.command(["ps:stop", dyno]).note("stop it"),
        }
    }

    /// Says that the session was left, for a `reason` such as `: the connection is lost`.
    pub(super) fn say(&self, reason: &str) {
        output::end_line(&self.terminal);
        self.terminal.status(&format!("left {}{reason}; its command may still run", self.dyno));
        for hint in [&self.state, &self.stop] {
            self.terminal.hint(hint.clone());
        }
    }

    /// The error, with how to look at the dyno and to stop it.
    pub(super) fn with_hints(&self, error: Error) -> Error {
        self.with_logs(error).hint(self.state.clone()).hint(self.stop.clone())
    }

    /// The error, with how to see what the dyno wrote to the log.
    pub(super) fn with_logs(&self, error: Error) -> Error {
        error.hint(self.logs.clone())
    }
}
