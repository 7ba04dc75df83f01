//! `production rollback`: rolls back to an earlier release, code and config vars.

use std::ffi::OsString;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::confirm;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::heroku::{ApiError, Client, Release};
use crate::hint::Hint;
use crate::inventory::Resource;
use crate::model::{AppName, CommitName, ReleaseVersion};
use crate::release::{self, Deployed, ReleaseHistory, Rollback, TreeMatch};
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Roll back to an earlier release: its code and config vars";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  production rollback              roll back to the previous release
  production rollback v16
  production --dry-run rollback    print what would change, and the request

A rollback is a new release with the slug and the config vars of an earlier one. The plan lists the config vars that
change by name. Add-ons and databases stay as they are.

Repeating the command does not roll back twice: with a release there is nothing to do, and without one it is refused,
because it would bring back what the first rollback undid.";

/// The Heroku CLI's `rollback` does not ask for confirmation, so nothing is passed on to it.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[
    ("release", &[Words::Live(Resource::RollbackTargets)]),
    ("wait_timeout", &[Words::These(release::WAIT_TIMEOUTS)]),
];

/// The release to roll back to.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The release to roll back to, such as v16 [default: the newest one before the running one]
    #[arg(value_name = "RELEASE")]
    release: Option<ReleaseVersion>,

    /// Wait at most this long for the release phase: 90s, 10m, 1h
    #[arg(long, value_name = "TIME", value_parser = release::parse_wait_timeout, default_value = "30m")]
    wait_timeout: Duration,
}

/// Shows the plan, asks for confirmation where the app is protected, rolls back, and waits for the release phase.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let deadline = Instant::now() + args.wait_timeout;
    context.wait_until(deadline)?;
    let app = context.target()?.one_app()?;
    let client = context.heroku()?;
    let _limit = client.within(deadline);
    let past = settled(context, client, app, deadline)?;
    if past.rolled_back_to().is_some_and(|done| args.release.is_none_or(|asked| asked == done)) {
        return rolled_back_already(context, &past, args.release);
    }
    let repository = context.repository()?;
    let tree_match = match repository {
        Some(repository) => TreeMatch::of(context.config()?, &context.name, repository, None),
        None => TreeMatch::default(),
    };
    let rollback = past.back_to(client, args.release, repository, &tree_match)?;
    let version = rollback.target.version;
    release::show_plan(context, &rollback, std::iter::once(rollback.running))?;
    let protected = release::protected(context, [rollback.running].into_iter())?;
    if context.options.dry_run {
        return context.terminal.print_lines(&format!("{}\n", rollback.describe(client)));
    }
    let mut again: Vec<OsString> = vec!["rollback".into(), format!("{version}").into()];
    again.extend(release::wait_option(args.wait_timeout));
    let asked = confirm::ask(context, protected.as_deref(), &question(&rollback), &again)?;
    if asked && rollback.running.is_overtaken(client)? {
        return Err(Error::refused(format!("not rolled back: {app} got another release meanwhile"))
            .hint(context.command(&again).note("shows what would change now")));
    }
    let release = rollback.go(client, &context.terminal, deadline);
    let release = release.map_err(|error| {
        tell_what_runs(context, client, app, &error);
        if !ApiError::leaves_open(&error) {
            return error;
        }
        let line = context.command(["rollback", &format!("{version}")]);
        error.hint(line.note("changes nothing if the rollback was made"))
    })?;
    answer(context, &rollback.running.app.name, &release, rollback.commit.as_ref(), version)?;
    release::show_urls(&context.terminal, std::iter::once(rollback.running));
    Ok(())
}

/// `Roll playhouse-production back from v18 to v16?`
fn question(rollback: &Rollback<'_>) -> String {
    let from = rollback.running.release.as_ref().map(|release| format!(" from {}", release.version));
    let (app, to) = (&rollback.running.app.name, rollback.target.version);
    format!("Roll {app} back{} to {to}?", from.unwrap_or_default())
}

/// The same command ran before, and nothing was released since: nothing to do if it names the release.
///
/// Without a release it is refused, because it would bring back what the first rollback undid.
fn rolled_back_already(
    context: &Context,
    past: &ReleaseHistory,
    asked: Option<ReleaseVersion>,
) -> Result<()> {
    let (Some(release), Some(to)) = (&past.running.release, past.rolled_back_to()) else { return Ok(()) };
    let app = &past.running.app.name;
    if asked.is_some() {
        context
            .terminal
            .status(&format!("nothing to do: {app} {} is a rollback to {to} already", release.version));
        return answer(context, app, release, past.running.commit.as_ref(), to);
    }
    let refused = Error::refused(format!("{app} {} is a rollback to {to} already", release.version));
    Err(match past.earlier_than(to) {
        Some(earlier) => {
            let line = context.command(["rollback", &format!("{}", earlier.version)]);
            refused.hint(line.note("rolls back further"))
        }
        None => refused.hint(Hint::about(app, ["releases"])),
    })
}

fn answer(
    context: &Context,
    app: &AppName,
    release: &Release,
    commit: Option<&CommitName>,
    to: ReleaseVersion,
) -> Result<()> {
    if context.options.json {
        let answer = json!({ "app": app, "version": release.version, "commit": commit, "back_to": to });
        return context.terminal.print_json(&answer);
    }
    let commit = commit.map(|commit| format!("{} ", commit.short())).unwrap_or_default();
    context.terminal.print_lines(&format!("{app} {} {commit}(back to {to})\n", release.version))
}

/// After a failure, prints the release that runs.
fn tell_what_runs(context: &Context, client: &Client, app: &AppName, error: &Error) {
    if error.kind() != Kind::Failed || error.may_have_been_done() {
        return;
    }
    if let Ok(Deployed { release: Some(release), .. }) = Deployed::of(client, app) {
        context.terminal.status(&format!("{app} runs {}", release.version));
    }
}

/// Reads the app's releases once none is pending.
fn settled(context: &Context, client: &Client, app: &AppName, deadline: Instant) -> Result<ReleaseHistory> {
    loop {
        let past = ReleaseHistory::of(client, app)?;
        match release::pending_release(&past.running) {
            None => return Ok(past),
            Some(newest) if context.options.dry_run => {
                context.terminal.warn(&format!("{app} {} is still being released", newest.version));
                return Ok(past);
            }
            Some(_) => {
                release::wait_for_pending_releases(client, &context.terminal, &[&past.running], deadline)?;
            }
        }
    }
}
