//! `staging sha`: prints the commit that the app runs.

use serde::Serialize;

use crate::context::Context;
use crate::error::Result;
use crate::heroku::Client;
use crate::model::{AppName, CommitName, ReleaseVersion};
use crate::parallel::in_parallel;
use crate::release::Deployed;
use crate::values::Values;

/// One line of help.
pub const ABOUT: &str = "Print the commit that the app runs";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging sha
  git log $(production sha)..        what production has not got
  git diff $(production sha --short)
  staging sha --json";

/// The Heroku CLI has nothing like it.
pub const HEROKU: &[&str] = &[];

/// No argument takes a value.
pub const VALUES: Values = &[];

/// How the commit is printed.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Print only the first seven digits
    #[arg(long)]
    short: bool,
}

/// The commit that an app runs, and its source.
struct RunningCommit {
    deployed: Deployed,
    commit: CommitName,
    source: &'static str,
}

/// The answer as `--json` prints it.
#[derive(Serialize)]
struct Answer<'a> {
    environment: &'a str,
    apps: Vec<AppAnswer<'a>>,
}

#[derive(Serialize)]
struct AppAnswer<'a> {
    app: &'a AppName,
    version: Option<ReleaseVersion>,
    commit: &'a CommitName,
    /// `slug`, or the config var that names the commit.
    source: &'static str,
}

/// Prints each app's commit, after the app's name if there are several.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let target = context.target()?;
    let client = context.heroku()?;
    let repository = context.repository()?;
    let found = in_parallel(&target.apps, |app| running_commit(client, app));
    let mut found: Vec<RunningCommit> = found.into_iter().collect::<Result<_>>()?;
    for RunningCommit { deployed, commit, source } in &mut found {
        if *source != "slug" {
            context.terminal.status(&format!("{}: the commit is from its config var {source}", deployed.app));
        }
        if let Some(repository) = repository {
            *commit = repository.completed(commit);
        }
        if args.short {
            *commit = commit.short().to_owned().into();
        }
    }
    if context.options.json {
        let apps = found.iter().map(RunningCommit::answer).collect();
        return context.terminal.print_json(&Answer { environment: &target.environment, apps });
    }
    let line = |found: &RunningCommit| match target.apps.len() {
        1 => format!("{}\n", found.commit),
        _ => format!("{} {}\n", found.deployed.app, found.commit),
    };
    context.terminal.print_lines(&found.iter().map(line).collect::<String>())
}

impl RunningCommit {
    fn answer(&self) -> AppAnswer<'_> {
        let Self { deployed, commit, source } = self;
        AppAnswer {
            app: &deployed.app,
            version: deployed.release.as_ref().map(|release| release.version),
            commit,
            source,
        }
    }
}

/// The commit that the slug records, else the one that a config var names; exit 1 where neither does.
fn running_commit(client: &Client, app: &AppName) -> Result<RunningCommit> {
    let deployed = Deployed::of(client, app)?;
    if let Some(commit) = deployed.commit.clone() {
        return Ok(RunningCommit { deployed, commit, source: "slug" });
    }
    if deployed.release.is_some()
        && let Some((source, commit)) = client.commit_in_config(app.as_ref())?
    {
        return Ok(RunningCommit { deployed, commit, source });
    }
    Err(deployed.no_commit())
}
