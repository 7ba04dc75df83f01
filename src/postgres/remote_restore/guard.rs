//! What a restore is refused for, before anything is done, and what is asked.

use std::ffi::OsString;

use super::RestoreRequest;
use super::plan::{End, Plan};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::AppName;
use crate::{confirm, text};

/// Refuses, with exit 5, a target that is not this app's own, is the source, or cannot take the backup.
///
/// `app` is the environment's: `--database APP::NAME` names another one.
pub(super) fn check(app: &AppName, source: &End, target: &End, request: &RestoreRequest) -> Result<()> {
    let (from, to) = (&source.attachment, &target.attachment);
    if to.app.name != *app {
        return Err(Error::refused(format!(
            "{to} is not a database of {app}: a restore replaces the environment's own data only"
        ))
        .hint_about(app, ["addons"]));
    }
    if to.is_foreign() {
        return Err(Error::refused(format!(
            "{to} belongs to {}: a restore would replace that app's data",
            to.addon.app.name
        ))
        .hint_about(&to.app.name, ["addons"]));
    }
    // Its own backup, named, is the way back from an earlier restore.
    if from.addon.id == to.addon.id && request.backup.is_none() {
        return Err(Error::refused(format!("{from} and {to} are one database, {}", to.addon.name))
            .hint("--backup names a backup of it to go back to"));
    }
    if target.info.is_follower() {
        return Err(Error::refused(format!("{to} follows another database and only reads"))
            .hint("--database names another one"));
    }
    check_versions(source, target)
}

/// A backup is for a server that is not older: an older one stops at settings that it does not know.
fn check_versions(source: &End, target: &End) -> Result<()> {
    let to = &target.attachment;
    match (source.info.major(), target.info.major()) {
        (Some(from), Some(there)) if from > there => Err(Error::refused(format!(
            "{to} has PostgreSQL {there}, and the backup is of PostgreSQL {from}"
        ))
        .hint_about(&to.app.name, ["pg:upgrade"])),
        _ => Ok(()),
    }
}

/// Refuses, with exit 5, what surely does not fit into the target's plan: a backup is smaller than its data, and no database
/// is taken to be more than half empty space. Warns of what may not.
pub(super) fn check_size(context: &Context, plan: &Plan) -> Result<()> {
    let to = &plan.to.attachment;
    let Some(limit) = plan.to.info.size().1 else { return Ok(()) };
    let (data, packed) = match &plan.backup {
        Some(backup) => (backup.source_bytes, backup.processed_bytes),
        None => (plan.from.info.size().0, None),
    };
    let (data, packed) = (data.unwrap_or_default(), packed.unwrap_or_default());
    let whole = text::size(data.max(packed));
    let told = format!("the plan {} of {to} holds {}", to.plan(), text::size(limit));
    if packed > limit || data / 2 > limit {
        return Err(Error::refused(format!("{told}, and the data of {} is {whole}", plan.from.attachment))
            .hint_about(&to.app.name, ["addons:upgrade", &to.addon.name, "PLAN"]));
    }
    if data > limit {
        context.terminal.warn(&format!("{told}, and the data was {whole}: it may not fit"));
    }
    Ok(())
}

/// What of the target is protected; exit 5 without `--into-production` where it is, or where it cannot be told.
pub(super) fn protected(context: &Context, plan: &Plan, request: &RestoreRequest) -> Result<Option<String>> {
    let app = &plan.to.attachment.app.name;
    let (why, protected) = match confirm::protected_app(context, app) {
        Ok(None) => return Ok(None),
        Ok(Some(protected)) => (format!("{protected} is protected"), protected),
        Err(error) => (confirm::cannot_tell(&error), app.to_string()),
    };
    if request.into_production || context.options.dry_run {
        return Ok(Some(protected));
    }
    let mut again: Vec<OsString> = request.line.clone();
    again.push("--into-production".into());
    Err(Error::refused(format!("{why}, and a restore replaces its data")).hint(context.command(again)))
}

/// Asks for the app's name where the target is protected: `--yes` is not enough. Where there will be no way back, asks a
/// question that `--yes` answers.
pub(super) fn ask(
    context: &Context,
    plan: &Plan,
    request: &RestoreRequest,
    protected: Option<&str>,
) -> Result<()> {
    let app = &plan.to.attachment.app.name;
    if protected.is_some() {
        return confirm::by_name(context, app, &format!("The data of {app} will be replaced."));
    }
    if request.keep {
        return Ok(());
    }
    let why = format!("the data of {app} is replaced without a backup");
    confirm::agree(context, &why, &format!("Replace the data of {app} without a backup?"), &request.line)?;
    Ok(())
}
