//! A clone on this machine, of a project that runs at Heroku.

use super::{account, completion, files, pipeline, remotes};
use crate::config::{Config, PROJECT_FILE};
use crate::context::Context;
use crate::environment::{self, AppRemote, Overview, Project, RemoteState, StandsFor};
use crate::error::{Error, Kind, Result};
use crate::hint::Hint;
use crate::names;
use crate::steps::{Plan, PlanItem, State};

/// What is known of the clone.
pub struct Checkout<'a> {
    context: &'a Context,
    login: PlanItem,
    /// The configuration, with the project's pipeline.
    config: Config,
    overview: Overview,
    /// The pipeline that nothing in the repository names.
    unnamed: Option<String>,
}

/// What a person decides.
#[derive(Clone, Copy, Debug)]
pub struct Choices {
    /// Whether the remote `heroku` is renamed after its environment.
    pub rename: bool,
    /// Whether Tab completion is installed.
    pub completion: bool,
}

impl<'a> Checkout<'a> {
    /// Looks at the clone; `asked` is the pipeline that the command line names. The one that nothing names is asked for.
    ///
    /// Exit 2 outside a repository, 3 where there is no telling which pipeline is meant, 5 where configuration names
    /// another than the one asked for.
    pub fn look(context: &'a Context, asked: Option<&str>) -> Result<Self> {
        if context.repository()?.is_none() {
            return Err(Error::usage("no git repository here to set up").hint("git clone URL && cd FOLDER"));
        }
        let mut config = context.config()?.clone();
        if let (Some(asked), Some(named)) = (asked, &config.pipeline)
            && asked != named
        {
            return Err(Error::refused(format!("{PROJECT_FILE} names pipeline {named}, not {asked}"))
                .hint(Hint::setting("pipeline", asked).note(format!("in {PROJECT_FILE}"))));
        }
        let login = account::login(context)?;
        let was_named = config.pipeline.is_some();
        config.pipeline = config.pipeline.take().or(asked.map(str::to_owned));
        let mut overview = overview_of(context, &config)?;
        let logged_in = matches!(login.state, State::There);
        if logged_in && config.pipeline.is_none() && overview.pipeline.is_none() && !has_apps(&overview) {
            let chosen = pipeline::choose(context)?;
            config.pipeline = Some(name_for(context, &chosen)?);
            overview = overview_of(context, &config)?;
        }
        if let Some(error) = overview.unread.take() {
            let is_outside = error.kind() == Kind::Unresolved && config.pipeline.is_none();
            if logged_in && !is_outside {
                return Err(error);
            }
            context.terminal.warn(&format!("the pipeline could not be read: {error}"));
        }
        let found = overview.pipeline.as_ref().map(|found| found.place.pipeline.name.clone());
        let is_missing = !was_named && (config.pipeline.is_some() || config.files.is_empty());
        let unnamed = config.pipeline.clone().or(found).filter(|_| is_missing);
        Ok(Self { context, login, config, overview, unnamed })
    }

    /// Exit 4 where nobody is logged in.
    pub fn refuse_without_login(&self) -> Result<()> {
        match &self.login.state {
            State::Blocked(hint) => Err(Error::denied(self.login.text.clone())
                .hint(hint.clone())
                .hint("greenroom setup --token-stdin   # reads a token from stdin, and stores it")),
            _ => Ok(()),
        }
    }

    /// The name of the project's pipeline, where it has one.
    pub fn pipeline(&self) -> Option<&str> {
        self.overview.pipeline.as_ref().map(|found| found.place.pipeline.name.as_str())
    }

    /// The environments that are apps.
    pub fn environments(&self) -> impl Iterator<Item = &str> {
        let apps = |known: &&environment::Known| matches!(known.stands_for, Ok(StandsFor::Apps { .. }));
        self.overview.environments.iter().filter(apps).map(|known| known.name.as_str())
    }

    /// The environment after which the remote `heroku` would be named.
    pub fn renamed(&self) -> Result<Option<String>> {
        self.with_project(|project| {
            let mut remotes =
                self.overview.environments.iter().flat_map(|known| environment::app_remotes(known, project));
            let unnamed = remotes.find(|remote: &AppRemote| remote.state == RemoteState::Unnamed);
            Ok(unnamed.map(|remote| remote.name))
        })
    }

    /// The plan: what is there, what is missing, and what is in the way.
    pub fn plan(&self, choices: Choices) -> Result<Plan> {
        let mut lines = vec![match &self.login.state {
            State::Blocked(hint) => PlanItem::blocked(&*self.login.text, hint.clone()),
            _ => PlanItem::there(&*self.login.text),
        }];
        match (&self.unnamed, self.pipeline()) {
            (Some(name), _) => lines.push(files::names_pipeline(self.context, name)?),
            (None, Some(name)) => lines.push(PlanItem::there(format!("pipeline {name}"))),
            (None, None) => {}
        }
        self.with_project(|project| {
            for known in &self.overview.environments {
                lines.extend(remotes::items(known, self.overview.pipeline.as_ref(), choices.rename, project));
            }
            Ok(())
        })?;
        lines.extend(
            completion::item().filter(|item| choices.completion || matches!(item.state, State::There)),
        );
        let pipeline = self.overview.pipeline.as_ref().map(|found| found.place.pipeline.id.clone());
        Ok(Plan { lines, pipeline })
    }

    fn with_project<T>(&self, look: impl FnOnce(&Project<'_>) -> Result<T>) -> Result<T> {
        let heroku = || self.context.heroku().map(AsRef::as_ref);
        look(&Project::new(&self.config, self.context.repository()?, &heroku))
    }
}

fn overview_of(context: &Context, config: &Config) -> Result<Overview> {
    let heroku = || context.heroku().map(AsRef::as_ref);
    let project = Project::new(config, context.repository()?, &heroku);
    Ok(environment::overview(&names::linked(), &project))
}

fn has_apps(overview: &Overview) -> bool {
    overview.environments.iter().any(|known| matches!(known.stands_for, Ok(StandsFor::Apps { .. })))
}

/// How the pipeline is named in a file: by its id where it shares its name with another.
fn name_for(context: &Context, pipeline: &crate::heroku::Pipeline) -> Result<String> {
    let is_alone = context.heroku()?.find_pipeline(&pipeline.name).is_ok();
    Ok(if is_alone { pipeline.name.clone() } else { pipeline.id.clone() })
}
