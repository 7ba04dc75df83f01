//! `review create`: creates a review app of a branch.

use std::time::{Duration, Instant};

use crate::context::Context;
use crate::environment::{self, Place, Selector};
use crate::error::{Error, Kind, Result};
use crate::heroku::{self, Client, NewReviewApp, Pipeline, ReviewApp};
use crate::hint::Hint;
use crate::local_review;
use crate::parallel::both;
use crate::release;
use crate::review_apps::{self, Created, connected_repository};
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Create a review app of a branch, and wait until it is up";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  review create                              of the branch that is checked out
  review create curtain-call --pr 42         shown with pull request 42
  review create --env SEATS=9 --env LOG_LEVEL=debug
  review create --no-wait && review wait
  review create --local                      from the commit that is checked out, without GitHub

Heroku takes the branch from the repository that the pipeline is connected to, so push it first. With --local, greenroom
makes the app itself: in the pipeline's stage review, with its config vars for review apps and what app.json says, from an
archive of the commit. The same line finishes one that was interrupted, and builds the commit on one that is there.";

/// The Heroku CLI's command wants other flags.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[
    ("branch", &[Words::Branches]),
    ("pr", &[Words::Free]),
    ("env", &[Words::Assignment]),
    ("wait_timeout", &[Words::These(release::WAIT_TIMEOUTS)]),
];

/// Which branch, and with what.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The branch [default: the one that is checked out]
    branch: Option<String>,

    /// Show the app with this pull request
    #[arg(long, value_name = "NUMBER")]
    pr: Option<u64>,

    /// Set a config var of this app alone (repeatable)
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    env: Vec<(String, String)>,

    /// Make the app from this repository's commit, without the pipeline's connected repository
    #[arg(long)]
    local: bool,

    /// Return as soon as Heroku has accepted it, with --local once the build has begun
    #[arg(long)]
    no_wait: bool,

    /// Wait at most this long: 90s, 10m, 1h
    #[arg(long, value_name = "TIME", value_parser = release::parse_wait_timeout, default_value = "30m")]
    wait_timeout: Duration,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| "NAME=VALUE".to_owned())?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Creates the review app, follows its build, and prints its address. Exit 1 where it could not be created.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let deadline = Instant::now() + args.wait_timeout;
    if args.local {
        return create_locally(context, args, deadline);
    }
    let branch = branch(context, args)?;
    let number = args.pr.or_else(|| context.selector()?.number());
    let place = context.with_project(environment::review_pipeline)?;
    let client = context.heroku()?;
    let new = NewReviewApp {
        pipeline: &place.pipeline.id,
        branch: &branch,
        pr_number: number,
        environment: args.env.iter().cloned().collect(),
    };
    let change = heroku::create_review_app(&new);
    if context.options.dry_run {
        return context.terminal.print_lines(&format!("{}\n", client.describe_change(&change)));
    }
    check_source(client, &place, &branch)?;
    let review: ReviewApp =
        client.change(&change).map_err(|error| error.hint(next_step(client, &place.pipeline)))?;
    context.terminal.status(&format!("creating {}", review.described()));
    if args.no_wait {
        context.terminal.hint(environment::review_command(&review, "wait"));
        return Ok(());
    }
    let _limit = client.within(deadline);
    let app = review_apps::wait_until_created(client, &context.terminal, review.clone(), deadline)?;
    Created::new(&review, app).print(context)
}

/// The line to type after a refusal.
fn next_step(client: &Client, pipeline: &Pipeline) -> Hint {
    match client.review_app_settings(&pipeline.id) {
        Ok(None) => Hint::line(["review", "enable"]),
        _ => Hint::line(["review", "list"]).note("shows what is there"),
    }
}

/// Makes the app without Heroku's own review apps, and prints its address.
fn create_locally(context: &Context, args: &Args, deadline: Instant) -> Result<()> {
    let named = args.branch.as_deref().or_else(|| context.selector().and_then(Selector::branch));
    let (branch, built) = match named {
        Some(branch) => (branch.to_owned(), None),
        None => context.with_project(environment::branch_here)?,
    };
    let number = args.pr.or_else(|| context.selector()?.number()).or(built);
    let (env, waits) = (args.env.clone(), !args.no_wait);
    let request = local_review::Request { branch, number, env, waits, deadline };
    context.wait_until(deadline)?;
    let _limit = context.heroku()?.within(deadline);
    match local_review::create(context, &request)? {
        Some((review, app)) => Created::new(&review, app).print(context),
        None => Ok(()),
    }
}

/// The branch that is meant: an argument, the selector in front of the command, or the one that is checked out.
fn branch(context: &Context, args: &Args) -> Result<String> {
    if let Some(branch) = &args.branch {
        return Ok(branch.clone());
    }
    if let Some(branch) = context.selector().and_then(Selector::branch) {
        return Ok(branch.to_owned());
    }
    context.with_project(environment::current_branch)
}

/// Refuses what Heroku could not take the code from: a pipeline without a repository, or a branch that is not there.
fn check_source(client: &Client, place: &Place, branch: &str) -> Result<()> {
    let pipeline = &place.pipeline;
    let (connected, is_there) =
        both(|| connected_repository(client, pipeline), || client.is_connected_branch(pipeline, branch));
    let repository = connected.map_err(|error| match error.kind() {
        Kind::Refused => error.hint(
            Hint::line(["review", "create", branch, "--local"]).note("from this repository, without GitHub"),
        ),
        _ => error,
    })?;
    if is_there? {
        return Ok(());
    }
    Err(Error::refused(format!("{repository} has no branch {branch}"))
        .hint(Hint::line(["git", "push", "origin", branch])))
}
