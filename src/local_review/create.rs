//! The creation of a local review app, step by step.

use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use super::{addons, app, config, script};
use crate::app_manifest::{self, AppManifest, Setup};
use crate::context::Context;
use crate::environment;
use crate::error::{Error, Result};
use crate::git::Repository;
use crate::heroku::{App, Change, Client, Pipeline, ReviewApp, couple, scale, set_buildpacks};
use crate::hint::Hint;
use crate::model::{AppName, BuildStatus, CommitId, Quantity, Scaling, Stage};
use crate::release;

/// The review app to create.
#[derive(Debug)]
pub struct Request {
    /// The branch it is of.
    pub branch: String,
    /// Its pull request.
    pub number: Option<u64>,
    /// Config vars of this app alone.
    pub env: Vec<(String, String)>,
    /// Whether all of it is waited for, not only the beginning of the build.
    pub waits: bool,
    /// When waiting ends.
    pub deadline: Instant,
}

/// Creates the review app, or finishes one whose creation was interrupted, or brings one that is there to the commit.
///
/// None in a dry run, which prints the requests, and where the build was only begun.
pub fn create(context: &Context, request: &Request) -> Result<Option<(ReviewApp, App)>> {
    let place = context.with_project(environment::review_pipeline)?;
    let client = context.heroku()?;
    let (repository, commit) = super::redeploy::commit_of(context, &request.branch)?;
    let setup = setup(repository, &commit)?;
    let maker = Maker {
        context,
        client,
        pipeline: &place.pipeline,
        repository,
        commit: &commit,
        setup: &setup,
        request,
    };
    maker.make()
}

/// What the commit's `app.json` says; exit 2 where Heroku would refuse it.
fn setup(repository: &Repository, commit: &CommitId) -> Result<Setup> {
    let text = repository.file_at(commit, app_manifest::NAME)?.unwrap_or_default();
    if text.trim().is_empty() {
        return Ok(Setup::default());
    }
    let flaw = match AppManifest::parse(text) {
        Ok(manifest) => match manifest.flaws().into_iter().find(|flaw| flaw.is_fatal) {
            None => return Ok(manifest.setup()),
            Some(flaw) => flaw,
        },
        Err(flaw) => flaw,
    };
    Err(Error::usage(flaw.to_string())
        .context(format!("{} cannot be set up", commit.short()))
        .hint(Hint::line(["review", "check"])))
}

/// Makes one review app.
pub(super) struct Maker<'a> {
    pub(super) context: &'a Context,
    pub(super) client: &'a Arc<Client>,
    pub(super) pipeline: &'a Pipeline,
    pub(super) repository: &'a Repository,
    pub(super) commit: &'a CommitId,
    pub(super) setup: &'a Setup,
    pub(super) request: &'a Request,
}

impl Maker<'_> {
    fn make(&self) -> Result<Option<(ReviewApp, App)>> {
        config::check_required(self)?;
        let found = app::find(self)?;
        let name = app::create(self, &found)?;
        // An app that a dry run only names has nothing that could be looked at.
        let exists = found.app.is_some() || !self.is_dry();
        let was_created = config::set(self, &name, exists)?;
        self.couple(&name, exists)?;
        self.set_buildpacks(&name, exists)?;
        addons::create(self, &name, exists)?;
        if !self.build(&name, exists)? {
            self.context.terminal.status(&format!("{name} is being built"));
            self.context.terminal.hint(self.again().note("does the rest"));
            return Ok(None);
        }
        self.scale(&name, exists)?;
        if !was_created {
            script::postdeploy(self, &name, exists)?;
        }
        config::mark_created(self, &name, was_created)?;
        if self.is_dry() { Ok(None) } else { self.made(&name).map(Some) }
    }

    /// Whether requests are only printed.
    pub(super) fn is_dry(&self) -> bool {
        self.context.options.dry_run
    }

    /// Asks for the change, or prints it in a dry run.
    pub(super) fn send(&self, change: &Change) -> Result<()> {
        if self.is_dry() {
            return self.print(&self.client.describe_change(change));
        }
        self.client.change::<Value>(change).map(drop)
    }

    /// Prints a line of a dry run.
    pub(super) fn print(&self, line: &str) -> Result<()> {
        self.context.terminal.print_lines(&format!("{line}\n"))
    }

    /// The same line again, which finishes what was interrupted.
    pub(super) fn again(&self) -> Hint {
        let mut words = vec!["review".to_owned(), "create".to_owned(), self.request.branch.clone()];
        words.push("--local".to_owned());
        if let Some(number) = self.request.number {
            words.extend(["--pr".to_owned(), number.to_string()]);
        }
        Hint::line(words)
    }

    fn couple(&self, app: &AppName, exists: bool) -> Result<()> {
        let coupling = if exists { self.client.coupling_of(app)? } else { None };
        match coupling {
            None => self.send(&couple(app, &self.pipeline.id, &Stage::Review)),
            Some(coupling) if coupling.pipeline.id == self.pipeline.id => Ok(()),
            Some(coupling) => Err(Error::refused(format!(
                "{app} is in pipeline {}, not in {}",
                coupling.pipeline.name, self.pipeline.name
            ))),
        }
    }

    fn set_buildpacks(&self, app: &AppName, exists: bool) -> Result<()> {
        let wanted = &self.setup.buildpacks;
        let is_set = |urls: &[String]| {
            urls.iter()
                .map(|url| crate::heroku::buildpack_name(url))
                .eq(wanted.iter().map(|url| crate::heroku::buildpack_name(url)))
        };
        if wanted.is_empty() || (exists && is_set(&self.client.buildpacks(app)?)) {
            return Ok(());
        }
        self.send(&set_buildpacks(app, wanted))
    }

    /// Builds the commit and waits until its release is there, unless the app runs it; false where the build was only begun.
    fn build(&self, app: &AppName, exists: bool) -> Result<bool> {
        let (client, terminal, deadline) = (self.client, &self.context.terminal, self.request.deadline);
        if self.is_dry() {
            return self.print(&client.describe_build(app, self.commit)).map(|()| true);
        }
        let newest = if exists { client.builds(app.as_ref(), 1)?.pop() } else { None };
        let is_ours = |build: &crate::heroku::Build| {
            build.source_blob.version.as_ref().is_some_and(|built| built.is(&self.commit.clone().into()))
        };
        let newest = match newest {
            Some(build) if build.is_pending() && !self.request.waits && is_ours(&build) => return Ok(false),
            Some(build) if build.is_pending() => {
                Some(release::wait_for_build(client, terminal, app.as_ref(), build, deadline)?)
            }
            newest => newest,
        };
        let built = newest.filter(|build| is_ours(build) && build.status == BuildStatus::Succeeded);
        if let Some(id) = built.and_then(|build| build.release) {
            let found = client.release(app.as_ref(), &id.id)?;
            if release::wait_for_release(client, terminal, found, deadline).is_ok() {
                return Ok(true);
            }
        }
        if !self.request.waits {
            release::start_build_from_archive(client, terminal, app, self.repository, self.commit, deadline)?;
            return Ok(false);
        }
        let made = release::build_from_archive(client, terminal, app, self.repository, self.commit, deadline);
        let made = made.and_then(|made| release::wait_for_release(client, terminal, made, deadline));
        made.map(|_| true).map_err(|error| error.hint(self.again().note("once that is mended")))
    }

    /// Scales the process types that `app.json` names; those that the build does not have are told of.
    fn scale(&self, app: &AppName, exists: bool) -> Result<()> {
        let now = if exists && !self.is_dry() { self.client.formation(app)? } else { Vec::new() };
        let mut changes = Vec::new();
        for (kind, wanted) in &self.setup.formation {
            let there = now.iter().find(|there| there.kind == *kind);
            if there.is_none() && !self.is_dry() {
                let message = format!("app.json's formation names {kind}, which is no process type of {app}");
                self.context.terminal.warn(&message);
                continue;
            }
            let quantity = wanted.quantity.unwrap_or(1);
            let size = wanted.size.clone();
            let is_so = |there: &crate::heroku::Formation| {
                there.quantity == quantity
                    && size.as_ref().is_none_or(|size| size.eq_ignore_ascii_case(&there.size))
            };
            if !there.is_some_and(is_so) {
                let quantity = Quantity::To(quantity);
                changes.push(Scaling { process_type: kind.clone(), quantity, size });
            }
        }
        if changes.is_empty() { Ok(()) } else { self.send(&scale(app, &changes)) }
    }

    /// The review app as Heroku has it now.
    fn made(&self, name: &AppName) -> Result<(ReviewApp, App)> {
        let app = self.client.app(name.as_ref())?;
        let all = environment::local_review_apps(self.client, &self.pipeline.id, &[])?;
        let review = all.into_iter().find(|review| review.id == app.id && !review.is_coming());
        let missing = || {
            Error::failed(format!("{name} is not among the review apps of pipeline {}", self.pipeline.name))
                .hint(self.again())
        };
        Ok((review.ok_or_else(missing)?, app))
    }
}
