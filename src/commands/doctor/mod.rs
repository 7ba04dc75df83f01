//! `greenroom doctor`: finds problems with completion, and the line that fixes each.

use clap::builder::PossibleValuesParser;
use serde::Serialize;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::shells;
use crate::values::Values;

mod completion;
mod finding;

use finding::{Finding, Level};

/// One line of help.
pub const ABOUT: &str = "Check the setup of Tab completion and suggest fixes; exit 1 if there is a problem";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  greenroom doctor               in the shell that $SHELL names
  greenroom doctor --shell zsh   in another one
  greenroom doctor --json        for a script";

/// No command of the Heroku CLI bears this name.
pub const HEROKU: &[&str] = &[];

/// Examinations and shells are part of the arguments themselves.
pub const VALUES: Values = &[];

/// The checks.
const EXAMINATIONS: &[Examination] = &[Examination { name: "completion", examine: completion::examine }];

struct Examination {
    name: &'static str,
    examine: fn(&Context, &Args) -> Vec<Finding>,
}

/// The examination.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// What to check; only completion can be checked so far
    #[arg(value_parser = PossibleValuesParser::new(EXAMINATIONS.iter().map(|examination| examination.name)))]
    examination: Option<String>,

    /// The shell to check; by default the one that $SHELL names
    #[arg(long, value_parser = shells::value_parser())]
    shell: Option<String>,
}

/// A finding as `--json` prints it.
#[derive(Serialize)]
struct Answer<'a> {
    examination: &'static str,
    level: Level,
    text: &'a str,
    hint: Option<String>,
}

/// Runs the checks, and prints a line for each finding.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let is_chosen = |name| args.examination.as_deref().is_none_or(|chosen| chosen == name);
    let findings: Vec<(&str, Finding)> = EXAMINATIONS
        .iter()
        .filter(|examination| is_chosen(examination.name))
        .flat_map(|examination| {
            (examination.examine)(context, args).into_iter().map(|found| (examination.name, found))
        })
        .collect();
    if context.options.json {
        let answers = findings.iter().map(|(examination, found)| Answer {
            examination,
            level: found.level,
            text: &found.text,
            hint: found.hint.as_ref().map(ToString::to_string),
        });
        context.terminal.print_json(&answers.collect::<Vec<_>>())?;
    } else {
        let lines: String = findings.iter().map(|(_, found)| found.to_string()).collect();
        context.terminal.print_lines(&lines)?;
    }
    if findings.iter().any(|(_, found)| found.level == Level::Problem) {
        return Err(Error::silent(1));
    }
    Ok(())
}
