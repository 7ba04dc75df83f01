//! `staging ps:wait`: waits until every dyno runs the newest release.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::context::Context;
use crate::error::Result;
use crate::inventory::Resource;
use crate::model::{AppName, DynoSelection, ReleaseVersion};
use crate::release::{self, RollOut};
use crate::usage::OURS;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Wait until every dyno is up on the newest release";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging ps:wait
  production ps:wait --type web --wait-timeout 5m

It fails if the newest release fails or a dyno crashes on it. `--wait-interval` goes to the Heroku CLI, which waits without
a limit.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["ps:wait"];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[
    ("process_type", &[Words::Live(Resource::ProcessTypes)]),
    ("wait_timeout", &[Words::These(release::WAIT_TIMEOUTS)]),
];

/// Which dynos to wait for.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Only dynos of this process type
    #[arg(short = 't', long = "type", value_name = "TYPE", value_parser = DynoSelection::process_type)]
    process_type: Option<String>,
    /// One-off dynos too
    #[arg(short = 'R', long, conflicts_with = "process_type")]
    with_run: bool,
    /// Wait at most this long: 90s, 10m, 1h
    #[arg(
        long,
        value_name = "TIME",
        value_parser = release::parse_wait_timeout,
        default_value = "30m",
        help_heading = OURS
    )]
    wait_timeout: Duration,
}

#[derive(Serialize)]
struct Answer<'a> {
    app: &'a AppName,
    version: Option<ReleaseVersion>,
}

/// Waits for the dynos of the environment's apps.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let deadline = Instant::now() + args.wait_timeout;
    let app = context.target()?.one_app()?;
    let client = context.heroku()?;
    let _limit = client.within(deadline);
    let roll_out = RollOut::of(app)?.of_type(args.process_type.clone()).with_one_offs(args.with_run);
    let version = roll_out.wait(client, &context.terminal, deadline)?;
    release::show_up(&context.terminal, app, version);
    if context.options.json {
        return context.terminal.print_json(&Answer { app, version });
    }
    Ok(())
}
