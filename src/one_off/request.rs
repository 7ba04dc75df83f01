//! What to run, and on which dyno: the options that `run` and its like have in common.

use std::ffi::OsString;
use std::time::Duration;

use serde_json::{Map, Value};
use terminal_size::terminal_size_of;

use crate::error::{Error, Result};
use crate::heroku::{Change, NewDyno, run_dyno};
use crate::hint::Hint;
use crate::model::{AppName, Resource};
use crate::release::parse_wait_timeout;
use crate::usage::OURS;
use crate::values::{Values, Words};

/// The time after which Heroku ends a dyno that nobody is attached to any more: the longest that it takes.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// What Tab offers for the arguments of a command that runs another one on a dyno.
pub const COMMAND_VALUES: Values =
    &[SIZE, PROCESS_TYPE, ENV, TIME_TO_LIVE, ("command", &[Words::DynoCommand])];

/// The same for one whose command the project's files name.
pub const TASK_VALUES: Values = &[SIZE, PROCESS_TYPE, ENV, TIME_TO_LIVE, ("arguments", &[Words::Free])];

const SIZE: (&str, &[Words]) = ("size", &[Words::Live(Resource::DynoSizes)]);
const PROCESS_TYPE: (&str, &[Words]) = ("process_type", &[Words::Live(Resource::ProcessTypes)]);
const ENV: (&str, &[Words]) = ("env", &[Words::Assignment]);
const TIME_TO_LIVE: (&str, &[Words]) = ("time_to_live", &[Words::These(&["10m", "1h", "8h", "24h"])]);

/// The dyno that a command runs on.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct DynoOptions {
    /// Run on a dyno of this size
    #[arg(short, long, value_name = "SIZE")]
    pub size: Option<String>,
    /// Run on a dyno of this process type
    #[arg(long = "type", value_name = "TYPE")]
    pub process_type: Option<String>,
    /// Set variables for the command, with ; between several
    #[arg(short, long, value_name = "NAME=VALUE")]
    pub env: Vec<String>,
    /// Leave out `launcher` on apps that are built with Cloud Native Buildpacks
    #[arg(long)]
    pub no_launcher: bool,
    /// Let Heroku end the dyno after this time, at most 24h
    #[arg(long, value_name = "TIME", value_parser = parse_wait_timeout, help_heading = OURS)]
    pub time_to_live: Option<Duration>,
}

/// How a command is run with this terminal.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct SessionOptions {
    #[command(flatten)]
    dyno: DynoOptions,

    /// Exit with the command's status (always done)
    #[arg(short = 'x', long)]
    exit_code: bool,

    /// Give the command no terminal
    #[arg(long)]
    no_tty: bool,

    /// Send no notification when a slow dyno is up
    #[arg(long)]
    no_notify: bool,
}

impl SessionOptions {
    /// The request to run these words.
    pub fn request(&self, words: Vec<OsString>) -> Request {
        Request {
            words,
            dyno: self.dyno.clone(),
            no_tty: self.no_tty,
            no_notify: self.no_notify,
            ..Request::default()
        }
    }
}

/// A command to run on a one-off dyno.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The command: several words are one command with its arguments, a single word is a line of shell.
    pub words: Vec<OsString>,
    /// The dyno.
    pub dyno: DynoOptions,
    /// Whether the command has no terminal.
    pub no_tty: bool,
    /// Whether a dyno that was slow to start is not told of.
    pub no_notify: bool,
    /// Whether it is a step of something else: it gets no input, and what it writes goes to stderr.
    pub is_script: bool,
}

impl Request {
    /// A line of shell as a step of something else.
    pub fn script(line: &str) -> Self {
        Self { words: vec![line.into()], no_tty: true, no_notify: true, is_script: true, ..Self::default() }
    }
}

/// The change that makes the dyno, with `command` for its shell; whether its streams are to `attach` to.
pub(super) fn new_dyno(app: &AppName, request: &Request, command: String, attach: bool) -> Result<Change> {
    let variables = request.dyno.variables()?;
    let given = variables.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
    let mut env: Map<String, Value> = given.collect();
    env.extend(std::env::var("TERM").ok().map(|term| ("TERM".to_owned(), term.into())));
    if let Some((width, height)) = terminal_size_of(std::io::stdout()).filter(|_| attach) {
        env.extend(
            [("COLUMNS", width.0), ("LINES", height.0)]
                .map(|(name, size)| (name.to_owned(), size.to_string().into())),
        );
    }
    let dyno = NewDyno {
        attach,
        command,
        env,
        force_no_tty: request.no_tty.then_some(true),
        size: request.dyno.size.clone(),
        process_type: request.dyno.process_type.clone(),
        time_to_live: request
            .dyno
            .time_to_live
            .or(attach.then_some(LONGEST))
            .map(|time| time.as_secs().max(1)),
    };
    run_dyno(app, &dyno, |name| variables.iter().any(|(given, _)| given == name))
}

impl DynoOptions {
    /// The variables of `--env`. Exit 2 for what is not one.
    pub(super) fn variables(&self) -> Result<Vec<(String, String)>> {
        let parts = self.env.iter().flat_map(|given| given.split(';'));
        parts.filter(|part| !part.trim().is_empty()).map(variable).collect()
    }

    /// The options as they are typed for the Heroku CLI.
    pub(super) fn words(&self) -> Vec<OsString> {
        let env = self.env.join(";");
        let given = [
            ("--size", self.size.as_deref()),
            ("--type", self.process_type.as_deref()),
            ("--env", Some(env.as_str()).filter(|env| !env.is_empty())),
        ];
        let given = given.into_iter().filter_map(|(flag, value)| Some(format!("{flag}={}", value?)));
        given.chain(self.no_launcher.then(|| "--no-launcher".to_owned())).map(OsString::from).collect()
    }
}

fn variable(part: &str) -> Result<(String, String)> {
    let is_named = |name: &&str| {
        !name.is_empty()
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_.-".contains(letter))
    };
    let pair = part.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
    match pair.filter(|(name, _)| is_named(name)) {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        // What stands there may be a part of a secret.
        None => Err(Error::usage("a part of --env is not NAME=VALUE")
            .hint(Hint::line(["--env", "A=1;B=2"]).note("a value cannot have a ; in it"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(env: &[&str]) -> Result<Vec<(String, String)>> {
        let env = env.iter().map(|given| (*given).to_owned()).collect();
        DynoOptions { env, ..DynoOptions::default() }.variables()
    }

    #[test]
    fn variables_are_separated_by_semicolons() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let read = variables(&["A=1; B = two words ;", "C.D-e=x=y", "F="]).unwrap();
        assert_eq!(read, [pair("A", "1"), pair("B", "two words"), pair("C.D-e", "x=y"), pair("F", "")]);
        for bad in ["A", "A=1;secret", "=x", "A B=1", "é=1"] {
            let error = variables(&[bad]).unwrap_err();
            assert_eq!(error.kind().exit_code(), 2, "{bad}");
            assert!(!error.to_string().contains("secret"));
        }
    }
}
