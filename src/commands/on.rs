//! `greenroom on staging,production ps`: one command in several environments, side by side.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use anstream::adapter::strip_bytes;
use anstyle::{AnsiColor, Style};
use serde_json::Value;

use crate::commands;
use crate::context::{Context, Options};
use crate::environment::{self, Member, members};
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::process::{ChildProcess, Place, internal};
use crate::terminal::{closed_or_failed, escape_json, sanitize_line};
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Run a command in several environments in parallel; exit with the worst exit code";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  greenroom on staging,production ps
  greenroom on staging,production tail --grep timeout
  greenroom on 'qa-*' maintenance:on
  greenroom on 42,43 ps                       review apps, by pull request
  greenroom on staging@playhouse-eu,qa ps     one app of an environment that has several";

/// No command of the Heroku CLI bears this name.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for its arguments.
pub const VALUES: Values = &[("environments", &[Words::EnvironmentList]), ("command", &[Words::Line])];

/// Which environments, and what to do there.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Environments, separated by commas: NAME, NAME@APP, or a pull request's number; `*` matches any part of a known name
    environments: String,

    /// The command, as typed after an environment's name
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

/// A line of output, or what was left at its end.
struct Line {
    from: usize,
    to_stderr: bool,
    /// It is a JSON object, which names its environment itself.
    is_json: bool,
    bytes: Vec<u8>,
}

/// Runs the command in each environment at once; every line is prefixed with the environment's name.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let members =
        context.with_project(|project| members(&args.environments, &environment::known(project)))?;
    if let [member] = members.as_slice() {
        return Err(internal::in_environment(&member.name, words(context, member, &args.command))?.exec());
    }
    refuse_moves(&members, &args.command)?;
    let json = context.options.json || asks_for_json(&members, &args.command);
    let (sender, lines) = sync_channel(1024);
    // None of them outlives a failure of ours.
    let mut children: Vec<ChildProcess> = Vec::new();
    for (from, member) in members.iter().enumerate() {
        children.push(start(context, from, member, &args.command, json, &sender)?);
    }
    drop(sender);
    print(context, &members, &lines)?;
    let mut worst = 0;
    for child in &mut children {
        worst = worst.max(child.wait()?);
    }
    if worst == 0 { Ok(()) } else { Err(Error::silent(worst)) }
}

/// Refuses what moves code from one environment into the next: side by side, both would move at once what one should
/// have received from the other first.
fn refuse_moves(members: &[Member], command: &[OsString]) -> Result<()> {
    let Some(name) = command_name(command).filter(|name| MOVES.contains(name)) else { return Ok(()) };
    let mut order: Vec<&Member> = members.iter().collect();
    order.sort_by_key(|member| environment::stage_named(&member.name)?.promotion_order());
    let error = Error::usage(format!("{name} cannot run in several environments side by side"));
    Err(order.iter().fold(error, |error, member| {
        let words = [&member.name].into_iter().chain(&member.words).map(OsString::from);
        error.hint(Hint::line(words.chain(command.iter().cloned())))
    }))
}

/// Commands that take what one environment runs into another.
const MOVES: [&str; 3] = ["promote", "ship", "pipelines:promote"];

/// The command's name, behind flags.
fn command_name(command: &[OsString]) -> Option<&str> {
    crate::usage::leading_flags(command).1.first().and_then(|word| word.to_str())
}

/// Whether the command is one of ours, and `--json` is among its words.
fn asks_for_json(members: &[Member], command: &[OsString]) -> bool {
    let is_ours = |word, member: &Member| commands::find(&commands::of(&member.name), word).is_some();
    command_name(command).is_some_and(|word| members.iter().all(|member| is_ours(word, member)))
        && command.iter().take_while(|word| *word != "--").any(|word| word == "--json")
}

/// The global flags as words again.
fn flags(options: &Options) -> Vec<OsString> {
    [
        (options.dry_run, "--dry-run"),
        (options.json, "--json"),
        (options.yes, "--yes"),
        (options.verbose, "--verbose"),
        (options.no_color, "--no-color"),
    ]
    .into_iter()
    .filter(|(given, _)| *given)
    .map(|(_, flag)| OsString::from(flag))
    .collect()
}

/// The words after the environment's name.
fn words(context: &Context, member: &Member, command: &[OsString]) -> Vec<OsString> {
    let chosen = member.words.iter().map(OsString::from);
    flags(&context.options).into_iter().chain(chosen).chain(command.iter().cloned()).collect()
}

fn start(
    context: &Context,
    from: usize,
    member: &Member,
    command: &[OsString],
    json: bool,
    to: &SyncSender<Line>,
) -> Result<ChildProcess> {
    let mut line = internal::in_environment(&member.name, words(context, member, command))?;
    if context.terminal.colors_stdout() {
        line = line.env("CLICOLOR_FORCE", "1").env("FORCE_COLOR", "1");
    }
    let mut child = line.start(Place::Here)?;
    let [stdout, stderr] = child.streams();
    let (out, err) = (to.clone(), to.clone());
    thread::spawn(move || {
        let stdout = BufReader::new(stdout);
        if json { forward_json(stdout, from, &out) } else { forward(stdout, from, false, &out) }
    });
    thread::spawn(move || forward(BufReader::new(stderr), from, true, &err));
    Ok(child)
}

/// Passes on every line until there are no more, or the receiver is gone.
fn forward(mut reader: impl BufRead, from: usize, to_stderr: bool, to: &SyncSender<Line>) {
    while let Some(bytes) = next_line(&mut reader) {
        if to.send(Line { from, to_stderr, is_json: false, bytes }).is_err() {
            return;
        }
    }
}

/// Sends on an object that stands on a line of its own as it comes. What is laid out over several lines waits for its
/// end, and becomes one line too: the lines of other environments may come in between.
fn forward_json(mut reader: impl BufRead, from: usize, to: &SyncSender<Line>) {
    let send = |is_json, bytes| to.send(Line { from, to_stderr: false, is_json, bytes });
    let mut laid_out = Vec::new();
    while let Some(bytes) = next_line(&mut reader) {
        let is_whole = bytes.starts_with(b"{") && bytes.trim_ascii_end().ends_with(b"}");
        if !is_whole {
            laid_out.extend(bytes);
        } else if send(true, bytes).is_err() {
            return;
        }
    }
    let values = serde_json::Deserializer::from_slice(&laid_out).into_iter::<Value>();
    if let Ok(values) = values.collect::<Result<Vec<_>, _>>() {
        _ = values.iter().try_for_each(|value| send(true, value.to_string().into_bytes()));
    } else {
        // It is no JSON, so it is for a person.
        forward(laid_out.as_slice(), from, false, to);
    }
}

/// The next line, with its end if it has one.
fn next_line(reader: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    matches!(reader.read_until(b'\n', &mut bytes), Ok(1..)).then_some(bytes)
}

/// How a line's bytes are printed.
#[derive(Clone, Copy)]
enum View {
    /// Nothing: a program reads them.
    Bytes,
    /// The color goes that the command was made to write for the sake of its other stream.
    Stripped,
    /// A person reads them: control sequences are shown, not obeyed, other than color where that is wanted.
    Shown { color: bool },
}

impl View {
    fn apply(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            View::Bytes => bytes.to_owned(),
            View::Stripped => strip_bytes(bytes).flatten().copied().collect(),
            View::Shown { color } => sanitize_line(bytes, color).into_owned().into_bytes(),
        }
    }
}

fn print(context: &Context, members: &[Member], lines: &Receiver<Line>) -> Result<()> {
    const COLORS: [AnsiColor; 5] =
        [AnsiColor::Cyan, AnsiColor::Yellow, AnsiColor::Green, AnsiColor::Magenta, AnsiColor::Blue];
    let terminal = &context.terminal;
    let (stdout_color, stderr_color) = (terminal.colors_stdout(), terminal.colors_stderr());
    let stdout_view =
        if terminal.stdout_is_terminal() { View::Shown { color: stdout_color } } else { View::Bytes };
    let stderr_view = match () {
        () if terminal.stderr_is_terminal() => View::Shown { color: stderr_color },
        () if stdout_color && !stderr_color => View::Stripped,
        () => View::Bytes,
    };
    let width = members.iter().map(|member| member.label.len()).max().unwrap_or(0);
    for Line { from, to_stderr, is_json, bytes } in lines {
        let (view, color) = if to_stderr { (stderr_view, stderr_color) } else { (stdout_view, stdout_color) };
        let hue = Style::new().fg_color(Some(COLORS[from % COLORS.len()].into()));
        let mut whole = match () {
            // Data for a program is not prefixed.
            () if is_json => String::new(),
            () if color => format!("{hue}{:width$} |{hue:#} ", members[from].label),
            () => format!("{:width$} | ", members[from].label),
        }
        .into_bytes();
        let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        match str::from_utf8(line) {
            Ok(line) if is_json => whole.extend(escape_json(line).bytes()),
            _ => whole.extend(view.apply(line)),
        }
        whole.push(b'\n');
        if to_stderr {
            _ = io::stderr().write_all(&whole);
        } else {
            let mut stdout = io::stdout().lock();
            stdout.write_all(&whole).and_then(|()| stdout.flush()).map_err(closed_or_failed)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_asked_for_among_the_words_of_our_own_commands() {
        let asks = |words: &str| {
            asks_for_json(
                &members("staging", &[]).unwrap(),
                &words.split(' ').map(OsString::from).collect::<Vec<_>>(),
            )
        };
        assert!(asks("which --json") && asks("--verbose tail -n 3 --json"));
        assert!(!asks("which") && !asks("certs --json") && !asks("logs -- --json"));
    }

    #[test]
    fn json_becomes_an_object_a_line() {
        let forwarded = |text: &str| {
            let (sender, lines) = sync_channel(16);
            forward_json(text.as_bytes(), 0, &sender);
            drop(sender);
            let line = |line: Line| (line.is_json, String::from_utf8(line.bytes).unwrap());
            lines.into_iter().map(line).collect::<Vec<_>>()
        };
        let json = |line: &str| (true, line.to_owned());
        assert_eq!(forwarded("{\"a\":1}\n{\"b\":{}}\n"), [json("{\"a\":1}\n"), json("{\"b\":{}}\n")]);
        assert_eq!(forwarded("{\n  \"a\": [\n    1\n  ]\n}\n"), [json("{\"a\":[1]}")]);
        assert_eq!(forwarded("GET /apps\n"), [(false, "GET /apps\n".to_owned())]);
        assert_eq!(forwarded(""), []);
    }
}
