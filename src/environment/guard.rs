//! Whether code may move to an app without a yes.

use super::{AppName, Surroundings};

/// Whether code only moves to `app` after a yes, whatever name was typed for it.
///
/// It does if the environment is protected, if a protected environment means this app too, or if it stands in the
/// pipeline's stage `production`; of these the last is taken back by `protected = false` for the environment.
pub fn is_protected(environment: &str, app: &AppName, stage: &str, around: &Surroundings<'_>) -> bool {
    let config = around.config;
    let told_not = config.environments.get(environment).is_some_and(|told| told.protected == Some(false));
    config.is_protected(environment)
        || (stage == "production" && !told_not && config.is_protected("production"))
        || names_of(app, around).iter().any(|name| config.is_protected(name))
}

/// The environments that are known here to mean `app`.
fn names_of(app: &AppName, around: &Surroundings<'_>) -> Vec<String> {
    let remotes = around.heroku_remotes();
    let by_remote = |name: &str| remotes.iter().any(|(remote, named)| remote.name == name && *named == app);
    let configured = around.config.environments.iter().filter(|(name, environment)| {
        let named = environment.app.iter().chain(environment.apps.iter().flatten()).any(|named| named == app);
        named || by_remote(environment.remote.as_deref().unwrap_or(name))
    });
    let mut names: Vec<String> = configured.map(|(name, _)| name.clone()).collect();
    // A remote is an environment's only where the configuration does not say otherwise.
    let free = remotes.iter().filter(|(remote, named)| {
        let configured = around.config.environments.get(&remote.name);
        *named == app && !configured.is_some_and(crate::config::Environment::names_an_app)
    });
    names.extend(free.map(|(remote, _)| remote.name.clone()));
    names
}
