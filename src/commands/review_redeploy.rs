//! `review redeploy`: builds a review app's branch again.

use std::time::{Duration, Instant};

use crate::context::Context;
use crate::environment::{self, Selector};
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::local_review;
use crate::release;
use crate::review_apps::Created;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Build the branch's commit on its review app again, and wait until it runs";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  review redeploy                of the branch that is checked out
  review 42 redeploy

The commit is the one that is checked out where that is the review app's branch, or no branch is checked out; else the
branch's tip as this repository has it. It is built from an archive. The `postdeploy` script does not run again.";

/// The Heroku CLI has none.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[("wait_timeout", &[Words::These(release::WAIT_TIMEOUTS)])];

/// For how long it is waited for.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Wait at most this long: 90s, 10m, 1h
    #[arg(long, value_name = "TIME", value_parser = release::parse_wait_timeout, default_value = "30m")]
    wait_timeout: Duration,
}

/// Builds, and prints the app's address once the release is there. Exit 1 where build or release phase failed.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let deadline = Instant::now() + args.wait_timeout;
    let selector = context.selector().unwrap_or(&Selector::CurrentBranch);
    let (_, review) = context.with_project(|project| environment::find_review_app(selector, project))?;
    let client = context.heroku()?;
    let found = match &review.app {
        Some(app) if !review.is_going() => client.find_app(&app.id)?,
        _ => None,
    };
    let app = found.ok_or_else(|| {
        let message = format!("{} has no app: it is {}", review.described(), review.status);
        Error::failed(message).hint(Hint::line(["review", "list", "--all"]))
    })?;
    context.wait_until(deadline)?;
    let _limit = client.within(deadline);
    match local_review::redeploy(context, &review, &app, deadline)? {
        Some(app) => Created::new(&review, app).print(context),
        None => Ok(()),
    }
}
