//! The config vars that builds read: named on the command line, else chosen from a list.

use std::collections::BTreeSet;

use crate::builder::Survey;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::heroku::ConfigVars;
use crate::hint::Hint;
use crate::text::nearest;

/// The config vars to copy from production: those `named`, else those chosen before the first build.
pub(super) fn wanted(context: &Context, survey: &Survey<'_>, named: &[String]) -> Result<ConfigVars> {
    let may_ask = context.terminal.can_ask() && !context.options.yes && !context.options.dry_run;
    let is_first = survey.builder.as_ref().is_none_or(|builder| !builder.has_slug());
    let chosen =
        if named.is_empty() && may_ask && is_first { choose(context, survey)? } else { named.to_vec() };
    let var = |name: String| {
        let value = survey.config.vars.get(&name).ok_or_else(|| unknown(survey, &name))?.clone();
        if name.starts_with("HEROKU_") {
            return Err(Error::usage(format!("{name} is set by Heroku on each app and cannot be copied")));
        }
        if survey.config.from_addons.contains(&name) {
            return Err(from_addon(survey, &name));
        }
        Ok((name, value))
    };
    chosen.into_iter().map(var).collect()
}

/// Asks for the config vars that builds read, by number or name.
fn choose(context: &Context, survey: &Survey<'_>) -> Result<Vec<String>> {
    let is_there =
        |name: &str| survey.builder.as_ref().is_some_and(|builder| builder.config.vars.contains_key(name));
    let names: Vec<&str> = survey.config.own_names().filter(|name| !is_there(name)).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    context.terminal.status(&format!("{} has these config vars:", survey.model().name()));
    for (number, name) in (1..).zip(&names) {
        context.terminal.status(&format!("{number:>4}  {name}"));
    }
    let answer = context.terminal.ask("Which of these do builds read? Numbers or names, Enter for none:")?;
    let words = answer.split([' ', ',']).filter(|word| !word.is_empty());
    let chosen: BTreeSet<String> = words.map(|word| named_by(word, &names)).collect();
    Ok(chosen.into_iter().collect())
}

/// The name for a word of the answer: a number of the list, or a name.
fn named_by(word: &str, names: &[&str]) -> String {
    let listed = word.parse::<usize>().ok().and_then(|number| names.get(number.checked_sub(1)?));
    listed.map_or(word, |name| *name).to_owned()
}

fn unknown(survey: &Survey<'_>, name: &str) -> Error {
    let model = survey.model().name();
    let error = Error::usage(format!("{model} has no config var {name:?}"));
    match nearest(name, survey.config.own_names()) {
        Some(near) => error.hint(Hint::text(format!("did you mean {near}?"))),
        None => error.hint_about(model, ["config"]),
    }
}

/// Exit 5: with an add-on's URL, the app that builds would have access to production's data.
fn from_addon(survey: &Survey<'_>, name: &str) -> Error {
    let builder = survey.name;
    Error::refused(format!(
        "{name} belongs to an add-on; with it, {builder} would have access to the data of {}",
        survey.model().name()
    ))
    .hint(Hint::about(builder, ["addons:attach", "ADDON"]).note("if that is intended"))
}
