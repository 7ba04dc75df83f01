//! The names of a new project: its apps and its pipeline, whether they are free, and another name where they are not.

use crate::error::{Error, Result};
use crate::heroku::{ApiError, App, Client, Coupling};
use crate::hint::Hint;
use crate::model::{AppName, Stage};
use crate::parallel::in_parallel;

use super::Wanted;

/// An environment of the new project.
#[derive(Debug)]
pub(super) struct Environment {
    /// Its name.
    pub(super) name: &'static str,
    /// Its app.
    pub(super) app: AppName,
    /// The stage of the app.
    pub(super) stage: Stage,
    /// The app and its coupling, where an earlier run made it.
    pub(super) made: Option<(App, Option<Coupling>)>,
}

/// Whose an app of a wanted name is.
enum Found {
    /// There is none.
    Free,
    /// The account's own, or its team's, as wanted.
    Ours(Box<App>, Option<Coupling>),
    /// Somebody else's.
    Taken,
}

/// The environments of a project with this name, each with its app where that was made already; the names of apps that are
/// taken in place of them.
pub(super) fn survey(
    client: &Client,
    name: &str,
    wanted: &Wanted<'_>,
    account: &str,
) -> Result<Result<Vec<Environment>, Vec<AppName>>> {
    let apps = wanted.environments(name)?;
    let found = in_parallel(apps.iter().map(|(_, app, _)| app), |app| find(client, app, wanted, account));
    let (mut environments, mut taken) = (Vec::new(), Vec::new());
    for ((name, app, stage), found) in apps.into_iter().zip(found) {
        let made = match found? {
            Found::Free => None,
            Found::Ours(found, coupling) => Some((*found, coupling)),
            Found::Taken => {
                taken.push(app);
                continue;
            }
        };
        environments.push(Environment { name, app, stage, made });
    }
    Ok(if taken.is_empty() { Ok(environments) } else { Err(taken) })
}

fn find(client: &Client, name: &AppName, wanted: &Wanted<'_>, account: &str) -> Result<Found> {
    let app = match client.app(name.as_ref()) {
        Ok(app) => app,
        Err(error) => {
            return match error.downcast_ref().map(|refusal: &ApiError| refusal.status) {
                Some(404) => Ok(Found::Free),
                Some(403) => Ok(Found::Taken),
                _ => Err(error),
            };
        }
    };
    let team = app.team.as_ref().map(|team| team.name.as_str());
    let is_ours = match wanted.team {
        Some(wanted) => team == Some(wanted),
        None if wanted.space.is_some() => app.space.as_ref().map(|space| space.name.as_str()) == wanted.space,
        None => team.is_none() && app.owner.as_ref().is_some_and(|owner| owner.id == account),
    };
    if !is_ours {
        return Ok(Found::Taken);
    }
    let coupling = client.coupling_of(name)?;
    Ok(Found::Ours(Box::new(app), coupling))
}

/// Another name for the project, whose apps are free or ours, and whose pipeline is not another project's.
pub(super) fn alternative(client: &Client, wanted: &Wanted<'_>, account: &str) -> Option<String> {
    let name = wanted.name;
    let candidates = ["app", "hq", "web", "2", "3"].map(|end| format!("{name}-{end}"));
    candidates.into_iter().find(|candidate| matches!(survey(client, candidate, wanted, account), Ok(Ok(_))))
}

/// The error for names that are taken.
pub(super) fn taken(apps: &[AppName], alternative: Option<&str>, wanted: &Wanted<'_>) -> Error {
    let names = apps.iter().map(AppName::to_string).collect::<Vec<_>>().join(", ");
    let verb = if apps.len() == 1 { "name is" } else { "names are" };
    let error = Error::refused(format!("the app {verb} taken: {names}"));
    match alternative {
        Some(other) => error.hint(Hint::line(wanted.words(other)).note("is free")),
        None => error.hint("greenroom setup --create NAME   # another name"),
    }
}
