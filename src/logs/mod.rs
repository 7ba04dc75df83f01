//! The logs of an environment's apps, printed line by line: for a person, for a program, or as JSON.

use std::ffi::{OsStr, OsString};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::fallback::Fallback;
use crate::heroku::Client;
use crate::heroku::logs::{self, AppLog, FirstSession, LogRequest, first_session, read_log};
use crate::hint::Hint;
use crate::inventory::Resource;
use crate::model::AppName;
use crate::terminal::Terminal;
use crate::terminal::log_colors::{self, Depth, LogColors};
use crate::usage::OURS;
use crate::values::{Values, Words};

mod line;
mod pattern;
mod printer;

use pattern::Pattern;
use printer::{Printer, View};

/// What Tab offers for its arguments.
pub const VALUES: Values = &[
    ("num", &[Words::These(&["50", "100", "500", "1500"])]),
    ("source", &[Words::These(&["app", "heroku"])]),
    ("dyno_name", &[Words::Live(Resource::Dynos)]),
    ("process_type", &[Words::Live(Resource::ProcessTypes)]),
    ("grep", &[Words::Free]),
];

/// A live stream is never silent this long: Heroku sends heartbeats.
const IDLE: Duration = Duration::from_secs(90);

/// What `heroku logs` shows if no number is given.
const LINES: usize = 100;

/// The flags of `heroku logs`, and `--grep`.
#[derive(clap::Args, Debug, Default)]
pub struct Args {
    /// Lines to show of what was written before
    #[arg(short, long, value_name = "LINES", value_parser = lines)]
    num: Option<usize>,
    /// Only this source: app or heroku
    #[arg(short, long)]
    source: Option<String>,
    /// Only this dyno, such as web.1
    #[arg(short, long, visible_alias = "dyno", value_name = "DYNO")]
    dyno_name: Option<String>,
    /// Only this process type, such as web
    #[arg(short, long, alias = "ps", value_name = "TYPE", conflicts_with = "dyno_name")]
    process_type: Option<String>,
    /// Follow the log
    #[arg(short, long)]
    pub tail: bool,
    /// Only lines that match this expression, or another one; (?i) ignores case
    #[arg(long, value_name = "REGEX", allow_hyphen_values = true, help_heading = OURS)]
    grep: Vec<String>,
}

/// Parses a number of lines.
fn lines(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "expected a number of lines, such as 100".to_owned())
}

/// Prints the logs of the environment's apps, and with `follow` goes on with what is written from now on.
pub fn print(context: &Context, args: &Args, follow: bool) -> Result<()> {
    let patterns = args.patterns()?;
    let idle = idle_limit(std::env::var_os("GREENROOM_TAIL_IDLE").as_deref())?;
    let target = context.target()?;
    let client = context.heroku()?;
    let logs = Logs {
        terminal: &context.terminal,
        client,
        request: args.request(follow),
        idle,
        patterns: &patterns,
    };
    if context.options.dry_run {
        let lines = target.apps.iter().map(|app| logs::describe(client, app.as_ref(), &logs.request));
        return context.terminal.print(&lines.collect::<String>());
    }
    let colored = log_colors::enabled(context.terminal.colors_stdout(), context.options.no_color);
    let colors = Mutex::new(LogColors::new(Depth::from_env()));
    let view = match () {
        () if context.options.json => View::Json(&target.environment),
        () if colored => View::Colors(&colors),
        () if context.terminal.stdout_is_terminal() => View::Text,
        () => View::Bytes,
    };
    match target.apps.as_slice() {
        [app] => match logs.read(app, String::new(), view, &AtomicBool::new(false))? {
            Read::ToItsEnd => Ok(()),
            Read::NotHere => Err(fallback(context, args, app)),
        },
        apps => logs.read_all(apps, view),
    }
}

/// Whether a log could be read.
enum Read {
    ToItsEnd,
    /// It is one that only the Heroku CLI can read.
    NotHere,
}

/// The settings for reading all apps' logs.
struct Logs<'a> {
    terminal: &'a Terminal,
    client: &'a Arc<Client>,
    request: LogRequest,
    idle: Duration,
    patterns: &'a [Pattern],
}

impl Logs<'_> {
    /// Reads one app's log, each line with a prefix, until it ends or nobody wants more.
    fn read(&self, app: &AppName, prefix: String, view: View<'_>, over: &AtomicBool) -> Result<Read> {
        let FirstSession::Ready(session) = first_session(self.client, app.as_ref(), &self.request)? else {
            return Ok(Read::NotHere);
        };
        let log = AppLog::new(self.client, app.as_ref(), self.request.clone(), self.idle, session);
        let (app, patterns, terminal) = (app.as_ref(), self.patterns, self.terminal);
        let mut printer = Printer { app, prefix, view, patterns, terminal, over, written: Vec::new() };
        read_log(&log, &mut printer)?;
        Ok(Read::ToItsEnd)
    }

    /// Reads the logs of several apps at once. One that fails does not end the others, but decides the exit code.
    fn read_all(&self, apps: &[AppName], view: View<'_>) -> Result<()> {
        let over = &AtomicBool::new(false);
        let width = apps.iter().map(|app| app.as_ref().len()).max().unwrap_or_default();
        let codes: Vec<u8> = thread::scope(|scope| {
            let start = |(place, app): (usize, &AppName)| {
                let prefix = match view {
                    View::Json(_) => String::new(),
                    View::Colors(colors) => app_prefix(colors, place, app, width),
                    View::Bytes | View::Text => format!("{app:width$} | "),
                };
                let app = app.clone();
                scope.spawn(move || self.read_or_report(&app, prefix, view, over))
            };
            let readers: Vec<_> = apps.iter().enumerate().map(start).collect();
            readers.into_iter().filter_map(|reader| reader.join().ok()).collect()
        });
        if over.load(Ordering::Relaxed) {
            return Err(Error::silent(0));
        }
        codes.into_iter().find(|code| *code != 0).map_or(Ok(()), |code| Err(Error::silent(code)))
    }

    /// Reads one of several logs, says at once what goes wrong, and gives the exit code for it.
    fn read_or_report(&self, app: &AppName, prefix: String, view: View<'_>, over: &AtomicBool) -> u8 {
        let error = match self.read(app, prefix, view, over) {
            Ok(Read::ToItsEnd) => return 0,
            Ok(Read::NotHere) => {
                Error::failed("only the Heroku CLI reads the log of a Fir app, one at a time")
                    .hint_about(app, ["logs", "--tail"])
            }
            Err(error) => error,
        };
        let error = error.context(format!("no more log of {app}"));
        crate::terminal::report(&error, &mut self.terminal.stderr());
        error.kind().exit_code()
    }
}

fn app_prefix(colors: &Mutex<LogColors>, place: usize, app: &AppName, width: usize) -> String {
    let mut prefix = String::new();
    colors.lock().unwrap_or_else(PoisonError::into_inner).paint_app(
        place,
        &format!("{app:width$}"),
        &mut prefix,
    );
    prefix + " | "
}

impl Args {
    fn patterns(&self) -> Result<Vec<Pattern>> {
        let compile = |pattern: &String| {
            Pattern::new(pattern).map_err(|error| {
                Error::usage(error.to_string())
                    .context(format!("--grep {pattern:?} is not a regular expression"))
            })
        };
        self.grep.iter().map(compile).collect()
    }

    /// The session to ask for. Heroku takes a process type where it takes a dyno.
    fn request(&self, follow: bool) -> LogRequest {
        LogRequest {
            dyno_name: self.dyno_name.clone().or_else(|| self.process_type.clone()),
            source: self.source.clone(),
            lines: self.num.filter(|num| *num > 0).unwrap_or(LINES),
            tail: follow,
        }
    }

    /// The same, for `heroku logs`.
    fn words(&self) -> Vec<OsString> {
        let num = self.num.map(|num| num.to_string());
        let options = [
            ("--num", num.as_ref()),
            ("--source", self.source.as_ref()),
            ("--dyno-name", self.dyno_name.as_ref()),
            ("--process-type", self.process_type.as_ref()),
        ];
        let given = options.iter().filter_map(|(flag, value)| Some(format!("{flag}={}", (*value)?).into()));
        self.tail.then(|| "--tail".into()).into_iter().chain(given).collect()
    }
}

/// Leaves the log of a Fir app to the Heroku CLI.
fn fallback(context: &Context, args: &Args, app: &AppName) -> Error {
    let ours = [("--grep", !args.grep.is_empty()), ("--json", context.options.json)];
    if let Some((flag, _)) = ours.iter().find(|(_, given)| *given) {
        return Error::usage(format!(
            "{flag} is not supported on {app}: only the Heroku CLI can read the log of a Fir app"
        ))
        .hint(Hint::text(format!("leave out {flag}")));
    }
    let color = context.options.no_color.then(|| "--no-color".into());
    Fallback::with_arguments(
        format!("{app} is a Fir app: the Heroku CLI reads its log"),
        args.words().into_iter().chain(color).collect(),
    )
}

/// How long a stream may be silent: `GREENROOM_TAIL_IDLE` in seconds, such as `2.5`.
fn idle_limit(value: Option<&OsStr>) -> Result<Duration> {
    crate::variable::seconds("GREENROOM_TAIL_IDLE", value, IDLE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn args(words: &str) -> Result<Args, clap::Error> {
        Line::try_parse_from(std::iter::once("logs").chain(words.split_whitespace())).map(|line| line.args)
    }

    #[test]
    fn every_flag_of_heroku_logs_is_taken() {
        let given = args("-n 5 -s app -d web.1 -t").unwrap();
        assert_eq!(given.words(), ["--tail", "--num=5", "--source=app", "--dyno-name=web.1"]);
        let request =
            LogRequest { dyno_name: Some("web.1".into()), source: Some("app".into()), lines: 5, tail: true };
        assert_eq!(given.request(true), request);
        assert_eq!(args("--dyno web.2").unwrap().dyno_name.as_deref(), Some("web.2"));
        assert_eq!(args("--ps web").unwrap().request(false).dyno_name.as_deref(), Some("web"));
        assert!(args("-p web -d web.1").is_err());
    }

    #[test]
    fn without_a_number_it_is_a_hundred_lines() {
        assert_eq!(args("").unwrap().request(false).lines, 100);
        assert_eq!(args("-n 0").unwrap().request(false).lines, 100);
    }

    #[test]
    fn a_bad_expression_is_named() {
        let error = args("--grep ok --grep a(b").unwrap().patterns().unwrap_err();
        assert_eq!(error.kind().exit_code(), 2);
        assert!(error.to_string().starts_with("--grep \"a(b\" is not a regular expression: "), "{error}");
        assert_eq!(args("--grep -x").unwrap().patterns().unwrap().len(), 1);
    }

    #[test]
    fn the_idle_limit_is_in_seconds() {
        let limit = |value: &str| idle_limit(Some(OsStr::new(value)));
        assert_eq!(limit("0.5").unwrap(), Duration::from_millis(500));
        assert_eq!(limit("").unwrap(), IDLE);
        for bad in ["0", "-1", "soon", "inf"] {
            assert_eq!(limit(bad).unwrap_err().kind().exit_code(), 2);
        }
    }
}
