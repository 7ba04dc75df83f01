//! The add-ons of a local review app.

use super::create::Maker;
use crate::error::{Error, Result};
use crate::heroku::{Addon, create_addon};
use crate::model::AppName;
use crate::release::Polling;

/// Creates the add-ons that `app.json` names and the app lacks, and waits until all of them are provisioned.
pub(super) fn create(maker: &Maker<'_>, app: &AppName, exists: bool) -> Result<()> {
    let wanted = &maker.setup.addons;
    if wanted.is_empty() {
        return Ok(());
    }
    let mut there = if exists { maker.client.addons(app)? } else { Vec::new() };
    for addon in wanted {
        // One that is there stands for one that is wanted.
        if let Some(at) = there.iter().position(|known| addon.is(&known.plan.name)) {
            there.swap_remove(at);
            continue;
        }
        maker.send(&create_addon(app, &addon.plan, addon.alias.as_deref(), &addon.options))?;
        if !maker.is_dry() {
            maker.context.terminal.status(&format!("created add-on {}", addon.plan));
        }
    }
    if maker.is_dry() { Ok(()) } else { wait(maker, app) }
}

/// Waits until no add-on is being provisioned. Exit 6 when the deadline comes first.
fn wait(maker: &Maker<'_>, app: &AppName) -> Result<()> {
    let mut polling = Polling::begin(&maker.context.terminal, format!("the add-ons of {app}"))?;
    let pending = |addons: &[Addon]| addons.iter().any(|addon| addon.state == "provisioning");
    let look = || Ok(Some(maker.client.addons(app)?).filter(|addons| !pending(addons)));
    let lost = |error: Error| error.context(format!("the add-ons of {app} cannot be read"));
    match polling.until(maker.request.deadline, look, lost)? {
        Some(_) => Ok(()),
        None => Err(Error::timed_out(format!("the add-ons of {app} are still being provisioned"))
            .hint(maker.again().note("goes on from there"))),
    }
}
