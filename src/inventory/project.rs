//! The apps of an environment, found as every command finds them, but without asking Heroku.

use std::cell::Cell;

use crate::context::Context;
use crate::environment::{self, Project, Selector};
use crate::error::{Error, Result};
use crate::git::Repository;
use crate::model::AppName;

/// What the current folder says about an environment's apps.
pub(in crate::inventory) enum Whereabouts {
    /// The apps are known.
    Known(Vec<AppName>),
    /// Only Heroku can tell.
    Afar {
        /// All that Heroku's answer depends on.
        key: String,
        /// The review app that was asked for.
        selector: Option<Selector>,
    },
}

/// Finds the apps of the context's environment.
pub(in crate::inventory) fn whereabouts(context: &Context) -> Result<Whereabouts> {
    let is_asked = Cell::new(false);
    let heroku = || {
        is_asked.set(true);
        Err(Error::failed("no request is made during completion"))
    };
    let project = Project::new(context.config()?, context.repository()?, &heroku);
    let found = match context.selector() {
        Some(selector) => environment::resolve_review(selector, &project),
        None => environment::resolve(&context.name, &project),
    };
    match found {
        Ok(target) => Ok(Whereabouts::Known(target.apps)),
        Err(_) if is_asked.get() => {
            let settled = context.selector().map(|selector| settled(selector, project.repository));
            let key = key(&context.name, settled.as_ref(), &project);
            // The current branch may have another name at origin: the refresh finds it as the command does.
            let selector = match context.selector() {
                Some(Selector::CurrentBranch) => Some(Selector::CurrentBranch),
                _ => settled,
            };
            Ok(Whereabouts::Afar { key, selector })
        }
        Err(error) => Err(error),
    }
}

/// The key of the list of the project's review apps: all that it depends on.
pub(in crate::inventory) fn key_of_reviews(context: &Context) -> Result<String> {
    let heroku = || Err(Error::failed("no request is made during completion"));
    Ok(key("review", None, &Project::new(context.config()?, context.repository()?, &heroku)))
}

/// The selector without indirection: the current branch by its name, a pull request's URL by its number.
fn settled(selector: &Selector, repository: Option<&Repository>) -> Selector {
    match selector {
        Selector::CurrentBranch => {
            repository.and_then(Repository::branch).map_or(Selector::CurrentBranch, Selector::Branch)
        }
        other => other.number().map_or_else(|| other.clone(), Selector::Number),
    }
}

/// All that an answer about environment `name` depends on, on one line.
fn key(name: &str, selector: Option<&Selector>, project: &Project<'_>) -> String {
    let root = project.repository.map(Repository::root);
    let said = project.config.environments.get(name);
    let said = said.map(|said| (&said.pipeline, &said.stage));
    let remotes = project.heroku_remotes();
    let remotes: Vec<(&str, &str)> =
        remotes.iter().map(|(remote, app)| (remote.name.as_str(), app.as_ref())).collect();
    format!("{:?}", (name, selector, root, &project.config.pipeline, said, remotes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Environment};

    fn of(config: &Config, name: &str, selector: Option<&Selector>) -> String {
        let heroku = || Err(Error::failed("not here"));
        key(name, selector, &Project::new(config, None, &heroku))
    }

    #[test]
    fn keys_differ_where_the_answer_would() {
        let plain = Config::default();
        let piped = Config { pipeline: Some("opera".to_owned()), ..Config::default() };
        let mut staged = Config::default();
        let stage = Environment { stage: Some("staging\nof it".into()), ..Environment::default() };
        staged.environments.insert("staging".to_owned(), stage);
        let keys = [
            of(&plain, "staging", None),
            of(&plain, "production", None),
            of(&piped, "staging", None),
            of(&staged, "staging", None),
            of(&plain, "review", None),
            of(&plain, "review", Some(&Selector::Number(42))),
            of(&plain, "review", Some(&Selector::Branch("42".to_owned()))),
        ];
        for (place, key) in keys.iter().enumerate() {
            assert!(!key.contains('\n') && !keys[..place].contains(key), "{key}");
        }
        let pull = Selector::of_word("https://github.com/o/r/pull/42");
        assert_eq!(settled(&pull, None), Selector::Number(42));
    }
}
