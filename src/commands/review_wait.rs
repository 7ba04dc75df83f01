//! `review wait`: waits until a review app is created.

use std::time::{Duration, Instant};

use crate::context::Context;
use crate::environment::{self, Selector};
use crate::error::Result;
use crate::release;
use crate::review_apps::{self, Created};
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Wait until a review app is created, with the output of its build";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  review wait
  review 42 wait --wait-timeout 10m && review 42 migrate";

/// The Heroku CLI's command wants an app's name.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[("wait_timeout", &[Words::These(release::WAIT_TIMEOUTS)])];

/// For how long.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Wait at most this long: 90s, 10m, 1h
    #[arg(long, value_name = "TIME", value_parser = release::parse_wait_timeout, default_value = "30m")]
    wait_timeout: Duration,
}

/// Prints the app's address once it is created; exit 1 where it could not be, 6 after the timeout.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let deadline = Instant::now() + args.wait_timeout;
    let selector = context.selector().unwrap_or(&Selector::CurrentBranch);
    let (_, review) = context.with_project(|project| environment::find_review_app(selector, project))?;
    let client = context.heroku()?;
    let _limit = client.within(deadline);
    let app = review_apps::wait_until_created(client, &context.terminal, review.clone(), deadline)?;
    Created::new(&review, app).print(context)
}
