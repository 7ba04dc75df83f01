//! `greenroom completions zsh --install`: Tab for every command of the suite.

use crate::context::Context;
use crate::error::Result;
use crate::shells::install::{self, InstallState, Part};
use crate::shells::{self, Shell};
use crate::values::Values;

/// One line of help.
pub const ABOUT: &str = "Print or install shell completion for every command of the suite";

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
    /// The shell; by default the one that $SHELL names
    #[arg(value_parser = shells::value_parser())]
    shell: Option<String>,

    /// Install it where the shell looks for completions, or update it
    #[arg(long, conflicts_with = "uninstall")]
    install: bool,

    /// Remove exactly what was installed
    #[arg(long)]
    uninstall: bool,
}

/// Prints the file, or installs it, or takes it away.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let shell = shells::chosen(args.shell.as_deref())?;
    match (args.install, args.uninstall) {
        (true, _) => install(context, shell),
        (_, true) => uninstall(context, shell),
        _ => print(context, shell),
    }
}

/// On a terminal, the user most likely wanted to install it.
fn print(context: &Context, shell: &dyn Shell) -> Result<()> {
    context.terminal.print(shell.stub())?;
    if context.terminal.stdout_is_terminal() {
        context.terminal.hint_line(["greenroom", "completions", shell.name(), "--install"]);
    }
    Ok(())
}

fn install(context: &Context, shell: &dyn Shell) -> Result<()> {
    let parts = install::parts(shell)?;
    // All are looked at before one is changed.
    let states = parts.iter().map(Part::state).collect::<Result<Vec<_>>>()?;
    let changed = parts.iter().zip(&states).filter(|(_, state)| **state != InstallState::Current);
    changed.map(|(part, _)| part).try_for_each(Part::check)?;
    if context.options.dry_run {
        return show(context, &parts, &states);
    }
    for (part, state) in parts.iter().zip(&states) {
        if *state != InstallState::Current {
            part.install()?;
        }
        context.terminal.status(&done(part, *state));
    }
    if states.iter().any(|state| *state != InstallState::Current) {
        let name = shell.name();
        context
            .terminal
            .status(&format!("a new {name} completes greenroom's commands; if Tab offers nothing:"));
        context.terminal.hint_line(["greenroom", "doctor", "completion", "--shell", name]);
    }
    Ok(())
}

fn done(part: &Part, before: InstallState) -> String {
    let path = part.path().display();
    match (part.lines(), before) {
        (None, InstallState::Absent) => format!("wrote {path}"),
        (None, InstallState::Outdated) => format!("updated {path}"),
        (None, InstallState::Current) => format!("{path} is up to date"),
        (Some(_), InstallState::Absent) => format!("added a block to {path}"),
        (Some(_), InstallState::Outdated) => format!("updated the block in {path}"),
        (Some(_), InstallState::Current) => format!("the block in {path} is up to date"),
    }
}

fn show(context: &Context, parts: &[Part], states: &[InstallState]) -> Result<()> {
    let planned = |(part, state): (&Part, &InstallState)| {
        let path = part.path().display();
        match (part.lines(), state) {
            (_, InstallState::Current) => done(part, *state) + "\n",
            (None, _) => format!("write {path}\n"),
            (Some(lines), _) => {
                format!("add to {path}, between two markers:\n    {}\n", lines.replace('\n', "\n    "))
            }
        }
    };
    context.terminal.print_lines(&parts.iter().zip(states).map(planned).collect::<String>())
}

fn uninstall(context: &Context, shell: &dyn Shell) -> Result<()> {
    let mut installed = Vec::new();
    for part in install::parts(shell)? {
        if part.state()? != InstallState::Absent {
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
