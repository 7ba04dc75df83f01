//! Whether an app's one-off dynos can be reached from here; the others are left to the Heroku CLI, before one is made.

use super::Request;
use super::command::{self, Shell};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::fallback::{Fallback, may_be_logged_in_elsewhere};
use crate::heroku::App;
use crate::hint::Hint;
use crate::model::AppName;

/// The shell of the app's dynos. The error is a [`Fallback`] where only the Heroku CLI can run this.
pub(super) fn shell_of(context: &Context, app: &AppName, request: &Request, attach: bool) -> Result<Shell> {
    let found = context.heroku().and_then(|client| client.app(app.as_ref()));
    let found = match found {
        // What the command's own flags are must not be looked for in its words.
        Err(error) if may_be_logged_in_elsewhere(&error) => {
            return Err(fallback(context, request, attach, "nobody is logged in here"));
        }
        found => found?,
    };
    match reason(&found) {
        Some(reason) => Err(fallback(context, request, attach, &format!("{app} {reason}"))),
        None if found.is_container() => Ok(Shell::Sh),
        None => Ok(Shell::Bash),
    }
}

/// Why the app's dynos cannot be reached from here, if they cannot.
fn reason(app: &App) -> Option<&'static str> {
    let is_cnb = app.stack.as_ref().is_some_and(|stack| stack.name == "cnb");
    match () {
        () if app.is_fir() => Some("is a Fir app"),
        () if app.space.is_some() => Some("is in a private space"),
        () if is_cnb => Some("is built with Cloud Native Buildpacks"),
        () if cfg!(not(unix)) => Some("can only be attached to from Unix"),
        () => None,
    }
}

/// The error that leaves the command to the Heroku CLI.
pub(super) fn fallback(context: &Context, request: &Request, attach: bool, reason: &str) -> Error {
    let command = match command::of_words(&request.words, Shell::Bash) {
        Ok(command) => command,
        Err(error) => return error,
    };
    let ours = [("--time-to-live", request.dyno.time_to_live.is_some()), ("--json", context.options.json)];
    if let Some((flag, _)) = ours.iter().find(|(_, given)| *given) {
        return Error::usage(format!(
            "{flag} is not supported: only the Heroku CLI can run this, as {reason}"
        ))
        .hint(Hint::text(format!("leave out {flag}")));
    }
    let flags = [("--no-tty", request.no_tty), ("--no-notify", request.no_notify)];
    let mut words = request.dyno.words();
    words.extend(flags.into_iter().filter(|(_, given)| *given).map(|(flag, _)| flag.into()));
    if attach {
        // Its own exit code is 0 whatever happens without this.
        words.push("--exit-code".into());
    }
    // One word: the CLI neither quotes nor sorts it.
    words.extend(["--".into(), command.into()]);
    Fallback::with_arguments(format!("{reason}: the Heroku CLI runs it"), words)
}
