//! What apps run once nobody's release of them is under way.

use std::time::Instant;

use super::pending_release::{pending_release, wait_for_pending_releases};
use super::pipeline_state::StageApp;
use crate::context::Context;
use crate::error::Result;

/// Reads until no release of the apps that would change is pending; exit 6 when `deadline` comes first. A dry run does not
/// wait, but warns. `apps` are those of what was read.
pub(super) fn settled<T>(
    context: &Context,
    deadline: Instant,
    read: impl Fn() -> Result<T>,
    apps: impl Fn(&T) -> Result<Vec<&StageApp>>,
) -> Result<T> {
    let client = context.heroku()?;
    loop {
        let found = read()?;
        if is_settled(context, &apps(&found)?) {
            return Ok(found);
        }
        wait_for_pending_releases(client, &context.terminal, &apps(&found)?, deadline)?;
    }
}

/// Whether no release of these apps is waited for.
fn is_settled(context: &Context, apps: &[&StageApp]) -> bool {
    let pending = apps.iter().find_map(|app| Some((&app.app.name, pending_release(app)?)));
    let Some((app, newest)) = pending else { return true };
    if context.options.dry_run {
        context.terminal.warn(&format!("{app} {} is still being released", newest.version));
    }
    context.options.dry_run
}
