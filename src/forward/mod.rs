//! Forwarding: the Heroku CLI replaces this process and runs every command that greenroom does not have, with the app
//! filled in.

use std::ffi::{OsStr, OsString};
use std::sync::OnceLock;

use crate::context::Context;
use crate::environment::refuse_this_machine;
use crate::error::{Error, Result};
use crate::heroku_cli::{self, Commands, Syntax};
use crate::hint::Hint;
use crate::inventory::Watch;
use crate::model::AppName;
use crate::process::{CommandLine, exit_code};
use crate::text::nearest;

mod apps;
mod flags;
mod guard;
mod without_app;

/// Runs the Heroku CLI's `command` with `arguments` as they were typed, on the environment's app.
///
/// `ours` are greenroom's own command names, for "did you mean".
///
/// Returns only with an error or after a dry run: on Unix the CLI replaces this process.
pub fn run(context: &Context, command: &OsStr, arguments: &[OsString], ours: &[&str]) -> Result<()> {
    let Some((line, app)) = prepared(context, command, arguments, ours)? else { return Ok(()) };
    context.terminal.detail(|| format!("exec {line}"));
    let _watch = Watch::over(&command.to_string_lossy(), app);
    Err(line.exec())
}

/// The same, waited for: its exit code, unless it is 0, is the error's. In a dry run it only prints the line.
pub fn run_and_wait(context: &Context, command: &str, arguments: &[OsString]) -> Result<()> {
    let prepared = prepared(context, command.as_ref(), arguments, &[])?;
    let Some((line, _)) = prepared else { return Ok(()) };
    context.terminal.detail(|| line.to_string());
    match exit_code(line.spawn()?.wait()?) {
        0 => Ok(()),
        code => Err(Error::silent(code)),
    }
}

/// The line for the Heroku CLI, and the app that it is about, once everything has been checked and asked; none in a dry
/// run, which prints it.
fn prepared<'a>(
    context: &'a Context,
    command: &OsStr,
    arguments: &[OsString],
    ours: &[&str],
) -> Result<Option<(CommandLine, Option<&'a AppName>)>> {
    let word = command.to_string_lossy();
    if context.options.json {
        return Err(Error::usage(format!(
            "{word} is a Heroku CLI command and takes its flags after its name"
        ))
        .hint(context.command([command, "--json".as_ref()])));
    }
    let syntax = syntax_of(context, &word, arguments, ours)?;
    if syntax.takes_app {
        if context.is_this_machine()? {
            let words = [&[command.to_owned()], arguments].concat();
            return refuse_this_machine(&word, &words);
        }
        flags::refuse_app(context, &word, arguments, &syntax)?;
    }
    let further = apps::further_arguments(context, id_of(&word, &syntax), arguments, &syntax)?;
    let heroku = heroku_cli::program().cloned();
    let is_there = heroku.is_some();
    if !is_there && !context.options.dry_run && !word.contains(':') && !is_command(&word) {
        // Without the CLI there is no telling whether it has this command.
        return Err(Error::usage(format!(
            "unknown command `{word}`, and the Heroku CLI, which may have it, was not found on PATH"
        ))
        .hint(context.command(["--help"]))
        .hint(INSTALL));
    }
    let mut line = heroku.unwrap_or_else(|| CommandLine::at("heroku", "heroku")).args([command]);
    let app = if syntax.takes_app { Some(context.target()?.one_app()?) } else { None };
    if let Some(app) = app {
        // `--app=APP` in one word: the CLI's `run` sends a bare app name on to the dyno when it equals an argument.
        // HEROKU_APP says the same, and saves the CLI two starts of git.
        line = line.args([format!("--app={app}")]).env("HEROKU_APP", app.as_ref());
    }
    line = line.args(further).args(arguments);
    if context.options.no_color {
        line = line.env("NO_COLOR", "1");
    }
    if context.options.dry_run {
        context.terminal.print(&format!("{line}\n"))?;
        return Ok(None);
    }
    if !is_there {
        return Err(Error::failed(format!(
            "{word} requires the Heroku CLI, and `heroku` was not found on PATH"
        ))
        .hint(INSTALL));
    }
    if let Some(app) = app {
        guard::ask(context, id_of(&word, &syntax), app, (command, arguments), &line)?;
    }
    Ok(Some((line, app)))
}

/// The id of the Heroku CLI's command: its manifest tells which names are aliases, or else a table here.
fn id_of<'a>(command: &'a str, syntax: &'a Syntax) -> &'a str {
    let listed = || match command {
        "create" => "apps:create",
        "rename" => "apps:rename",
        command => guard::id_of(command),
    };
    syntax.alias_of.as_deref().unwrap_or_else(listed)
}

/// How the Heroku CLI is installed.
const INSTALL: &str =
    "npm install --global heroku   # or see https://devcenter.heroku.com/articles/heroku-cli";

/// What the installed CLI accepts, read once: a line such as `review ps` asks first whether `ps` is a command, and then
/// runs it.
fn installed() -> Option<&'static Commands> {
    static INSTALLED: OnceLock<Option<Commands>> = OnceLock::new();
    INSTALLED.get_or_init(Commands::installed).as_ref()
}

/// Whether `word` is known to be a command, here or of the Heroku CLI.
pub fn is_command(word: &str) -> bool {
    match installed() {
        Some(commands) => {
            commands.syntax(word).is_some() || commands.is_topic(word) || without_app::lists(word)
        }
        None => without_app::lists(word) || without_app::COMMON.contains(&word),
    }
}

/// What the CLI accepts after `command`. One that nobody knows is a typo: exit 2, with the nearest names.
fn syntax_of(context: &Context, command: &str, arguments: &[OsString], ours: &[&str]) -> Result<Syntax> {
    let ours = ours.iter().copied();
    let Some(commands) = installed() else {
        let known =
            without_app::lists(command) || command.contains(':') || without_app::COMMON.contains(&command);
        return match nearest(command, ours) {
            Some(near) if !known => Err(unknown(context, command, arguments, Some(near))),
            _ => Ok(Syntax::unread(command, !without_app::lists(command))),
        };
    };
    if let Some(syntax) = commands.syntax(command) {
        return Ok(syntax);
    }
    if without_app::lists(command) || commands.is_topic(command) {
        return Ok(Syntax::unread(command, false));
    }
    if commands.has_unread_plugins() {
        // It may be a plugin's command, and nearly all of these take an app.
        return Ok(Syntax::unread(command, true));
    }
    Err(unknown(context, command, arguments, nearest(command, ours.chain(commands.names()))))
}

/// The error for an unknown command: a typo, or a program on the dyno.
fn unknown(context: &Context, command: &str, arguments: &[OsString], near: Option<&str>) -> Error {
    let error = Error::usage(format!("unknown command `{command}`: not in greenroom or the Heroku CLI"));
    let run = || {
        let words = ["run", command].into_iter().map(OsString::from);
        context.command(words.chain(arguments.iter().cloned())).note("on a one-off dyno")
    };
    match near {
        _ if is_program(command) => error.hint(run()),
        Some(near) => error.hint(Hint::text(format!("did you mean `{} {near}`?", context.name))),
        None => error.hint(run()).hint(context.command(["--help"])).hint(Hint::heroku(["commands"])),
    }
}

/// Whether `word` is a framework's program, such as `rails`, or a path, rather than a misspelled command.
fn is_program(word: &str) -> bool {
    const PROGRAMS: [&str; 19] = [
        "artisan", "bash", "bundle", "iex", "irb", "java", "mix", "node", "npm", "npx", "php", "pnpm",
        "python", "python3", "rails", "rake", "ruby", "sh", "yarn",
    ];
    word.contains('/') || PROGRAMS.contains(&word)
}
