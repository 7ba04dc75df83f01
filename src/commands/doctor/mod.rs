//! `greenroom doctor`: finds problems with the setup of this machine and of the project, and the line that fixes each.

use clap::builder::PossibleValuesParser;
use serde::Serialize;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::finding::{Finding, Level};
use crate::hint::Hint;
use crate::shells;
use crate::values::Values;

mod completion;
mod configuration;
mod databases;
mod environments;
mod facts;
mod fix;
mod git;
mod heroku;
mod pipeline;
mod programs;
mod project;

use facts::Facts;

/// One line of help.
pub const ABOUT: &str =
    "Check the setup of this machine and of the project, and suggest fixes; exit 1 if there is a problem";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  greenroom doctor
  greenroom doctor --fix              run the fixes that take nothing away, after a question
  greenroom doctor git                one examination alone
  greenroom doctor completion --shell zsh
  greenroom doctor --json | jq '.[] | select(.level != \"ok\")'

programs       the commands of the suite on PATH, and what hides them
completion     Tab in your shell
configuration  greenroom.toml and your own file
git            git, and the remotes of Heroku apps
heroku         login, account, token, clock and proxy
environments   the app of each environment
pipeline       its stages, the app that builds, review apps
project        Procfile and app.json, as Heroku reads them
databases      PostgreSQL's programs against the databases at Heroku

What cannot be looked at, without a network or a login, is `unknown`.";

/// No command of the Heroku CLI bears this name.
pub const HEROKU: &[&str] = &[];

/// Examinations and shells are part of the arguments themselves.
pub const VALUES: Values = &[];

/// The checks, in the order in which one depends on another.
const EXAMINATIONS: &[Examination] = &[
    Examination { name: "programs", examine: programs::examine },
    Examination { name: "completion", examine: completion::examine },
    Examination { name: "configuration", examine: configuration::examine },
    Examination { name: "git", examine: git::examine },
    Examination { name: "heroku", examine: heroku::examine },
    Examination { name: "environments", examine: environments::examine },
    Examination { name: "pipeline", examine: pipeline::examine },
    Examination { name: "project", examine: project::examine },
    Examination { name: "databases", examine: databases::examine },
];

struct Examination {
    name: &'static str,
    examine: fn(&Facts<'_>) -> Vec<Finding>,
}

/// The examination.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// What to check [default: everything]
    #[arg(value_name = "EXAMINATION", value_parser = PossibleValuesParser::new(EXAMINATIONS.iter().map(|examination| examination.name)))]
    examinations: Vec<String>,

    /// The shell to check; by default the one that $SHELL names
    #[arg(long, value_parser = shells::value_parser())]
    shell: Option<String>,

    /// Run the fixes that take nothing away, after a question
    #[arg(long)]
    fix: bool,
}

/// A finding as `--json` prints it.
#[derive(Serialize)]
struct Answer<'a> {
    examination: &'static str,
    #[serde(flatten)]
    finding: &'a Finding,
    /// Whether `--fix` runs the line.
    fixable: bool,
}

/// Runs the checks, and prints a line for each finding as soon as it is there.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let found = examine(context, args)?;
    let has_problem = found.iter().any(|(_, finding)| finding.level == Level::Problem);
    if context.options.json {
        context.terminal.print_json(&found.iter().map(answer).collect::<Vec<_>>())?;
    }
    let fixes = fix::lines(found.iter().map(|(_, finding)| finding));
    if args.fix {
        return fix::apply(context, &fixes, has_problem);
    }
    if !fixes.is_empty() && !context.options.json {
        context.hint(Hint::line(["greenroom", "doctor", "--fix"]).note(counted_lines(fixes.len())));
    }
    if has_problem { Err(Error::silent(1)) } else { Ok(()) }
}

fn counted_lines(count: usize) -> String {
    if count == 1 { "runs one of these lines".to_owned() } else { format!("runs {count} of these lines") }
}

/// All findings, printed unless they are to be JSON.
fn examine(context: &Context, args: &Args) -> Result<Vec<(&'static str, Finding)>> {
    let facts = Facts::new(context, args);
    let mut all = Vec::new();
    for Examination { name, examine } in
        EXAMINATIONS.iter().filter(|examination| facts.examines(examination.name))
    {
        let findings = {
            let _progress = context.terminal.progress(format!("the examination of {name}"));
            examine(&facts)
        };
        if !context.options.json {
            context.terminal.print_lines(&findings.iter().map(ToString::to_string).collect::<String>())?;
        }
        all.extend(findings.into_iter().map(|finding| (*name, finding)));
    }
    Ok(all)
}

fn answer<'a>((examination, finding): &'a (&'static str, Finding)) -> Answer<'a> {
    Answer { examination, finding, fixable: finding.fix.is_some() }
}
