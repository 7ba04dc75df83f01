//! `[environments.NAME]`: which app is meant, and what may be done to it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Deserialize;

use crate::hint::Hint;
use crate::model::{AppName, Stage};
use crate::text::nearest;

/// `[environments.NAME]`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// The one app of this environment.
    pub app: Option<AppName>,
    /// Its apps, where it has several.
    pub apps: Option<Vec<AppName>>,
    /// The git remote that names its app.
    pub remote: Option<String>,
    /// The pipeline that holds its app, where it is not the project's.
    pub pipeline: Option<String>,
    /// The stage of the pipeline that holds its app.
    pub stage: Option<Stage>,
    /// Whether moving code here requires a confirmation.
    pub protected: Option<bool>,
    /// Only what this branch contains may be deployed here.
    pub branch: Option<String>,
    /// The file that names the app.
    #[serde(skip)]
    pub file: PathBuf,
}

impl Environment {
    /// Takes from `weaker` what is not set yet.
    pub(super) fn merge(&mut self, weaker: Self) {
        // The keys that name the app are taken from one file: mixed, they could name an app that neither file has.
        if !self.names_an_app() {
            self.app = weaker.app;
            self.apps = weaker.apps;
            self.remote = weaker.remote;
            self.pipeline = weaker.pipeline;
            self.stage = weaker.stage;
            self.file = weaker.file;
        }
        self.protected = match (self.protected, weaker.protected) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (stronger, weaker) => stronger.or(weaker),
        };
        self.branch = self.branch.take().or(weaker.branch);
    }

    /// Whether it names an app.
    pub fn names_an_app(&self) -> bool {
        self.app.is_some()
            || self.apps.is_some()
            || self.remote.is_some()
            || self.pipeline.is_some()
            || self.stage.is_some()
    }
}

/// Checks an environment; the error may come with a hint.
pub(super) fn check(name: &str, environment: &Environment) -> Result<(), (String, Option<Hint>)> {
    let wrong = |message: String| (message, None);
    crate::names::check_name(name).map_err(wrong)?;
    if name == "review" {
        check_review(environment).map_err(wrong)?;
    }
    check_ways(environment).map_err(wrong)?;
    if let Some(branch) = environment.branch.as_deref().filter(|branch| !is_branch_name(branch)) {
        return Err(wrong(format!("`branch` is {branch:?}, which is not a valid branch name")));
    }
    match &environment.stage {
        Some(Stage::Other(stage)) => Err((
            format!("`stage` is {stage:?}, which is not a pipeline stage ({})", Stage::WORDS.join(", ")),
            nearest(stage, Stage::WORDS.iter().copied())
                .map(|near| Hint::text(format!("did you mean `{near}`?"))),
        )),
        _ => Ok(()),
    }
}

/// Whether git would take this for a branch's name, as far as it matters for what is made of it.
fn is_branch_name(branch: &str) -> bool {
    let odd = |c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\".contains(c);
    !branch.is_empty() && !branch.starts_with(['-', '/']) && !branch.contains("..") && !branch.contains(odd)
}

/// A review app is selected on the command line; only its pipeline can be configured.
fn check_review(review: &Environment) -> Result<(), String> {
    let said = [
        ("app", review.app.is_some()),
        ("apps", review.apps.is_some()),
        ("remote", review.remote.is_some()),
        ("stage", review.stage.is_some()),
    ];
    match said.iter().find(|(_, said)| *said) {
        Some((key, _)) => Err(format!(
            "`{key}` has no meaning here: review apps are found in the pipeline, by pull request or branch, so only \
             `pipeline` and `protected` can be set"
        )),
        None => Ok(()),
    }
}

fn check_ways(environment: &Environment) -> Result<(), String> {
    let ways = [
        environment.app.is_some(),
        environment.apps.is_some(),
        environment.remote.is_some(),
        environment.pipeline.is_some() || environment.stage.is_some(),
    ];
    if ways.into_iter().filter(|way| *way).count() > 1 {
        return Err("only one of `app`, `apps`, `remote` and `pipeline`/`stage` can be set".into());
    }
    let Some(apps) = &environment.apps else { return Ok(()) };
    if apps.is_empty() {
        return Err("`apps` is empty".into());
    }
    let mut seen = BTreeSet::new();
    match apps.iter().map(AppName::as_ref).find(|app| !seen.insert(*app)) {
        Some(twice) => Err(format!("`apps` names {twice} twice")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn environments() -> impl Strategy<Value = Environment> {
        let name = || proptest::option::of("[a-z][a-z0-9]{3,8}");
        (name(), name(), proptest::option::of(any::<bool>())).prop_map(|(app, remote, protected)| {
            Environment {
                remote: if app.is_some() { None } else { remote },
                app: app.map(|app| app.parse().unwrap()),
                protected,
                ..Environment::default()
            }
        })
    }

    proptest! {
        #[test]
        fn merging_keeps_what_the_stronger_says(stronger in environments(), weaker in environments()) {
            let mut merged = stronger.clone();
            merged.merge(weaker.clone());
            let which = if stronger.names_an_app() { &stronger } else { &weaker };
            prop_assert_eq!(&merged.app, &which.app);
            prop_assert_eq!(&merged.remote, &which.remote);
            let cautious = stronger.protected == Some(true) || weaker.protected == Some(true);
            prop_assert_eq!(merged.protected == Some(true), cautious);
        }

        #[test]
        fn merging_twice_changes_nothing_more(stronger in environments(), weaker in environments()) {
            let mut once = stronger;
            once.merge(weaker.clone());
            let mut twice = once.clone();
            twice.merge(weaker);
            prop_assert_eq!(once, twice);
        }
    }
}
