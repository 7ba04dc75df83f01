//! A rollback from its plan to its report: reads the app's releases, asks for confirmation, rolls back, and waits.

use std::ffi::OsString;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::app_urls::show_urls;
use super::deployed::Deployed;
use super::pipeline_state::StageApp;
use super::promotion::Outcome;
use super::protection;
use super::report::failures;
use super::roll_out::wait_until_served;
use super::rollback::{ReleaseHistory, Rollback};
use super::settled::settled;
use super::tree_match::TreeMatch;
use super::wait_timeout::wait_option;
use crate::confirm;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::heroku::{ApiError, Client};
use crate::hint::Hint;
use crate::model::{AppName, CommitName, ReleaseVersion};

/// The rollback that was asked for.
#[derive(Clone, Copy, Debug)]
pub struct RollbackRequest {
    /// The release to roll back to; the newest possible one before the running one without it.
    pub release: Option<ReleaseVersion>,
    /// How long the release phase, and then the dynos, are waited for.
    pub wait_timeout: Duration,
    /// Whether the app's dynos are waited for.
    pub wait_for_dynos: bool,
}

/// What a rollback came to.
pub enum RollbackReport {
    /// Nothing was done: the line that would do it.
    DryRun(String),
    /// The app runs the rollback.
    Done(Box<RolledBack>),
}

/// A rollback that runs.
pub struct RolledBack {
    version: ReleaseVersion,
    commit: Option<CommitName>,
    back_to: ReleaseVersion,
    app: StageApp,
    /// Whether it ran before.
    is_unchanged: bool,
}

/// The report for a script.
#[derive(Serialize)]
struct Answer<'a> {
    app: &'a AppName,
    version: ReleaseVersion,
    commit: Option<&'a CommitName>,
    back_to: ReleaseVersion,
}

/// Shows the plan, asks for confirmation where the app is protected, rolls back, and waits for the release phase and the dynos.
pub fn roll_back(context: &Context, request: RollbackRequest) -> Result<RollbackReport> {
    let deadline = Instant::now() + request.wait_timeout;
    context.wait_until(deadline)?;
    let app = context.target()?.one_app()?;
    let client = context.heroku()?;
    let _limit = client.within(deadline);
    let read = || ReleaseHistory::of(client, app);
    let past = settled(context, deadline, read, |past| Ok(vec![&past.running]))?;
    if past.rolled_back_to().is_some_and(|done| request.release.is_none_or(|asked| asked == done)) {
        return rolled_back_already(context, &past, request.release);
    }
    let repository = context.repository()?;
    let tree_match = match repository {
        Some(repository) => TreeMatch::of(context.config()?, &context.name, repository, None),
        None => TreeMatch::default(),
    };
    let rollback = past.back_to(client, request.release, repository, &tree_match)?;
    let back_to = rollback.target.version;
    protection::show_plan(context, &rollback, std::iter::once(rollback.running))?;
    let protected = protection::protected(context, std::iter::once(rollback.running))?;
    if context.options.dry_run {
        return Ok(RollbackReport::DryRun(rollback.describe(client)));
    }
    let mut again: Vec<OsString> = vec!["rollback".into(), format!("{back_to}").into()];
    again.extend((!request.wait_for_dynos).then(|| "--no-wait-dynos".into()));
    again.extend(wait_option(request.wait_timeout));
    let asked = confirm::ask(context, protected.as_deref(), &question(&rollback), &again)?;
    if asked && rollback.running.is_overtaken(client)? {
        return Err(Error::refused(format!("not rolled back: {app} got another release meanwhile"))
            .hint(context.command(&again).note("shows what would change now")));
    }
    let release = rollback.go(client, &context.terminal, deadline).map_err(|error| {
        tell_what_runs(context, client, app, &error);
        if !ApiError::leaves_open(&error) {
            return error;
        }
        let line = context.command(["rollback", &format!("{back_to}")]);
        error.hint(line.note("changes nothing if the rollback was made"))
    })?;
    let version = release.version;
    if request.wait_for_dynos {
        let mut outcomes = [Outcome { app: app.to_string(), release: Some(release), failure: None }];
        wait_until_served(client, &context.terminal, &mut outcomes, &[], deadline)?;
        failures(&outcomes)?;
    }
    Ok(RollbackReport::Done(Box::new(RolledBack {
        version,
        commit: rollback.commit.clone(),
        back_to,
        app: rollback.running.clone(),
        is_unchanged: false,
    })))
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
) -> Result<RollbackReport> {
    let running = &past.running;
    let app = &running.app.name;
    let (Some(release), Some(back_to)) = (&running.release, past.rolled_back_to()) else {
        return Err(Error::failed(format!("{app} runs no rollback")));
    };
    let version = release.version;
    if asked.is_some() {
        context
            .terminal
            .status(&format!("nothing to do: {app} {version} is a rollback to {back_to} already"));
        let (commit, app) = (running.commit.clone(), running.clone());
        let done = RolledBack { version, commit, back_to, app, is_unchanged: true };
        return Ok(RollbackReport::Done(Box::new(done)));
    }
    let refused = Error::refused(format!("{app} {version} is a rollback to {back_to} already"));
    Err(match past.earlier_than(back_to) {
        Some(earlier) => {
            let line = context.command(["rollback", &format!("{}", earlier.version)]);
            refused.hint(line.note("rolls back further"))
        }
        None => refused.hint(Hint::about(app, ["releases"])),
    })
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

impl RollbackReport {
    /// Prints the release that runs now.
    pub fn print(&self, context: &Context) -> Result<()> {
        let done = match self {
            Self::DryRun(line) => return context.terminal.print_lines(&format!("{line}\n")),
            Self::Done(done) => done,
        };
        let RolledBack { version, commit, back_to, app, .. } = &**done;
        let (name, commit) = (&app.app.name, commit.as_ref());
        if context.options.json {
            let (version, back_to) = (*version, *back_to);
            context.terminal.print_json(&Answer { app: name, version, commit, back_to })?;
        } else {
            let commit = commit.map(|commit| format!("{} ", commit.short())).unwrap_or_default();
            context.terminal.print_lines(&format!("{name} {version} {commit}(back to {back_to})\n"))?;
        }
        if !done.is_unchanged {
            show_urls(&context.terminal, std::iter::once(app));
        }
        Ok(())
    }
}
