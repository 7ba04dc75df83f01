//! `production ship`: runs tests and build in parallel, then promotes from environment to environment.

use std::ffi::OsString;
use std::time::Duration;

use crate::context::Context;
use crate::error::Result;
use crate::release;
use crate::values::{Values, Words};

mod current_state;
mod display;
mod plan;
mod promotion;
mod rollback_offer;
mod run;
mod step;
mod steps;
mod summary;
mod task;

use plan::ShipPlan;
use run::ShipRun;

/// One line of help.
pub const ABOUT: &str =
    "Test and build a commit in parallel, then promote it stage by stage to this environment";

/// Lines that can be pasted.
pub const EXAMPLES: &str =
    "  production ship --test 'cargo test' --smoke bin/smoke          HEAD: staging, then production
  production ship --test 'npm test' --yes                        in CI
  production --dry-run ship --test true                          print the plan and each step's command
  staging ship --test 'npm test' --smoke 'curl -fsS $APP_URL'    as far as staging

Your shell runs both commands at the repository's root. The smoke command runs for each app once its dynos are up, with
APP_URL, GREENROOM_ENVIRONMENT and GREENROOM_COMMIT set. An app that runs the commit already is not promoted to again,
but both commands run again.";

/// The Heroku CLI has nothing like it.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[
    ("revision", &[Words::Commits]),
    ("test", &[Words::LocalCommand]),
    ("smoke", &[Words::LocalCommand]),
    ("wait_timeout", &[Words::These(release::WAIT_TIMEOUTS)]),
];

/// The commit, and the commands that must succeed before it moves on.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The commit: a branch, a tag, an id [default: HEAD]
    revision: Option<String>,

    /// Run this before anything is promoted, in parallel with the build; it must succeed
    #[arg(long, value_name = "COMMAND", value_parser = typed)]
    test: String,

    /// Run this after each promotion; it must succeed before the next one
    #[arg(long, value_name = "COMMAND", value_parser = typed)]
    smoke: Option<String>,

    /// Allow a commit that is not in the branch of every environment it is promoted to
    #[arg(long)]
    any_branch: bool,

    /// Do not wait until the dynos are up on the release
    #[arg(long)]
    no_wait_dynos: bool,

    /// Wait at most this long for the build, and for each promotion with its dynos: 90s, 10m, 1h
    #[arg(long, value_name = "TIME", value_parser = release::parse_wait_timeout, default_value = "30m")]
    wait_timeout: Duration,
}

/// Refuses an empty command: a shell would run it with success, and nothing would be checked.
fn typed(line: &str) -> Result<String, String> {
    if line.trim().is_empty() { Err("the command is empty".to_owned()) } else { Ok(line.to_owned()) }
}

impl Args {
    /// The same command line, to be typed again.
    fn words(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec!["ship".into(), "--test".into(), self.test.clone().into()];
        words.extend(self.smoke.iter().flat_map(|smoke| ["--smoke", smoke]).map(OsString::from));
        words.extend(self.any_branch.then(|| "--any-branch".into()));
        words.extend(self.no_wait_dynos.then(|| "--no-wait-dynos".into()));
        words.extend(release::wait_option(self.wait_timeout));
        words.extend(self.revision.as_ref().map(OsString::from));
        words
    }
}

/// Checks everything that could be refused later, asks for confirmation, and runs all steps.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let plan = ShipPlan::find(context, args)?;
    if context.options.dry_run {
        let steps = steps::steps(args, &plan)?.into_iter().filter(|step| !plan.is_done(step.work));
        let lines: Vec<String> = steps.map(|step| step.line + "\n").collect();
        return context.terminal.print_lines(&lines.concat());
    }
    let mut run = ShipRun::new(context, args, &plan)?;
    match run.run() {
        Ok(()) => summary::success(context, &plan, &mut run),
        Err(error) => Err(summary::failure(context, args, &plan, &mut run, error)),
    }
}
