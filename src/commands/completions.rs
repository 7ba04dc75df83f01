//! `greenroom completions zsh --install`: Tab for every command of the suite.

use std::env;
use std::path::Path;

use clap::builder::{PossibleValue, PossibleValuesParser};

use crate::completion::Values;
use crate::completion::install::{self, Part, State};
use crate::completion::shell::{self, SHELLS, Shell};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::hint::Hint;

/// One line of help.
pub const ABOUT: &str = "Print or install the completion for a shell: Tab for every command of the suite";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  greenroom completions --install             for the shell that $SHELL names
  greenroom --dry-run completions zsh --install
  greenroom completions fish --uninstall
  greenroom completions bash                  the file itself, for a package";

/// No command of the Heroku CLI bears this name.
pub const HEROKU: &[&str] = &[];

/// The names of shells are part of the argument itself.
pub const VALUES: Values = &[];

/// Which shell, and what to do there.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The shell; the one that $SHELL names where none is given
    #[arg(value_parser = names())]
    shell: Option<String>,

    /// Put it where that shell looks; what is there already is brought up to date
    #[arg(long, conflicts_with = "uninstall")]
    install: bool,

    /// Take away exactly what was installed
    #[arg(long)]
    uninstall: bool,
}

/// The shells that there is a completion for, by their names and those of their programs.
pub(super) fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(
        SHELLS.iter().map(|shell| PossibleValue::new(shell.name()).aliases(program_of(*shell))),
    )
}

/// The program of a shell that is called otherwise.
pub(super) fn program_of(shell: &dyn Shell) -> Option<&'static str> {
    match shell.name() {
        "nushell" => Some("nu"),
        "powershell" => Some("pwsh"),
        _ => None,
    }
}

/// Prints the file, or installs it, or takes it away.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let shell = chosen(args.shell.as_deref())?;
    match (args.install, args.uninstall) {
        (true, _) => install(context, shell),
        (_, true) => uninstall(context, shell),
        _ => print(context, shell),
    }
}

/// Who sees it on a terminal wanted something else, most likely.
fn print(context: &Context, shell: &dyn Shell) -> Result<()> {
    context.terminal.print(shell.stub())?;
    if context.terminal.stdout_is_terminal() {
        context.terminal.hint_line(["greenroom", "completions", shell.name(), "--install"]);
    }
    Ok(())
}

/// The shell that is called so, or whose program is.
pub(super) fn named(name: &str) -> Option<&'static dyn Shell> {
    let of_program = || SHELLS.iter().copied().find(|shell| program_of(*shell) == Some(name));
    shell::named(name).or_else(of_program)
}

/// The shell of this name, or else the person's own.
pub(super) fn chosen(name: Option<&str>) -> Result<&'static dyn Shell> {
    let own = env::var_os("SHELL").unwrap_or_default();
    let own = Path::new(&own).file_stem().unwrap_or_default().to_string_lossy();
    let name = name.unwrap_or(&own);
    named(name).ok_or_else(|| {
        let known: Vec<_> = SHELLS.iter().map(|shell| shell.name()).collect();
        let failure = if name.is_empty() {
            "SHELL names no shell".to_owned()
        } else {
            format!("{name} is no shell that is known here")
        };
        Error::usage(failure).hint(Hint::text(format!("name one: greenroom completions {}", known.join("|"))))
    })
}

fn install(context: &Context, shell: &dyn Shell) -> Result<()> {
    let parts = install::parts(shell)?;
    // All are looked at before one is changed.
    let states = parts.iter().map(Part::state).collect::<Result<Vec<_>>>()?;
    let changed = parts.iter().zip(&states).filter(|(_, state)| **state != State::Current);
    changed.map(|(part, _)| part).try_for_each(Part::check)?;
    if context.options.dry_run {
        return show(context, &parts, &states);
    }
    for (part, state) in parts.iter().zip(&states) {
        if *state != State::Current {
            part.install()?;
        }
        context.terminal.status(&done(part, *state));
    }
    if states.iter().any(|state| *state != State::Current) {
        let name = shell.name();
        context.terminal.status(&format!("a new {name} knows greenroom's commands at Tab; if it does not:"));
        context.terminal.hint_line(["greenroom", "doctor", "completion", "--shell", name]);
    }
    Ok(())
}

fn done(part: &Part, before: State) -> String {
    let path = part.path().display();
    match (part.lines(), before) {
        (None, State::Absent) => format!("wrote {path}"),
        (None, State::Outdated) => format!("updated {path}"),
        (None, State::Current) => format!("{path} is there already"),
        (Some(_), State::Absent) => format!("added a block to {path}"),
        (Some(_), State::Outdated) => format!("updated the block in {path}"),
        (Some(_), State::Current) => format!("the block is in {path} already"),
    }
}

fn show(context: &Context, parts: &[Part], states: &[State]) -> Result<()> {
    let planned = |(part, state): (&Part, &State)| {
        let path = part.path().display();
        match (part.lines(), state) {
            (_, State::Current) => done(part, *state) + "\n",
            (None, _) => format!("write {path}\n"),
            (Some(lines), _) => {
                format!("between two markers in {path}:\n    {}\n", lines.replace('\n', "\n    "))
            }
        }
    };
    context.terminal.print_lines(&parts.iter().zip(states).map(planned).collect::<String>())
}

fn uninstall(context: &Context, shell: &dyn Shell) -> Result<()> {
    let mut installed = Vec::new();
    for part in install::parts(shell)? {
        if part.state()? != State::Absent {
            installed.push(part);
        }
    }
    if installed.is_empty() {
        context.terminal.status(&format!("nothing is installed for {}", shell.name()));
    }
    // The block that reads the file goes before the file.
    for part in installed.iter().rev() {
        let what = if part.lines().is_some() { "the block from " } else { "" };
        let path = part.path().display();
        if context.options.dry_run {
            context.terminal.print_lines(&format!("remove {what}{path}\n"))?;
            continue;
        }
        part.remove()?;
        context.terminal.status(&format!("removed {what}{path}"));
    }
    Ok(())
}
