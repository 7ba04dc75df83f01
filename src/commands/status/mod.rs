//! `production status`: shows the whole pipeline on one screen.

use std::time::{Duration, Instant};

use anstyle::Style;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::context::Context;
use crate::duration;
use crate::error::{Error, Kind, Result};
use crate::heroku::ApiError;
use crate::hint::Hint;
use crate::release::StatusReader;
use crate::terminal::{Screen, one_line};
use crate::values::{Values, Words};

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
pub const VALUES: Values = &[("interval", &[Words::These(&["5s", "15s", "1m", "5m"])])];

/// Whether the status is read repeatedly, and how often.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Look again and again, until q or Ctrl-C
    #[arg(long)]
    watch: bool,

    /// Wait this long between two looks: 5s, 1m [default: 5s, or longer where there are many apps]
    #[arg(long, value_name = "TIME", value_parser = interval, requires = "watch")]
    interval: Option<Duration>,
}

/// The shortest time between two updates. The account's requests are counted.
const SOON: Duration = Duration::from_secs(5);

fn interval(text: &str) -> Result<Duration, String> {
    let time = duration::parse(text)?;
    if time.is_zero() { Err("it is 1s at least".to_owned()) } else { Ok(time) }
}

/// Prints the state of every app in the pipeline.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    if args.watch {
        refuse_watch(context)?;
    }
    let target = context.target()?;
    let surveyor = StatusReader::new(context.heroku()?, &target.apps);
    if args.watch {
        return watch(context, &surveyor, args.interval);
    }
    let view = View::of(surveyor.look()?, context)?;
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

/// Exit 2 where the screen cannot be redrawn.
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

/// Redraws the screen until `q`, Ctrl-C, or an error that will not go away.
fn watch(context: &Context, surveyor: &StatusReader<'_>, interval: Option<Duration>) -> Result<()> {
    let screen = Screen::open(&context.terminal)?;
    let mut last: Option<Look> = None;
    loop {
        let failure = match surveyor.look() {
            Ok(survey) => {
                last = Some(Look { view: View::of(survey, context)?, at: Timestamp::now() });
                None
            }
            Err(error) if last.is_none() || error.kind() == Kind::Denied || ApiError::is_refusal(&error) => {
                return Err(error);
            }
            Err(error) => Some(error),
        };
        let requests = u64::try_from(surveyor.requests()).unwrap_or(u64::MAX);
        let interval = interval.unwrap_or_else(|| SOON.max(Duration::from_secs(requests)));
        let next = Instant::now() + interval;
        while Instant::now() < next {
            let look = last.as_ref().map_or_else(String::new, |look| look.text(context, &screen, interval));
            let failure = failure.as_ref().map_or_else(String::new, |failure| {
                format!("\nas it was when it could be read last: {}\n", one_line(&failure.to_string()))
            });
            screen.draw(&(look + &failure))?;
            screen.pause(next.saturating_duration_since(Instant::now()));
        }
    }
}

/// The last status that was read, and when.
struct Look {
    view: View,
    at: Timestamp,
}

impl Look {
    /// `playhouse at 19:30:05, every 5 s; q ends it`, and the whole screen below it.
    fn text(&self, context: &Context, screen: &Screen, interval: Duration) -> String {
        let what = self.view.pipeline().unwrap_or_else(|| context.name.clone());
        let at = self.at.to_zoned(TimeZone::system()).strftime("%H:%M:%S");
        let every = duration::rough(i64::try_from(interval.as_secs()).unwrap_or(i64::MAX));
        let dim = Style::new().dimmed();
        let head = format!("{dim}{what} at {at}, every {every}; {}{dim:#}", screen.way_out());
        format!("{head}\n\n{}", self.view.text(context.terminal.width(), Timestamp::now()))
    }
}
