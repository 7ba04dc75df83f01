//! `review check`: whether a review app of what is checked out would come up.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::environment;
use crate::error::{Error, Result};
use crate::finding::Level;
use crate::review_apps::{StageConfig, check_files, check_first_review_app};
use crate::values::Values;

/// One line of help.
pub const ABOUT: &str =
    "Check app.json and Procfile for what breaks a review app; exit 1 if there is a problem";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  review check
  review check --json

The files are those that are checked out. With a login, the required config vars are compared with those that the
pipeline gives to its review apps.";

/// No command of the Heroku CLI does this.
pub const HEROKU: &[&str] = &[];

/// No argument takes a value.
pub const VALUES: Values = &[];

/// `check` takes no arguments of its own.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Prints a line for each finding.
pub fn run(context: &Context, _: &Args) -> Result<()> {
    let root = context.root()?.ok_or_else(|| Error::failed("there is no project here"))?;
    let mut findings = check_files(&root);
    findings.extend(check_first_review_app(&root, &stage_config(context)));
    if context.options.json {
        context.terminal.print_json(&findings)?;
    } else {
        context.terminal.print_lines(&findings.iter().map(ToString::to_string).collect::<String>())?;
    }
    if findings.is_empty() {
        context.terminal.status("app.json and Procfile have nothing that would break a review app");
    }
    let has_problem = findings.iter().any(|finding| finding.level == Level::Problem);
    if has_problem { Err(Error::silent(1)) } else { Ok(()) }
}

/// The config vars that the pipeline gives to review apps, as far as they can be read.
fn stage_config(context: &Context) -> StageConfig {
    let read = || -> Result<BTreeSet<String>> {
        let place = context.with_project(environment::review_pipeline)?;
        let vars = context.heroku()?.review_config_vars(&place.pipeline.id)?;
        Ok(vars.0.into_iter().map(|(name, _)| name).collect())
    };
    read().map_or_else(|error| StageConfig::Unknown(error.to_string()), StageConfig::Known)
}
