//! `production rollback`: rolls back to an earlier release, code and config vars.

use std::time::Duration;

use crate::context::Context;
use crate::error::Result;
use crate::inventory::Resource;
use crate::model::ReleaseVersion;
use crate::release::{self, RollbackRequest};
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Roll back to an earlier release: its code and config vars";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  production rollback              roll back to the previous release
  production rollback v16
  production --dry-run rollback    print what would change, and the request

A rollback is a new release with the slug and the config vars of an earlier one. The plan lists the config vars that
change by name. Add-ons and databases stay as they are.

Repeating the command does not roll back twice: with a release there is nothing to do, and without one it is refused,
because it would bring back what the first rollback undid.";

/// The Heroku CLI's `rollback` does not ask for confirmation, so nothing is passed on to it.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[
    ("release", &[Words::Live(Resource::RollbackTargets)]),
    ("wait_timeout", &[Words::These(release::WAIT_TIMEOUTS)]),
];

/// The release to roll back to.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The release to roll back to, such as v16 [default: the newest one before the running one]
    #[arg(value_name = "RELEASE")]
    release: Option<ReleaseVersion>,

    /// Do not wait until the dynos are up on the release
    #[arg(long)]
    no_wait_dynos: bool,

    /// Wait at most this long for the release phase and the dynos: 90s, 10m, 1h
    #[arg(long, value_name = "TIME", value_parser = release::parse_wait_timeout, default_value = "30m")]
    wait_timeout: Duration,
}

/// Rolls back, and prints the release that runs now.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let request = RollbackRequest {
        release: args.release,
        wait_timeout: args.wait_timeout,
        wait_for_dynos: !args.no_wait_dynos,
    };
    release::roll_back(context, request)?.print(context)
}
