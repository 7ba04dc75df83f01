//! Confirmation: nothing protected changes until the question is answered with yes, or `--yes` is given.

use std::ffi::OsString;

use crate::context::Context;
use crate::environment;
use crate::error::{Error, Kind, Result};
use crate::model::{AppName, Stage};

/// Asks `question` if something is `protected` and `--yes` was not given; true where the question was asked and answered
/// with yes. Exit 5 after any other answer, and where nobody can be asked. `command` is the line to type again.
pub fn ask(context: &Context, protected: Option<&str>, question: &str, command: &[OsString]) -> Result<bool> {
    let Some(protected) = protected else { return Ok(false) };
    agree(context, &format!("{protected} is protected"), question, command)
}

/// Asks `question` before a change of `app` if that is protected, as [`ask`] does; also where it cannot be told.
pub fn change_of(context: &Context, app: &AppName, question: &str, command: &[OsString]) -> Result<()> {
    if context.options.yes {
        return Ok(());
    }
    let why = match protected_app(context, app) {
        Ok(None) => return Ok(()),
        Ok(Some(protected)) => format!("{protected} is protected"),
        Err(error) => cannot_tell(&error),
    };
    agree(context, &why, question, command)?;
    Ok(())
}

/// One line that names environment and app where the environment is protected, as far as that is known without asking:
/// for a session, in which anything may be changed.
pub fn banner(context: &Context, app: &AppName) -> Result<()> {
    let name = &context.name;
    let is_protected = context.config()?.is_protected(name)
        || context.with_project(|project| Ok(environment::is_protected(name, app, None, project)))?;
    if is_protected {
        context.terminal.change(&format!("{name}: {app} is protected"), &[app.as_ref()]);
    }
    Ok(())
}

/// The reason for asking where a protection cannot be read.
pub fn cannot_tell(error: &Error) -> String {
    format!("cannot tell whether the app is protected ({error})")
}

/// What of `app` is protected: the environment, or else the app itself; none where nothing is. Its stage is read from
/// Heroku where configuration does not decide; an error where it cannot be read.
pub fn protected_app(context: &Context, app: &AppName) -> Result<Option<String>> {
    let name = &context.name;
    if context.config()?.is_protected(name) {
        return Ok(Some(name.clone()));
    }
    let in_stage = |stage: Option<&Stage>| {
        context.with_project(|project| Ok(environment::is_protected(name, app, stage, project)))
    };
    let protected = in_stage(None)? || {
        let coupling = context.heroku()?.coupling_of(app)?;
        coupling.map_or(Ok(false), |coupling| in_stage(Some(&coupling.stage)))?
    };
    Ok(protected.then(|| app.to_string()))
}

/// Whether an app that is not this environment's is protected, whatever it is called by; also where it cannot be told.
pub fn is_protected(context: &Context, app: &AppName) -> bool {
    let in_stage = |stage: Option<&Stage>| {
        context.with_project(|project| Ok(environment::is_protected("", app, stage, project)))
    };
    let told = in_stage(None).and_then(|protected| {
        if protected {
            return Ok(true);
        }
        let coupling = context.heroku()?.coupling_of(app)?;
        coupling.map_or(Ok(false), |coupling| in_stage(Some(&coupling.stage)))
    });
    told.unwrap_or(true)
}

/// Says what will happen, and wants the app's name typed. Exit 5 after any other answer, and where nobody can be asked:
/// `--yes` does not stand for it.
pub fn by_name(context: &Context, app: &AppName, what: &str) -> Result<()> {
    if !context.terminal.can_ask() {
        return Err(Error::refused(format!(
            "the name of {app} has to be typed for this, which requires a terminal"
        )));
    }
    if context.terminal.ask(&format!("{what} Type {app} to go on:"))? == app.as_ref() {
        return Ok(());
    }
    context.terminal.status("nothing was changed");
    Err(Error::silent(Kind::Refused.exit_code()))
}

/// Asks `question` unless `--yes` was given, as [`ask`] does. `why` is the reason for asking, `command` the line to type
/// again.
pub fn agree(context: &Context, why: &str, question: &str, command: &[OsString]) -> Result<bool> {
    agree_by(context, why, question, &[command, &["--yes".into()]].concat())
}

/// The same for a line in which `--yes` has to stand elsewhere than at the end: `agreed` is the whole of it.
pub fn agree_by(context: &Context, why: &str, question: &str, agreed: &[OsString]) -> Result<bool> {
    if context.options.yes {
        return Ok(false);
    }
    if !context.terminal.can_ask() {
        return Err(Error::refused(format!("{why}, and confirmation requires a terminal"))
            .hint(context.command(agreed)));
    }
    if context.terminal.confirm(question)? {
        return Ok(true);
    }
    // Answering no is a decision, not a failure to explain.
    context.terminal.status("nothing was changed");
    Err(Error::silent(Kind::Refused.exit_code()))
}
