//! `greenroom remotes`: the lines that give each environment its git remote.

use serde::Serialize;

use crate::context::Context;
use crate::environment::{self, GitHosts, Known, Project, StandsFor};
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::model::AppName;
use crate::names;
use crate::text::with_operands;
use crate::values::Values;

/// One line of help.
pub const ABOUT: &str = "Print the `git remote add` line of each environment that has no remote yet";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  greenroom remotes
  greenroom remotes | sh     run them

A remote is not needed for greenroom itself: the pipeline's stages say which app is meant. It lets `git push staging`
and the Heroku CLI work. Remotes that are there are left alone.";

/// No command of the Heroku CLI does this.
pub const HEROKU: &[&str] = &[];

/// No argument takes a value.
pub const VALUES: Values = &[];

/// `remotes` takes no arguments of its own.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// An app and its remote, as `--json` prints it.
#[derive(Serialize)]
struct Answer {
    environment: String,
    app: AppName,
    /// The remote's name, also where it is still missing.
    remote: String,
    url: String,
    /// `there`, `missing`, or `taken` where a remote of that name is another place.
    state: &'static str,
    /// The line that makes it; null where it is there.
    line: Option<String>,
}

/// Prints the lines; those for remotes that are in the way are hints.
pub fn run(context: &Context, _: &Args) -> Result<()> {
    if context.repository()?.is_none() {
        return Err(
            Error::failed("no git repository here to add remotes to").hint("git clone URL && cd FOLDER")
        );
    }
    let (answers, unread) = context.with_project(|project| {
        let overview = environment::overview(&names::linked(), project);
        Ok((
            overview.environments.iter().flat_map(|known| answers(known, project)).collect::<Vec<_>>(),
            overview.unread,
        ))
    })?;
    if context.options.json {
        context.terminal.print_json(&answers)?;
    } else {
        print(context, &answers)?;
    }
    if let Some(error) = &unread {
        context.terminal.warn(&format!("the pipeline could not be read: {error}"));
        error.hints().for_each(|hint| context.terminal.hint(hint.clone()));
    }
    Ok(())
}

fn print(context: &Context, answers: &[Answer]) -> Result<()> {
    let lines =
        answers.iter().filter(|answer| answer.state == "missing").filter_map(|answer| answer.line.as_deref());
    context.terminal.print_lines(&lines.flat_map(|line| [line, "\n"]).collect::<String>())?;
    for taken in answers.iter().filter(|answer| answer.state == "taken") {
        context.terminal.warn(&format!("git remote {} is not {}", taken.remote, taken.app));
        context.terminal.hint_line(set_url(taken));
    }
    if !answers.is_empty() && answers.iter().all(|answer| answer.state == "there") {
        context.terminal.status("every environment has its git remote");
    }
    Ok(())
}

/// The line that points a remote of this name at the app.
fn set_url(Answer { remote, url, .. }: &Answer) -> Vec<std::ffi::OsString> {
    with_operands(&["git", "remote", "set-url"], [remote.as_str(), url])
}

/// Each app of the environment, with its remote.
fn answers(Known { name, stands_for }: &Known, project: &Project<'_>) -> Vec<Answer> {
    let Ok(StandsFor::Apps { apps, .. }) = stands_for else { return Vec::new() };
    let hosts = GitHosts::from_environment();
    let named = project.heroku_remotes();
    let answer = |app: &AppName| {
        // One remote cannot be two apps.
        let wanted = if apps.len() == 1 { name.as_str() } else { app.as_ref() };
        let theirs: Vec<&str> =
            named.iter().filter(|(_, other)| *other == app).map(|(remote, _)| remote.name.as_str()).collect();
        let url = hosts.url(app);
        let is_taken = project.remotes().any(|remote| remote.name == wanted);
        let (state, words) = match theirs.iter().find(|remote| **remote == wanted).or(theirs.first()) {
            Some(remote) if *remote != "heroku" => return Answer::there(name, app, remote, url),
            _ if is_taken => ("taken", with_operands(&["git", "remote", "set-url"], [wanted, &url])),
            // What `heroku create` calls every first remote says nothing about the environment.
            Some(remote) => ("missing", with_operands(&["git", "remote", "rename"], [*remote, wanted])),
            None => ("missing", with_operands(&["git", "remote", "add"], [wanted, &url])),
        };
        let line = Some(Hint::line(words).to_string());
        Answer { environment: name.clone(), app: app.clone(), remote: wanted.to_owned(), url, state, line }
    };
    apps.iter().map(|app| answer(&app.name)).collect()
}

impl Answer {
    fn there(environment: &str, app: &AppName, remote: &str, url: String) -> Self {
        Self {
            environment: environment.to_owned(),
            app: app.clone(),
            remote: remote.to_owned(),
            url,
            state: "there",
            line: None,
        }
    }
}
