//! `staging restart`: restarts dynos.

use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::IgnoredAny;

use crate::context::Context;
use crate::dynos::{SELECTED, SelectedDynos};
use crate::error::Result;
use crate::heroku::{self, ApiError};
use crate::model::{AppName, ReleaseVersion};
use crate::release::{self, RollOut};
use crate::usage::OURS;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Restart the app's dynos";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging restart                    all dynos
  production restart -p worker       the dynos of a process type
  production restart web.1
  staging restart --wait             and wait until they are up

With --wait it succeeds once every dyno that was restarted is up on the newest release. A dyno that crashes, or a release
that fails, is a failure.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["ps:restart"];

/// The values that completion offers for the arguments.
pub const VALUES: Values =
    &[SELECTED[0], SELECTED[1], SELECTED[2], ("wait_timeout", &[Words::These(release::WAIT_TIMEOUTS)])];

/// Which dynos to restart, and whether to wait.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    dynos: SelectedDynos,
    /// Wait until the dynos are up again, on the newest release
    #[arg(long, help_heading = OURS)]
    wait: bool,
    /// Wait at most this long: 90s, 10m, 1h
    #[arg(
        long,
        value_name = "TIME",
        value_parser = release::parse_wait_timeout,
        default_value = "30m",
        requires = "wait",
        help_heading = OURS
    )]
    wait_timeout: Duration,
}

#[derive(Serialize)]
struct Answer<'a> {
    app: &'a AppName,
    dynos: String,
    version: Option<ReleaseVersion>,
}

/// Restarts the dynos, and waits if asked to.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let deadline = Instant::now() + args.wait_timeout;
    let app = context.target()?.one_app()?;
    let client = context.heroku()?;
    let dynos = args.dynos.selection();
    let change = heroku::restart_dynos(app, dynos);
    if context.options.dry_run {
        return context.terminal.print_lines(&format!("{}\n", client.describe_change(&change)));
    }
    let roll_out = if args.wait { Some(RollOut::after_restart(client, app, dynos)?) } else { None };
    let done = client.change::<IgnoredAny>(&change);
    done.map_err(|error| ApiError::hint_where_missing(error, context.command(["ps"])))?;
    context.terminal.status(&format!("restarting {dynos} on {app}"));
    let mut version = None;
    if let Some(roll_out) = roll_out {
        let _limit = client.within(deadline);
        version = roll_out.wait(client, &context.terminal, deadline)?;
        release::show_up(&context.terminal, app, version);
    }
    if context.options.json {
        return context.terminal.print_json(&Answer { app, dynos: dynos.to_string(), version });
    }
    Ok(())
}
