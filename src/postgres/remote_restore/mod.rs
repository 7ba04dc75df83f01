//! A restore between environments: the backup of one app's database into another app's, at Heroku. Nothing goes through
//! this machine.

mod carry_out;
mod guard;
mod hooks;
mod plan;

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use self::hooks::Hooks;
use self::plan::{End, Plan};
use super::find_backup::{self, Backups};
use super::{attachment, capture};
use crate::context::Context;
use crate::environment::is_this_machine;
use crate::error::{Error, Result};
use crate::heroku::{Client, Transfer};
use crate::model::AppName;
use crate::parallel::both;

pub use self::carry_out::Restored;

/// What was asked for.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
#[derive(Clone, Debug)]
pub struct RestoreRequest {
    /// Where the backup is from: an environment or an app.
    pub source: String,
    /// The database there; none is its default.
    pub from: Option<String>,
    /// The database here; none is its default.
    pub database: Option<String>,
    /// The backup; none is the newest.
    pub backup: Option<String>,
    /// Whether a backup is made of the source first.
    pub fresh: bool,
    /// Whether a backup is made of the target first: the way back.
    pub keep: bool,
    /// Whether the target is emptied first.
    pub reset: bool,
    /// Whether the target is in maintenance mode meanwhile.
    pub maintenance: bool,
    /// Whether the target is restarted afterwards.
    pub restart: bool,
    /// Whether the project's hooks are run in the target, where they are to be.
    pub hook: bool,
    /// Whether the target may be protected.
    pub into_production: bool,
    /// How long each backup and restore may take.
    pub wait_timeout: Duration,
    /// The same command line without `--into-production`, to be typed again.
    pub line: Vec<OsString>,
}

/// What follows a restore, before the app is restarted.
pub trait Afterwards {
    /// The requests, as lines that can be pasted.
    fn describe(&self, context: &Context, app: &AppName) -> Result<Vec<String>>;
    /// Does it.
    fn run(&self, context: &Context, app: &AppName) -> Result<()>;
}

/// Restores into the environment's database: shows what would happen, asks where it must, and waits for the end. None
/// after a dry run.
pub fn restore(
    context: &Context,
    request: &RestoreRequest,
    afterwards: Option<&dyn Afterwards>,
) -> Result<Option<Restored>> {
    let client = context.heroku()?;
    let data = client.for_data()?;
    let plan = plan(context, client, &data, request)?;
    let protected = guard::protected(context, &plan, request)?;
    context.terminal.change(&plan.to_string(), &protected.iter().map(String::as_str).collect::<Vec<_>>());
    plan.warn(context);
    guard::check_size(context, &plan)?;
    let hooks = hooks(context, client, &plan, protected.is_some(), request)?;
    if context.options.dry_run {
        let mut after =
            hooks.iter().flat_map(|hooks| hooks.describe(&plan.to.attachment)).collect::<Vec<_>>();
        if let Some(afterwards) = afterwards {
            after.extend(afterwards.describe(context, &plan.to.attachment.app.name)?);
        }
        let requests = plan.requests(client, &data, request, after);
        let lines: String = requests.into_iter().map(|line| line + "\n").collect();
        context.terminal.print_lines(&lines)?;
        return Ok(None);
    }
    guard::ask(context, &plan, request, protected.as_deref())?;
    let clients = Clients { platform: client, data: &data };
    let after = After { hooks, afterwards };
    carry_out::carry_out(context, &clients, plan, request, &after).map(Some)
}

/// The clients of the Platform API and of the data API.
struct Clients<'a> {
    platform: &'a Arc<Client>,
    data: &'a Client,
}

/// What follows the restore.
struct After<'a> {
    hooks: Option<Hooks>,
    afterwards: Option<&'a dyn Afterwards>,
}

/// The hooks that are run. They are for the data of another app: what is protected, or goes back to what it was, is not to
/// be changed by them.
fn hooks(
    context: &Context,
    client: &Client,
    plan: &Plan,
    is_protected: bool,
    request: &RestoreRequest,
) -> Result<Option<Hooks>> {
    let (from, to) = (&plan.from.attachment, &plan.to.attachment);
    if is_protected || from.addon.app.id == to.addon.app.id {
        return Ok(None);
    }
    if request.hook {
        return Hooks::prepare(context, client, to)
            .map_err(|error| hooks::without(context, &request.line, error));
    }
    if context.config()?.restore.require_hook == Some(true) {
        return Err(Error::refused("the configuration demands a hook after each restore")
            .hint(context.command(request.line.iter().filter(|word| *word != "--no-hook"))));
    }
    Ok(None)
}

/// Reads both databases, and which backup is meant.
fn plan(context: &Context, client: &Client, data: &Client, request: &RestoreRequest) -> Result<Plan> {
    let target = context.target()?.one_app()?;
    if context.with_project(|project| Ok(is_this_machine(&request.source, project)))? {
        return Err(Error::usage(
            "development is this machine, and Heroku restores the backups of apps only",
        )
        .hint_about(target, ["pg:push", "NAME", "DATABASE_URL"]));
    }
    let source = context.app_of(&request.source)?;
    let (from, to) = both(
        || attachment::resolve(client, &source, request.from.as_deref()),
        || attachment::resolve(client, target, request.database.as_deref()),
    );
    let (from, to) = (from?, to?);
    let (from_info, to_info) = both(|| capture::info(data, &from), || capture::info(data, &to));
    let (from, to) = (End { attachment: from, info: from_info? }, End { attachment: to, info: to_info? });
    guard::check(target, &from, &to, request)?;
    let backup = if request.fresh { None } else { Some(backup(client, data, &from, request)?) };
    Ok(Plan { from, to, backup, keep: request.keep, reset: request.reset })
}

/// The backup that is meant, among those of the app that the database belongs to.
fn backup(client: &Client, data: &Client, from: &End, request: &RestoreRequest) -> Result<Transfer> {
    let owner = &from.attachment.addon.app.name;
    if let Some(name) = &request.backup {
        return find_backup::named(data.transfers(owner)?, owner, name);
    }
    Backups::of(client, data, &from.attachment)?
        .newest()
        .map_err(|error| error.hint("--fresh makes one first"))
}
