//! `production status`: the whole pipeline on one screen.

use std::thread;
use std::time::Duration;

use jiff::Timestamp;

use crate::completion::{Values, Words};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::heroku::ApiError;
use crate::hint::Hint;
use crate::release::{self, Surveyor};
use crate::terminal::Screen;

mod view;

use view::View;

/// One line of help.
pub const ABOUT: &str = "Show what every app of the pipeline runs, since when, and how its dynos are";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  production status
  production status --watch        drawn anew every 5 seconds, until Ctrl-C
  staging status --json | jq '.apps[] | {app, version}'

An app that cannot be read says why, and the others are shown; it is exit 1 then. Outside of a pipeline it is the
environment's own apps. Every screen of --watch asks for each app's dynos, and three times for all of them.";

/// The Heroku CLI's `status` is of Heroku itself.
pub const HEROKU: &[&str] = &[];

/// What Tab offers for its arguments.
pub const VALUES: Values = &[("interval", &[Words::These(&["5s", "15s", "1m", "5m"])])];

/// Whether it is looked again and again.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Look again and again, until Ctrl-C
    #[arg(long)]
    watch: bool,

    /// Wait this long between two looks: 5s, 1m [default: 5s, or longer where there are many apps]
    #[arg(long, value_name = "TIME", value_parser = interval, requires = "watch")]
    interval: Option<Duration>,
}

/// The shortest time between two looks: the account's requests are counted.
const SOON: Duration = Duration::from_secs(5);

fn interval(text: &str) -> Result<Duration, String> {
    let time = release::wait_time(text)?;
    if time.is_zero() { Err("it is 1s at least".to_owned()) } else { Ok(time) }
}

/// Prints the state of every app in the pipeline.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    if args.watch {
        refuse_watch(context)?;
    }
    let target = context.target()?;
    let surveyor = Surveyor::new(context.heroku()?, &target.apps);
    if args.watch {
        return watch(context, &surveyor, args.interval);
    }
    let view = View::of(surveyor.look()?, context)?;
    if context.options.json {
        context.terminal.print_json(&view.json(&context.name))?;
    } else {
        context.terminal.print_lines(&view.text(context.terminal.width(), Timestamp::now()))?;
    }
    match view.unread() {
        0 => Ok(()),
        unread => {
            let all = view.apps();
            Err(Error::failed(format!("{unread} of {all} apps could not be read completely")))
        }
    }
}

/// Exit 2 where nothing can be drawn again and again.
fn refuse_watch(context: &Context) -> Result<()> {
    if context.options.json {
        return Err(Error::usage("--watch is for a person, and --json for a script")
            .hint(Hint::script("while sleep 5; do {} status --json; done", [context.typed()])));
    }
    if !context.terminal.can_draw() {
        return Err(Error::usage("--watch draws on a terminal, and stdout is none that can be drawn on")
            .hint(Hint::script("while sleep 5; do {} status; done", [context.typed()])));
    }
    Ok(())
}

/// Draws the screen again and again; ended by Ctrl-C, or by an answer that will not change.
fn watch(context: &Context, surveyor: &Surveyor<'_>, interval: Option<Duration>) -> Result<()> {
    let mut screen = Screen::default();
    let mut last = None;
    loop {
        let failure = match surveyor.look() {
            Ok(survey) => {
                last = Some(View::of(survey, context)?);
                None
            }
            Err(error) if last.is_none() || error.kind() == Kind::Denied || ApiError::is_refusal(&error) => {
                return Err(error);
            }
            Err(error) => Some(error),
        };
        let mut text = last
            .as_ref()
            .map_or_else(String::new, |view| view.text(context.terminal.width(), Timestamp::now()));
        if let Some(failure) = failure {
            text = format!("{text}\nas it was when it could be read last: {failure}\n");
        }
        screen.draw(&text)?;
        let requests = u64::try_from(surveyor.requests()).unwrap_or(u64::MAX);
        thread::sleep(interval.unwrap_or_else(|| SOON.max(Duration::from_secs(requests))));
    }
}
