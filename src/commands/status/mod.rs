//! `production status`: shows the whole pipeline on one screen.

use jiff::Timestamp;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::release::StatusReader;
use crate::values::Values;
use crate::watch::{INTERVALS, WatchOptions, Watched};

mod view;

use view::View;

/// One line of help.
pub const ABOUT: &str = "Show what every app of the pipeline runs, since when, and how its dynos are";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  production status
  production status --watch        drawn anew every 5 seconds, until q or Ctrl-C
  staging status --json | jq '.apps[] | {app, version}'

An app that cannot be read says why, and the others are shown; it is exit 1 then. Outside of a pipeline it is the
environment's own apps. Where the terminal is narrow, who released and when go first. Into a pipe or a file, every
column goes in full and without its name. Every screen of --watch asks for each app's dynos and newest build, and
three times for all of them.";

/// The Heroku CLI's `status` shows the status of Heroku itself.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[("interval", INTERVALS)];

/// Whether the status is read repeatedly.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    watch: WatchOptions,
}

/// Prints the state of every app in the pipeline.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    args.watch.check(context, "status")?;
    let target = context.target()?;
    let surveyor = StatusReader::new(context.heroku()?, &target.apps);
    let look = || {
        let view = View::of(surveyor.look()?, context)?;
        Ok(Seen { view, name: &context.name, requests: surveyor.requests() })
    };
    if args.watch.watch {
        return args.watch.run(context, look);
    }
    let view = look()?.view;
    if context.options.json {
        context.terminal.print_json(&view.answer(&context.name))?;
    } else {
        context.terminal.print(&view.text(context.terminal.width(), Timestamp::now()))?;
    }
    match view.unread() {
        0 => Ok(()),
        unread => {
            let all = view.apps();
            Err(Error::failed(format!("{unread} of {all} apps could not be read completely")))
        }
    }
}

/// A status as it is watched.
struct Seen<'a> {
    view: View,
    /// The environment.
    name: &'a str,
    requests: usize,
}

impl Watched for Seen<'_> {
    fn what(&self) -> String {
        self.view.pipeline().unwrap_or_else(|| self.name.to_owned())
    }

    fn text(&self, width: Option<usize>, now: Timestamp) -> String {
        self.view.text(width, now)
    }

    fn requests(&self) -> usize {
        self.requests
    }
}
