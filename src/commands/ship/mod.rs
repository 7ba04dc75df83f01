//! `production ship`: tests and build side by side, then from environment to environment, as one command.

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
mod summary;
mod task;

use plan::ShipPlan;
use run::ShipRun;

/// One line of help.
pub const ABOUT: &str = "Test and prepare a commit side by side, then promote it all the way here";

/// Lines that can be pasted.
pub const EXAMPLES: &str =
    "  production ship --test 'cargo test' --smoke bin/smoke          HEAD: staging, then production
  production ship --test 'npm test' --yes                        in CI
  production --dry-run ship --test true                          the plan and each step's line
  staging ship --test 'npm test' --smoke 'curl -fsS $APP_URL'    as far as staging

Both commands are run by your shell at the repository's root. The smoke command is run for each app after its
promotion, with APP_URL, GREENROOM_ENVIRONMENT and GREENROOM_COMMIT set. What runs the commit already is not promoted to
again, but both commands are run again.";

/// The Heroku CLI has nothing like it.
pub const HEROKU: &[&str] = &[];

/// What Tab offers for its arguments.
pub const VALUES: Values = &[
    ("revision", &[Words::Commits]),
    ("test", &[Words::LocalCommand]),
    ("smoke", &[Words::LocalCommand]),
    ("wait_timeout", &[Words::These(release::WAIT_TIMEOUTS)]),
];

/// What is shipped, and what must succeed on the way.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The commit: a branch, a tag, an id [default: HEAD]
    revision: Option<String>,

    /// Must succeed before anything is promoted; runs beside the build
    #[arg(long, value_name = "COMMAND", value_parser = typed)]
    test: String,

    /// Must succeed after each promotion, for the next to follow
    #[arg(long, value_name = "COMMAND", value_parser = typed)]
    smoke: Option<String>,

    /// Allow a commit that is not in the branch of every environment on the way
    #[arg(long)]
    any_branch: bool,

    /// Wait this long for the build, and for each promotion: 90s, 10m, 1h
    #[arg(long, value_name = "TIME", value_parser = release::parse_wait_timeout, default_value = "30m")]
    wait_timeout: Duration,
}

/// A shell finds nothing wrong with an empty line: what was to be checked would not be.
fn typed(line: &str) -> Result<String, String> {
    if line.trim().is_empty() { Err("it is no command".to_owned()) } else { Ok(line.to_owned()) }
}

impl Args {
    /// The line after the environment's name that does the same.
    fn words(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec!["ship".into(), "--test".into(), self.test.clone().into()];
        words.extend(self.smoke.iter().flat_map(|smoke| ["--smoke", smoke]).map(OsString::from));
        words.extend(self.any_branch.then(|| "--any-branch".into()));
        words.extend(release::wait_option(self.wait_timeout));
        words.extend(self.revision.as_ref().map(OsString::from));
        words
    }
}

/// Refuses what would be refused later, asks where it must, and sees the commit through.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let plan = ShipPlan::find(context, args)?;
    if context.options.dry_run {
        let steps = run::steps(args, &plan)?.into_iter().filter(|step| !plan.is_done(step.work));
        let lines: Vec<String> = steps.map(|step| step.line + "\n").collect();
        return context.terminal.print_lines(&lines.concat());
    }
    let mut run = ShipRun::new(context, args, &plan)?;
    match run.run() {
        Ok(()) => summary::success(context, &plan, &mut run),
        Err(error) => Err(summary::failure(context, args, &plan, &mut run, error)),
    }
}
