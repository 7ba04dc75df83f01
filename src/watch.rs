//! `--watch`: something that is read and drawn again and again, until a key ends it.

use std::ffi::OsString;
use std::time::{Duration, Instant};

use anstyle::Style;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::context::Context;
use crate::duration;
use crate::error::{Error, Kind, Result};
use crate::heroku::ApiError;
use crate::hint::Hint;
use crate::terminal::{Screen, one_line};
use crate::values::Words;

/// The values that completion offers for `--interval`.
pub const INTERVALS: &[Words] = &[Words::These(&["5s", "15s", "1m", "5m"])];

/// Whether something is read repeatedly, and how often.
#[derive(clap::Args, Debug)]
pub struct WatchOptions {
    /// Look again and again, until q or Ctrl-C
    #[arg(long)]
    pub watch: bool,

    /// Wait this long between two looks: 5s, 1m [default: 5s, or longer where there are many apps]
    #[arg(long, value_name = "TIME", value_parser = interval, requires = "watch")]
    interval: Option<Duration>,
}

/// The shortest time between two looks. The account's requests are counted.
const SOON: Duration = Duration::from_secs(5);

fn interval(text: &str) -> Result<Duration, String> {
    let time = duration::parse(text)?;
    if time.is_zero() { Err("it is 1s at least".to_owned()) } else { Ok(time) }
}

/// What is watched.
pub trait Watched {
    /// Its name, sanitized.
    fn what(&self) -> String;

    /// The lines below the name, sanitized, in at most `width` columns.
    fn text(&self, width: Option<usize>, now: Timestamp) -> String;

    /// How many requests the next look takes.
    fn requests(&self) -> usize;
}

impl WatchOptions {
    /// Exit 2 where the screen cannot be redrawn. `command` is what is watched, as it is typed.
    pub fn check(&self, context: &Context, command: &str) -> Result<()> {
        let again = |more: &[&str]| {
            let words = [command].into_iter().chain(more.iter().copied()).map(OsString::from);
            Hint::script("while sleep 5; do {}; done", [context.typed().into_iter().chain(words)])
        };
        if !self.watch {
            return Ok(());
        }
        if context.options.json {
            return Err(
                Error::usage("--watch is for a person, and --json for a script").hint(again(&["--json"]))
            );
        }
        if !context.terminal.can_draw() {
            return Err(Error::usage("--watch draws on a terminal, and stdout is none that can be drawn on")
                .hint(again(&[])));
        }
        Ok(())
    }

    /// Redraws what `look` reads until `q`, Ctrl-C, or an error that will not go away.
    pub fn run<T: Watched>(&self, context: &Context, mut look: impl FnMut() -> Result<T>) -> Result<()> {
        let screen = Screen::open(&context.terminal)?;
        let mut last: Option<Look<T>> = None;
        loop {
            let failure = match look() {
                Ok(seen) => {
                    last = Some(Look { seen, at: Timestamp::now() });
                    None
                }
                Err(error)
                    if last.is_none() || error.kind() == Kind::Denied || ApiError::is_refusal(&error) =>
                {
                    return Err(error);
                }
                Err(error) => Some(error),
            };
            let requests = last.as_ref().map_or(0, |look| look.seen.requests());
            let requests = Duration::from_secs(u64::try_from(requests).unwrap_or(u64::MAX));
            let interval = self.interval.unwrap_or_else(|| SOON.max(requests));
            let next = Instant::now() + interval;
            while Instant::now() < next {
                let look =
                    last.as_ref().map_or_else(String::new, |look| look.text(context, &screen, interval));
                let failure = failure.as_ref().map_or_else(String::new, |failure| {
                    format!("\nas it was when it could be read last: {}\n", one_line(&failure.to_string()))
                });
                screen.draw(&(look + &failure))?;
                screen.pause(next.saturating_duration_since(Instant::now()));
            }
        }
    }
}

/// What was read last, and when.
struct Look<T> {
    seen: T,
    at: Timestamp,
}

impl<T: Watched> Look<T> {
    /// `playhouse at 19:30:05, every 5 s; q ends it`, and the whole screen below it.
    fn text(&self, context: &Context, screen: &Screen, interval: Duration) -> String {
        let what = self.seen.what();
        let at = self.at.to_zoned(TimeZone::system()).strftime("%H:%M:%S");
        let every = duration::rough(i64::try_from(interval.as_secs()).unwrap_or(i64::MAX));
        let dim = Style::new().dimmed();
        let head = format!("{dim}{what} at {at}, every {every}; {}{dim:#}", screen.way_out());
        format!("{head}\n\n{}", self.seen.text(context.terminal.width(), Timestamp::now()))
    }
}
