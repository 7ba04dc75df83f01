//! The scripts of `app.json`: `postdeploy` once after the first release, `pr-predestroy` before the app is deleted. Each runs
//! on a one-off dyno, and its exit status counts.

use super::create::Maker;
use crate::context::Context;
use crate::environment::{self, REVIEW_PREDESTROY};
use crate::error::{Error, Kind, Result};
use crate::fallback::Fallback;
use crate::heroku::{Dyno, ReviewApp, stop_dynos};
use crate::model::{AppName, DynoSelection};
use crate::one_off;
use crate::one_off::command::{Shell, of_words};

/// Runs the `postdeploy` script. One that an interrupted creation left running is stopped first.
pub(super) fn postdeploy(maker: &Maker<'_>, app: &AppName, exists: bool) -> Result<()> {
    let Some(line) = &maker.setup.postdeploy else { return Ok(()) };
    if !maker.is_dry() && exists {
        for dyno in left(maker.client.dynos(app.as_ref())?, line) {
            let message = format!("stopping {}, which is left of an earlier run", dyno.name);
            maker.context.terminal.status(&message);
            maker.send(&stop_dynos(app, &DynoSelection::Named(dyno.name)))?;
        }
        maker.context.terminal.status("running the postdeploy script");
    }
    run(maker.context, app, line).map_err(|error| {
        error
            .context(format!("the postdeploy script failed on {app}"))
            .hint(maker.again().note("runs it again"))
    })
}

/// The one-off dynos that run this line of shell: others are somebody's session.
fn left(dynos: Vec<Dyno>, line: &str) -> impl Iterator<Item = Dyno> {
    let words = [line.into()];
    let commands = [Shell::Bash, Shell::Sh].map(|shell| of_words(&words, shell).unwrap_or_default());
    let runs = move |dyno: &Dyno| {
        let command = dyno.command.as_deref().unwrap_or_default();
        commands.iter().any(|wanted| !wanted.is_empty() && command.starts_with(wanted.as_str()))
    };
    dynos.into_iter().filter(move |dyno| dyno.process_type == "run" && runs(dyno))
}

/// Runs the `pr-predestroy` script of a local review app, where it has one.
pub fn predestroy(context: &Context, review: &ReviewApp) -> Result<()> {
    let Some((app, line)) = recorded(context, review)? else { return Ok(()) };
    context.terminal.status("running the pr-predestroy script");
    run(context, &app, &line).map_err(|error| {
        error.context(format!("the pr-predestroy script failed on {app}, which stays")).hint(
            environment::review_command(review, "destroy")
                .note("or with --no-predestroy, without the script"),
        )
    })
}

/// The line for a dry run: what [`predestroy`] would run.
pub fn describe_predestroy(context: &Context, review: &ReviewApp) -> Result<()> {
    match recorded(context, review)? {
        Some((app, line)) => run(context, &app, &line),
        None => Ok(()),
    }
}

fn recorded(context: &Context, review: &ReviewApp) -> Result<Option<(AppName, String)>> {
    if !review.is_local {
        return Ok(None);
    }
    let client = context.heroku()?;
    let Some(line) = client.config_vars(&review.id)?.remove(REVIEW_PREDESTROY) else { return Ok(None) };
    // Without code there is nothing that could run.
    if client.builds(&review.id, 1)?.is_empty() {
        return Ok(None);
    }
    Ok(Some((client.app(&review.id)?.name, line.reveal().to_owned())))
}

/// Runs a line of shell on a one-off dyno; in a dry run, prints the request.
#[cfg(unix)]
fn run(context: &Context, app: &AppName, line: &str) -> Result<()> {
    let request = one_off::Request::script(line);
    if context.options.dry_run {
        return context.terminal.print_lines(&format!("{}\n", one_off::describe(context, app, &request)?));
    }
    one_off::run(context, app, &request).map_err(|error| match error.kind() {
        Kind::Silent(code) => Error::failed(format!("exit status {code}")),
        _ if error.downcast_ref::<Fallback>().is_some() => Error::failed(error.to_string()),
        _ => error,
    })
}

#[cfg(not(unix))]
fn run(_: &Context, app: &AppName, _: &str) -> Result<()> {
    Err(Error::failed(format!("{app} can only be attached to from Unix")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_not_left_of_the_script() {
        let dyno = |name: &str, process_type: &str, command: &str| Dyno {
            name: name.to_owned(),
            process_type: process_type.to_owned(),
            command: Some(command.to_owned()),
            ..Dyno::default()
        };
        let dynos = vec![
            dyno("run.1", "run", "bin/rails console ; echo status"),
            dyno("run.2", "run", "bin/rails db:seed ; echo status"),
            dyno("run.3", "run", "bash -c 'seed && index' ; echo status"),
            dyno("web.1", "web", "bin/rails db:seed"),
        ];
        let names = |line| left(dynos.clone(), line).map(|dyno| dyno.name).collect::<Vec<_>>();
        assert_eq!(names("bin/rails db:seed"), ["run.2"]);
        assert_eq!(names("seed && index"), ["run.3"]);
        assert!(names("bin/other").is_empty());
    }
}
