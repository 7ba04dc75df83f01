//! `prepare check`: compares the app that builds with staging and production.

use serde::Serialize;

use crate::builder::{self, Apps, Finding, Level, Survey};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::git::Repository;
use crate::hint::Hint;
use crate::inventory::Resource;
use crate::model::AppName;
use crate::terminal::sanitize_status;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Check whether the app that builds has drifted from staging and production";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  prepare check
  prepare check --verbose                show matching settings, too
  prepare check --config NPM_TOKEN       compare only the config vars that builds read
  prepare check --json

`drift` can break a promotion or build another slug than production would: exit 1. A `note` cannot.";

/// No command of the Heroku CLI bears this name.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[("config", &[Words::Live(Resource::ConfigVars)])];

/// The config vars that builds read.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Compare only these config vars [default: all that are set on the app that builds]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    config: Vec<String>,
}

/// The answer as `--json` prints it.
#[derive(Serialize)]
struct Answer<'a> {
    app: &'a AppName,
    /// Whether any finding is a drift.
    drift: bool,
    findings: &'a [Finding],
}

/// Prints the differences; exit 1 where one can break a promotion or build another slug.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let client = context.heroku()?;
    let apps = Apps::find(context, client, None)?;
    let survey = Survey::make(client, &apps)?;
    survey.refuse_kinds()?;
    let Some(builder) = &survey.builder else {
        return Err(Error::unresolved(format!("app {} does not exist", survey.name)).hint("prepare setup"));
    };
    let mut findings = builder::findings(&survey, builder, &args.config);
    if let Some(repository) = context.repository()? {
        findings.push(release_phase(&survey, repository)?);
        findings.extend(remote(context, &survey));
    }
    report(context, &survey, &findings)
}

fn release_phase(survey: &Survey<'_>, repository: &Repository) -> Result<Finding> {
    let (level, message) = match builder::release_command(Some(repository))? {
        None => (Level::Ok, "none that runs with each build".to_owned()),
        Some(command) => (Level::Note, format!("{command} runs on {} with each build", survey.name)),
    };
    Ok(Finding::new(level, "release", message))
}

/// The git remote.
fn remote(context: &Context, survey: &Survey<'_>) -> Option<Finding> {
    let (level, message) = match builder::remote(context, survey.name) {
        Ok(None) => return None,
        Ok(Some((name, true))) => (Level::Ok, name),
        Ok(Some((name, false))) => (Level::Note, format!("no git remote {name}")),
        Err(other) => (Level::Note, other.to_string()),
    };
    Some(Finding::new(level, "remote", message))
}

fn report(context: &Context, survey: &Survey<'_>, findings: &[Finding]) -> Result<()> {
    let drifts = findings.iter().filter(|finding| finding.level == Level::Drift).count();
    if context.options.json {
        context.terminal.print_json(&Answer { app: survey.name, drift: drifts > 0, findings })?;
    } else {
        let shown = findings.iter().filter(|finding| context.options.verbose || finding.level != Level::Ok);
        let line = |finding: &Finding| {
            format!(
                "{:<5} {:<10}  {}\n",
                finding.level.word(),
                finding.about,
                sanitize_status(&finding.message)
            )
        };
        context.terminal.print(&shown.map(line).collect::<String>())?;
    }
    if drifts == 0 {
        context.terminal.status(&format!("{} builds what production would", survey.name));
        return Ok(());
    }
    let error = Error::failed(format!(
        "{} may build other slugs than production would, or they cannot be promoted",
        survey.name
    ));
    let mut fixes: Vec<&Hint> = Vec::new();
    for fix in findings.iter().filter_map(|finding| finding.fix.as_ref()) {
        if !fixes.contains(&fix) {
            fixes.push(fix);
        }
    }
    Err(fixes.into_iter().cloned().fold(error, Error::hint))
}
