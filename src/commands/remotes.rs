//! `greenroom remotes`: the lines that give each environment its git remote.

use std::ffi::OsString;

use serde::Serialize;

use crate::context::Context;
use crate::environment::{self, AppRemote, RemoteState};
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::model::AppName;
use crate::names;
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
    let (remotes, overview) = context.with_project(|project| {
        let overview = environment::overview(&names::linked(), project);
        let remotes: Vec<AppRemote> =
            overview.environments.iter().flat_map(|known| environment::app_remotes(known, project)).collect();
        Ok((remotes, overview))
    })?;
    if context.options.json {
        let answers: Vec<Answer> = remotes.iter().map(|remote| answer(remote, remote.words())).collect();
        context.terminal.print_json(&answers)?;
    } else {
        print(context, &remotes)?;
    }
    overview.warn_of_unread(&context.terminal);
    Ok(())
}

fn print(context: &Context, remotes: &[AppRemote]) -> Result<()> {
    let (taken, missing): (Vec<_>, Vec<_>) = remotes
        .iter()
        .filter_map(|remote| Some((remote, remote.words()?)))
        .partition(|(remote, _)| remote.state == RemoteState::Taken);
    let lines = missing.iter().map(|(_, words)| format!("{}\n", Hint::line(words)));
    context.terminal.print_lines(&lines.collect::<String>())?;
    for (remote, words) in &taken {
        context.terminal.warn(&format!("git remote {} is not {}", remote.name, remote.app));
        context.terminal.hint_line(words);
    }
    if !remotes.is_empty() && taken.is_empty() && missing.is_empty() {
        context.terminal.status("every environment has its git remote");
    }
    Ok(())
}

fn answer(
    AppRemote { environment, app, name, url, state }: &AppRemote,
    line: Option<Vec<OsString>>,
) -> Answer {
    Answer {
        environment: environment.clone(),
        app: app.clone(),
        remote: name.clone(),
        url: url.clone(),
        state: match state {
            RemoteState::There => "there",
            RemoteState::Missing | RemoteState::Unnamed => "missing",
            RemoteState::Taken => "taken",
        },
        line: line.map(|words| Hint::line(words).to_string()),
    }
}
