//! Making the dyno: waiting where a release is under way, and saying what runs where there is no room for another one.

use std::time::{Duration, Instant};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::heroku::{ApiError, Change, Client, OneOffDyno, stop_dynos};
use crate::model::{AppName, DynoSelection};
use crate::release::Polling;

/// How long a release that is under way is waited for.
const RELEASE: Duration = Duration::from_secs(30 * 60);

/// Makes the dyno, or prints the request in a dry run.
pub(super) fn create_or_describe(
    context: &Context,
    app: &AppName,
    change: &Change,
) -> Result<Option<OneOffDyno>> {
    if context.options.dry_run {
        context.terminal.print(&format!("{}\n", context.heroku()?.describe_change(change)))?;
        return Ok(None);
    }
    create(context, app, change).map(Some)
}

/// Makes the dyno. Where Heroku answers that a release is under way (409), waits for that: exit 6 when it takes too long.
fn create(context: &Context, app: &AppName, change: &Change) -> Result<OneOffDyno> {
    let client = context.heroku()?;
    match client.change(change) {
        Err(error) if status(&error) == Some(409) => wait(context, client, app, change, &error),
        made => made.map_err(|error| explained(context, client, app, error)),
    }
}

fn wait(
    context: &Context,
    client: &Client,
    app: &AppName,
    change: &Change,
    first: &Error,
) -> Result<OneOffDyno> {
    let said = first.chain().next().unwrap_or_default();
    context.terminal.status(&format!("{app} cannot run a command just now, waiting: {said}"));
    let mut polling = Polling::begin(&context.terminal, format!("the release of {app}"))?;
    let deadline = Instant::now() + RELEASE;
    let look = || match client.change(change) {
        Err(error) if status(&error) == Some(409) => Ok(None),
        // Nothing else is tried again: the dyno may have been made.
        made => Ok(Some(made)),
    };
    let made = polling.until(deadline, look, |error| error)?;
    let made = made.ok_or_else(|| Error::timed_out(format!("{app} is still being released")))?;
    made.map_err(|error| explained(context, client, app, error))
}

/// Adds to a refusal what may be in the way: the dyno that may have been made, or those that run.
fn explained(context: &Context, client: &Client, app: &AppName, error: Error) -> Error {
    if ApiError::leaves_open(&error) {
        return error.hint(context.command(["ps"]).note("whether a dyno was started all the same"));
    }
    let Some(refusal) = error.downcast_ref::<ApiError>() else { return error };
    let is_full = refusal.id == "cannot_run_above_limit" || refusal.message.starts_with("Cannot run");
    if !is_full {
        return error;
    }
    // Without the list, the refusal itself has to do.
    let dynos = client.dynos(app.as_ref()).unwrap_or_default();
    let (one_off, rest): (Vec<_>, Vec<_>) = dynos.into_iter().partition(|dyno| dyno.process_type == "run");
    let named = |dyno: &crate::heroku::Dyno| {
        let size = dyno.size.as_deref().unwrap_or("size unknown");
        format!("{} ({size}, {})", dyno.name, dyno.state)
    };
    let running: Vec<String> = one_off.iter().chain(&rest).map(named).collect();
    let error = if running.is_empty() {
        error
    } else {
        error.context(format!("cannot run another dyno of {app} besides {}", running.join(", ")))
    };
    match one_off.first() {
        Some(dyno) => error.hint(context.command(["ps:stop", &dyno.name]).note("stop that one first")),
        None => error.hint(context.command(["ps"]).note("what runs")),
    }
}

/// Stops a dyno that nobody was attached to.
pub(super) fn stop(context: &Context, app: &AppName, name: &str) {
    let _progress = context.terminal.progress(format!("{name} to stop"));
    let dyno = DynoSelection::Named(name.to_owned());
    let stopped =
        context.heroku().and_then(|client| client.change::<serde_json::Value>(&stop_dynos(app, &dyno)));
    match stopped {
        Ok(_) => context.terminal.status(&format!("stopping {name}")),
        // Nobody came, so it has ended by itself.
        Err(error) if status(&error) == Some(404) => context.terminal.status(&format!("{name} has ended")),
        Err(error) => {
            context.terminal.warn(&format!("{name} was not stopped: {error}"));
            context.terminal.hint(context.command(["ps:stop", name]));
        }
    }
}

fn status(error: &Error) -> Option<u16> {
    error.downcast_ref::<ApiError>().map(|refusal| refusal.status)
}
