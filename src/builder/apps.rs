//! The apps of the prepare flow: production, staging, and the app that builds for both.

use crate::context::Context;
use crate::environment::{self, Reason, Target, stage_named};
use crate::error::{Error, Kind, Result};
use crate::heroku::Client;
use crate::hint::Hint;
use crate::model::AppName;

/// The apps of the flow.
#[derive(Debug)]
pub struct Apps {
    /// The apps of `production`; the first is the model.
    pub production: Vec<AppName>,
    /// The apps of `staging`, if it has any.
    pub staging: Vec<AppName>,
    /// The app that builds; it may not exist yet.
    pub builder: AppName,
}

impl Apps {
    /// Finds the apps. The app that builds is the one `asked` for, else the one that `prepare` means, else production's name
    /// with `-prepare` in place of `-production`. Exit 3 where production is not known.
    pub fn find(context: &Context, client: &Client, asked: Option<&AppName>) -> Result<Self> {
        let production = context.with_project(|project| environment::resolve("production", project))?.apps;
        let staging =
            known(context, client, "staging", &production)?.map_or(Vec::new(), |target| target.apps);
        let builder = match (asked, known(context, client, "prepare", &production)?) {
            (Some(asked), known) => {
                refuse_another(asked, known.as_ref())?;
                asked.clone()
            }
            (None, Some(target)) => {
                let error =
                    |error: Error| error.hint_line(["prepare", "setup", "--app", target.apps[0].as_ref()]);
                target.one_app().map_err(error)?.clone()
            }
            (None, None) => named_after(&production[0])?,
        };
        if production.contains(&builder) || staging.contains(&builder) {
            return Err(Error::refused(format!(
                "{builder} serves production or staging and cannot be the app that only builds"
            ))
            .hint_line(["prepare", "setup", "--app", named_after(&production[0])?.as_ref()]));
        }
        Ok(Self { production, staging, builder })
    }
}

/// The apps of environment `name`, if any are known: as it resolves, else from production's pipeline.
fn known(context: &Context, client: &Client, name: &str, production: &[AppName]) -> Result<Option<Target>> {
    match context.with_project(|project| environment::resolve(name, project)) {
        Ok(target) => Ok(Some(target)),
        Err(error) if error.kind() == Kind::Unresolved => beside(client, name, &production[0]),
        Err(error) => Err(error),
    }
}

/// The apps in the stage of environment `name`, in the pipeline that `production` is in.
fn beside(client: &Client, name: &str, production: &AppName) -> Result<Option<Target>> {
    let (Some(stage), Some(coupling)) = (stage_named(name), client.coupling_of(production)?) else {
        return Ok(None);
    };
    let couplings = client.pipeline_couplings(&coupling.pipeline.id)?;
    let ids: Vec<&str> = couplings
        .iter()
        .filter(|coupling| coupling.stage == stage)
        .map(|coupling| &*coupling.app.id)
        .collect();
    if ids.is_empty() {
        return Ok(None);
    }
    let mut apps: Vec<AppName> = client.apps_by_id(&ids)?.into_iter().map(|app| app.name).collect();
    apps.sort_unstable();
    let (pipeline, because) = (coupling.pipeline.name, format!("which {production} is in"));
    let reason = Reason::Stage { pipeline, stage, because };
    Ok((!apps.is_empty()).then(|| Target { environment: name.to_owned(), apps, reason }))
}

/// Exit 5 where configuration names another app for `prepare`: it would win over the new one.
fn refuse_another(asked: &AppName, known: Option<&Target>) -> Result<()> {
    match known {
        Some(Target { apps, reason: reason @ Reason::Configuration { .. }, .. }) if !apps.contains(asked) => {
            Err(Error::refused(format!("prepare is {}, {reason}; {asked} would not be found", apps[0]))
                .hint(Hint::setting("environments.prepare.app", asked.as_ref()).note("there")))
        }
        _ => Ok(()),
    }
}

/// `playhouse-prepare` for `playhouse-production`.
fn named_after(production: &AppName) -> Result<AppName> {
    let name = format!("{}-prepare", base_name(production));
    name.parse().map_err(|error| Error::usage(error).hint("prepare setup --app NAME"))
}

/// `playhouse` for `playhouse-production`.
pub(super) fn base_name(production: &AppName) -> &str {
    let name = production.as_ref();
    name.strip_suffix("-production").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_derived_from_production() {
        let named = |name: &str| named_after(&name.parse().unwrap()).map(String::from);
        assert_eq!(named("playhouse-production").unwrap(), "playhouse-prepare");
        assert_eq!(named("playhouse").unwrap(), "playhouse-prepare");
        assert_eq!(named(&"p".repeat(30)).unwrap_err().kind(), Kind::Usage);
    }
}
