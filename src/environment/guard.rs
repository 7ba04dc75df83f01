//! Whether an app is protected: code moves to it only after a confirmation.

use super::{Project, stage_named};
use crate::config::Environment;
use crate::model::{AppName, Stage};

/// Whether moving code to `app` requires a confirmation, whatever name was typed for it.
///
/// It does if the environment is protected, if a protected environment of either file is this app too, or if it is
/// in the pipeline's stage `production`. Only the last is undone by `protected = false` for the environment.
///
/// `stage` is the app's; none where it is in no pipeline or not known.
pub fn is_protected(environment: &str, app: &AppName, stage: Option<&Stage>, project: &Project<'_>) -> bool {
    let config = project.config;
    let is_unprotected =
        config.environments.get(environment).is_some_and(|settings| settings.protected == Some(false));
    config.is_protected(environment)
        || (stage == Some(&Stage::Production) && !is_unprotected && config.is_protected("production"))
        || protected_names(project).into_iter().any(|name| means(name, app, stage, project))
}

/// The protected environments that are known here.
fn protected_names<'a>(project: &'a Project<'_>) -> Vec<&'a str> {
    let configured = project.config.environments.keys().map(String::as_str);
    let remotes = project.heroku_remotes().into_iter().map(|(remote, _)| remote.name.as_str());
    let all = configured.chain(remotes).chain(["production"]);
    all.filter(|name| project.config.is_protected(name)).collect()
}

/// Whether the environment `name` resolves to `app`, which is in this stage.
///
/// Each file is checked by itself: if the team's file makes `production` another app, the app that it was in the
/// person's file stays protected.
fn means(name: &str, app: &AppName, stage: Option<&Stage>, project: &Project<'_>) -> bool {
    let remotes = project.heroku_remotes();
    let is_remote = |name: &str| remotes.iter().any(|(remote, named)| remote.name == name && *named == app);
    let is_stage = |other: Option<&Stage>| stage.is_some() && other == stage;
    let of_name = stage_named(name);
    let by = |settings: &Environment| {
        settings.app.iter().chain(settings.apps.iter().flatten()).any(|named| named == app)
            || settings.remote.as_deref().is_some_and(is_remote)
            || ((settings.pipeline.is_some() || settings.stage.is_some())
                && is_stage(settings.stage.as_ref().or(of_name.as_ref())))
    };
    // Without an app in the file, the remote of this name decides; without such a remote, the stage of this name.
    let nameless = || {
        let has_remote = remotes.iter().any(|(remote, _)| remote.name == name);
        is_remote(name) || (!has_remote && is_stage(of_name.as_ref()))
    };
    let is_named_by = |settings: Option<&Environment>| match settings {
        Some(settings) if settings.names_an_app() => by(settings) || is_remote(name),
        _ => nameless(),
    };
    let personal = project.config.personal.get(name);
    is_named_by(project.config.team.get(name)) || personal.is_some_and(|_| is_named_by(personal))
}
