//! Which app is meant: the configuration, the git remotes, the pipeline's stages, the review apps; in that order.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::git::{Remote, Repository};
use crate::heroku::{Client, ReviewApp};
use crate::hint::Hint;
use crate::model::AppName;
use crate::terminal::Terminal;
use crate::text::{nearest, with_operands};

mod ci;
mod guard;
mod local_review;
mod members;
mod overview;
mod pipeline;
mod pull_request;
mod remote_url;
mod remotes;
mod review;
mod review_choice;
mod review_listing;
mod selector;
mod target;
mod this_machine;

pub use guard::is_protected;
pub use local_review::{
    BRANCH as REVIEW_BRANCH, NUMBER as REVIEW_NUMBER, PREDESTROY as REVIEW_PREDESTROY,
    STATUS as REVIEW_STATUS, look_again as look_again_at_local,
};
pub use members::{Member, members};
pub use overview::{Known, KnownApp, Overview, Pipeline, StandsFor, overview};
pub use pipeline::{Place, stage_named};
pub use pull_request::PullRequest;
pub use remote_url::GitHosts;
pub use remotes::{AppRemote, RemoteState, UNNAMED, app_remotes};
pub use review::{NotCreated, command as review_command};
pub use review_listing::ReviewListing;
pub use selector::Selector;
pub use target::{Reason, Target};
pub use this_machine::{THIS_MACHINE, is_this_machine, refuse_this_machine};

/// What environments are resolved from. The Platform API is asked only if configuration and remotes do not answer.
pub struct Project<'a> {
    /// The merged configuration.
    pub config: &'a Config,
    /// The repository of the current folder.
    pub repository: Option<&'a Repository>,
    /// Connects to the Platform API.
    pub heroku: &'a dyn Fn() -> Result<&'a Client>,
    /// Where a person may be asked which of several review apps is meant.
    terminal: Option<&'a Terminal>,
    remotes: OnceCell<Vec<(Remote, Named)>>,
}

/// The app in a remote's URL: `None` if the URL is not Heroku's, an error text if the name is not a valid app name.
type Named = Option<Result<AppName, String>>;

impl<'a> Project<'a> {
    /// A project in which nothing has been read yet.
    pub fn new(
        config: &'a Config,
        repository: Option<&'a Repository>,
        heroku: &'a dyn Fn() -> Result<&'a Client>,
    ) -> Self {
        Self { config, repository, heroku, terminal: None, remotes: OnceCell::new() }
    }

    /// The same, with a person who may be asked.
    #[must_use]
    pub fn asking(self, terminal: &'a Terminal) -> Self {
        Self { terminal: Some(terminal), ..self }
    }

    /// The repository's remotes, each with the app it names; none outside a repository. Read once.
    fn named_remotes(&self) -> &[(Remote, Named)] {
        self.remotes.get_or_init(|| {
            let hosts = GitHosts::from_environment();
            let remotes = self.repository.map(Repository::remotes).unwrap_or_default();
            let named = |remote: Remote| {
                let app = hosts.app(&remote.url);
                (remote, app)
            };
            remotes.into_iter().map(named).collect()
        })
    }

    /// The repository's remotes.
    pub fn remotes(&self) -> impl Iterator<Item = &Remote> {
        self.named_remotes().iter().map(|(remote, _)| remote)
    }

    /// The remotes that name Heroku apps, with the apps.
    pub fn heroku_remotes(&self) -> Vec<(&Remote, &AppName)> {
        self.named_remotes()
            .iter()
            .filter_map(|(remote, app)| Some((remote, app.as_ref()?.as_ref().ok()?)))
            .collect()
    }

    /// The remotes that are not Heroku's.
    fn other_remotes(&self) -> impl Iterator<Item = &Remote> {
        self.named_remotes().iter().filter(|(_, app)| app.is_none()).map(|(remote, _)| remote)
    }
}

/// Finds the apps of environment `name`; exit 3 with what was looked at and a line that fixes it.
pub fn resolve(name: &str, project: &Project<'_>) -> Result<Target> {
    let configured = project.config.environments.get(name).filter(|environment| environment.names_an_app());
    if let Some(configured) = configured {
        return from_configuration(name, configured, project);
    }
    if let Some(target) = from_remote(name, name, project)? {
        return Ok(target);
    }
    if is_this_machine(name, project) {
        return refuse_this_machine("this", &["which".into()]);
    }
    if let Some(stage) = stage_named(name) {
        return pipeline::target(name, &stage, None, project);
    }
    Err(unknown(name, project))
}

/// Finds the review app that `selector` means.
pub fn resolve_review(selector: &Selector, project: &Project<'_>) -> Result<Target> {
    review::target(selector, project)
}

/// The review app that `selector` means, whatever its status, and its pipeline.
pub fn find_review_app(selector: &Selector, project: &Project<'_>) -> Result<(Place, ReviewApp)> {
    review::find(selector, project)
}

/// The branch that is checked out; exit 3 where there is none.
pub fn current_branch(project: &Project<'_>) -> Result<String> {
    review::current_branch(project)
}

/// The branches that origin has now.
pub fn branches_of_origin(project: &Project<'_>) -> Result<BTreeSet<String>> {
    review::branches_of_origin(project)
}

/// The pipeline that has the project's review apps.
pub fn review_pipeline(project: &Project<'_>) -> Result<Place> {
    review::pipeline_of((project.heroku)()?, project)
}

/// The project's pipeline and its review apps: deleted ones, and those that Heroku knows nothing of, are included.
pub fn review_apps(project: &Project<'_>) -> Result<(Place, Vec<ReviewApp>)> {
    review::all_and_local((project.heroku)()?, project)
}

/// The pipeline's review apps that `review create --local` made; `known` are those that Heroku knows.
pub fn local_review_apps(client: &Client, pipeline: &str, known: &[ReviewApp]) -> Result<Vec<ReviewApp>> {
    local_review::all(client, pipeline, known)
}

/// The branch that is meant without a selector, and its pull request where a CI service tells it; exit 3 where there is none.
pub fn branch_here(project: &Project<'_>) -> Result<(String, Option<u64>)> {
    review::branch_here(project)
}

/// The project's pipeline and its review apps, with all that a list of them shows: two rounds of requests.
pub fn review_listing(project: &Project<'_>) -> Result<(Place, ReviewListing)> {
    review_listing::read((project.heroku)()?, project)
}

/// Those of `all` that a line of `review` without a selector means.
pub fn current_review_apps<'a>(project: &Project<'_>, all: &'a [ReviewApp]) -> Vec<&'a ReviewApp> {
    review::current(project, all)
}

fn from_configuration(
    name: &str,
    configured: &crate::config::Environment,
    project: &Project<'_>,
) -> Result<Target> {
    let apps = configured.apps.clone().or_else(|| configured.app.clone().map(|app| vec![app]));
    if let Some(apps) = apps {
        let reason = Reason::Configuration { file: configured.file.display().to_string() };
        return Ok(Target { environment: name.to_owned(), apps, reason });
    }
    if let Some(remote) = &configured.remote {
        return from_remote(name, remote, project)?
            .ok_or_else(|| not_herokus(name, remote, &configured.file.display().to_string(), project));
    }
    let stage = configured.stage.clone().or_else(|| stage_named(name)).ok_or_else(|| {
        Error::usage(format!("[environments.{name}] names a pipeline but no stage"))
            .hint("stage = \"staging\"")
    })?;
    pipeline::target(name, &stage, configured.pipeline.as_deref(), project)
}

/// The error for a remote that `file` names and that is missing or not Heroku's.
fn not_herokus(name: &str, remote: &str, file: &str, project: &Project<'_>) -> Error {
    let said = format!("{name} is the git remote {remote:?} in {file}");
    match project.remotes().find(|found| found.name == remote) {
        Some(found) => Error::unresolved(format!(
            "{said}, but its URL is not a Heroku app: {}",
            remote_url::shown(&found.url)
        ))
        .hint(git_remote("set-url", [remote, HEROKU_URL])),
        None => Error::unresolved(format!("{said}, but there is no such remote"))
            .hint(git_remote("add", [remote, HEROKU_URL])),
    }
}

/// The app that git remote `remote` names, where it is one of Heroku's.
fn from_remote(name: &str, remote: &str, project: &Project<'_>) -> Result<Option<Target>> {
    let Some((remote, app)) = project.named_remotes().iter().find(|(found, _)| found.name == remote) else {
        return Ok(None);
    };
    let app = match app {
        Some(Ok(app)) => app.clone(),
        Some(Err(message)) => {
            return Err(Error::unresolved(message.clone())
                .context(format!("git remote {} cannot be used", remote.name))
                .hint(git_remote("set-url", [&remote.name, HEROKU_URL])));
        }
        None => return Ok(None),
    };
    let reason = Reason::Remote(remote.clone());
    Ok(Some(Target { environment: name.to_owned(), apps: vec![app], reason }))
}

/// The error for an unknown environment: what was looked at, and a line that fixes it.
fn unknown(name: &str, project: &Project<'_>) -> Error {
    let mut error = Error::unresolved(looked_at(name, project)).context(format!("no app found for {name}"));
    let remotes = project.heroku_remotes();
    if project.repository.is_none() {
        return error.hint("run this inside the app's git repository, or name the app in greenroom.toml");
    }
    if let [(remote, app)] = remotes.as_slice() {
        error = error.hint(git_remote("rename", [&remote.name, name]).note(format!("if {app} is {name}")));
    }
    let nearest = nearest(name, remotes.iter().map(|(remote, _)| remote.name.as_str()));
    if let Some(nearest) = nearest {
        error = error.hint(Hint::text(format!("did you mean {nearest}?")));
    }
    error.hint(git_remote("add", [name, HEROKU_URL]))
}

/// A URL to fill in.
const HEROKU_URL: &str = "https://git.heroku.com/APP.git";

/// The line that changes a git remote.
fn git_remote(verb: &str, operands: [&str; 2]) -> Hint {
    Hint::line(with_operands(&["git", "remote", verb], operands))
}

/// What resolution looked at, in its order.
fn looked_at(name: &str, project: &Project<'_>) -> String {
    let files = match project.config.files.len() {
        0 => "no greenroom.toml".to_owned(),
        _ => format!("{} without [environments.{name}]", file_names(project.config)),
    };
    let remotes: Vec<&str> = project.remotes().map(|remote| remote.name.as_str()).collect();
    let remotes = match (project.repository, remotes.len()) {
        (None, _) => "no git repository here".to_owned(),
        (_, 0) => "no git remotes".to_owned(),
        _ => format!("git remotes {} (none is a Heroku remote named {name})", remotes.join(", ")),
    };
    match stage_named(name) {
        Some(_) => format!("looked at: {files}; {remotes}"),
        None => format!("looked at: {files}; {remotes}; pipeline stages (none is named {name})"),
    }
}

fn file_names(config: &Config) -> String {
    config.files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(" and ")
}

/// The names of the environments that are known here: configured, or a Heroku remote.
pub fn known(project: &Project<'_>) -> Vec<String> {
    let mut names: Vec<String> = project.config.environments.keys().cloned().collect();
    names.extend(project.heroku_remotes().into_iter().map(|(remote, _)| remote.name.clone()));
    names.sort_unstable();
    names.dedup();
    names
}
