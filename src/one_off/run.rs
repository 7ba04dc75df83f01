//! A command on a dyno that this terminal is attached to.

use std::io::{IsTerminal as _, stdin, stdout};
use std::time::Instant;

use super::attached::Attached;
use super::last_words::LastWords;
use super::output::{self, Output};
use super::request::{Request, new_dyno};
use super::session::{self, End, Keys};
use super::{attach, command, create, notification, supported};
use crate::confirm;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::heroku::{DynoAttachment, OneOffDyno};
use crate::interrupts::Interrupts;
use crate::model::AppName;

/// The exit code after a session that was left, and that of a program whose output nobody reads.
const LEFT: u8 = 130;
const UNREAD: u8 = 0;

/// Runs the command on a one-off dyno of `app`, with this process's stdin and stdout.
///
/// Its exit status, unless it is 0, is the error's exit code. A session that ends without one is exit 1. A
/// [`Fallback`](crate::fallback::Fallback) where only the Heroku CLI can run it.
pub fn run(context: &Context, app: &AppName, request: &Request) -> Result<()> {
    let shell = supported::shell_of(context, app, request, true)?;
    let command = command::of_words(&request.words, shell)?;
    let change = new_dyno(app, request, command::reporting(&command), true)?;
    if !context.options.dry_run {
        confirm::banner(context, app)?;
    }
    let slow = notification::after()?;
    let interrupts = Interrupts::listen()?;
    let begun = Instant::now();
    let Some(dyno) = create::create_or_describe(context, app, &change)? else { return Ok(()) };
    let words = LastWords::about(context, &dyno.name);
    let attached = address_of(context, request, &dyno).and_then(|address| {
        attach::attach(&context.terminal, context.heroku()?, app, &dyno, &address, &interrupts)
    });
    let (mut connection, first) = match attached {
        Ok(attached) => attached,
        Err(error) => return Err(not_attached(context, app, &dyno, error, &words)),
    };
    context.terminal.status(&format!("Running {command} on {app}... up, {}", dyno.name));
    if !request.no_notify && begun.elapsed() > slow {
        notification::send(&context.terminal, app.as_ref(), &format!("{} is up", dyno.name));
    }
    let keys = match () {
        () if request.is_script => Keys::Nothing,
        () if request.no_tty => Keys::NoTerminal,
        () if stdin().is_terminal() => Keys::Raw,
        () => Keys::Lines,
    };
    let mut output =
        if request.is_script { Output::to_stderr() } else { Output::new(stdout().is_terminal()) };
    let end = {
        let _attached = Attached::begin(keys == Keys::Raw, &words, interrupts)?;
        session::run(&mut connection, &first, keys, &mut output)
    };
    connection.close();
    report(context, &dyno, end, &words)
}

/// The request that makes the dyno, as a line that can be pasted. The app need not exist: its shell is taken to be bash.
pub fn describe(context: &Context, app: &AppName, request: &Request) -> Result<String> {
    let command = command::of_words(&request.words, command::Shell::Bash)?;
    let change = new_dyno(app, request, command::reporting(&command), true)?;
    Ok(context.heroku()?.describe_change(&change))
}

fn address_of(context: &Context, request: &Request, dyno: &OneOffDyno) -> Result<crate::heroku::Address> {
    match context.heroku()?.attachment(dyno)? {
        DynoAttachment::Rendezvous(address) => Ok(address),
        DynoAttachment::Ssh => {
            Err(supported::fallback(context, request, true, "its dynos are reached through SSH"))
        }
    }
}

/// The error where the dyno was never attached to: it is stopped, as nobody would see what it does.
fn not_attached(
    context: &Context,
    app: &AppName,
    dyno: &OneOffDyno,
    error: Error,
    words: &LastWords,
) -> Error {
    create::stop(context, app, &dyno.name);
    match error.kind() {
        Kind::Failed | Kind::TimedOut if error.downcast_ref::<crate::fallback::Fallback>().is_none() => {
            words.with_logs(error)
        }
        _ => error,
    }
}

fn report(context: &Context, dyno: &OneOffDyno, end: Result<End>, words: &LastWords) -> Result<()> {
    let name = &dyno.name;
    match end {
        Ok(End::Status(0)) => Ok(()),
        Ok(End::Status(status)) => Err(Error::silent(status)),
        Ok(End::Unread) => Err(Error::silent(UNREAD)),
        Ok(End::Left) => {
            words.say("");
            Err(Error::silent(LEFT))
        }
        Ok(End::Lost(cause)) => {
            output::end_line(&context.terminal);
            let message = format!("the connection to {name} ended without an exit status");
            let error = match cause {
                Some(cause) => Error::from(cause).context(message),
                None => Error::failed(message),
            };
            Err(words.with_hints(error))
        }
        Err(error) => {
            output::end_line(&context.terminal);
            Err(words.with_hints(error))
        }
    }
}
