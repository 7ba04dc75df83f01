//! `apps:create`, `apps:rename` and `git:remote`, adapted to the environment.
//!
//! Left alone, `apps:create` and `git:remote` call the git remote `heroku`. As the only Heroku remote it would decide
//! which pipeline is the project's, and so which app `production` is.

use std::ffi::OsString;

use super::flags;
use crate::context::Context;
use crate::environment::{Reason, Target};
use crate::error::{Error, Kind, Result};
use crate::heroku_cli::Syntax;
use crate::hint::Hint;

/// What to put in front of `arguments`, such as `--remote staging`.
///
/// Exit 2 where the environment has an app already and another one is to be created.
pub(super) fn further_arguments(
    context: &Context,
    id: &str,
    arguments: &[OsString],
    syntax: &Syntax,
) -> Result<Vec<OsString>> {
    match id {
        "apps:create" => create(context, arguments, syntax),
        "git:remote" => git_remote(context, arguments, syntax),
        "apps:rename" => {
            warn_of_configuration(context, arguments)?;
            Ok(Vec::new())
        }
        _ => Ok(Vec::new()),
    }
}

fn create(context: &Context, arguments: &[OsString], syntax: &Syntax) -> Result<Vec<OsString>> {
    let name = &context.name;
    if name == "review" {
        return Err(Error::usage("apps:create does not create a review app")
            .hint(Hint::line(["review", "create"]).note("creates the review app of a branch"))
            .hint(elsewhere(arguments)));
    }
    match context.target() {
        Ok(target) => return Err(exists(name, target, arguments)),
        Err(error) if error.kind() == Kind::Unresolved => {}
        Err(error) => return Err(error),
    }
    let has_none = arguments.iter().any(|word| word == "--no-remote" || word == "-n");
    if has_none || flags::gives_remote(arguments, syntax) {
        return Ok(Vec::new());
    }
    Ok(vec!["--remote".into(), name.into()])
}

fn exists(name: &str, target: &Target, arguments: &[OsString]) -> Error {
    let apps = target.apps.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    let error = Error::usage(format!("{name} already has an app: {apps} ({})", target.reason));
    let error = match (&target.reason, target.apps.as_slice()) {
        (Reason::Configuration { .. }, [app]) => error.hint(
            Hint::heroku(["apps:create", app.as_ref(), "--remote", name])
                .note(format!("if {app} does not exist yet")),
        ),
        _ => error,
    };
    error.hint(elsewhere(arguments))
}

/// The line that creates an app without touching this checkout.
fn elsewhere(arguments: &[OsString]) -> Hint {
    let words = ["apps:create"].into_iter().map(OsString::from);
    let given = arguments.iter().filter(|word| *word != "--no-remote").cloned();
    let words = words.chain(given).chain([OsString::from("--no-remote")]);
    Hint::heroku(words).note("not tied to an environment")
}

/// A review app's remote is named after the app: the next review app gets another one.
fn git_remote(context: &Context, arguments: &[OsString], syntax: &Syntax) -> Result<Vec<OsString>> {
    if flags::gives_remote(arguments, syntax) {
        return Ok(Vec::new());
    }
    let name = match context.name.as_str() {
        "review" => context.target()?.one_app()?.to_string(),
        name => name.to_owned(),
    };
    Ok(vec!["--remote".into(), name.into()])
}

/// The Heroku CLI changes the git remotes that name the app, but knows no greenroom.toml.
fn warn_of_configuration(context: &Context, arguments: &[OsString]) -> Result<()> {
    let target = context.target()?;
    if let Reason::Configuration { file } = &target.reason {
        let new = arguments.iter().find(|word| word.as_encoded_bytes().first() != Some(&b'-'));
        let new = new.map_or("the new name".into(), |new| new.to_string_lossy());
        let old = target.one_app()?;
        context.terminal.warn(&format!("{file} names {old}: if it is renamed, change it there to {new}"));
    }
    Ok(())
}
