//! `greenroom environments`: everything that may be typed here, and the app behind it.

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::context::Context;
use crate::environment::{self, Known, KnownApp, StandsFor};
use crate::error::Result;
use crate::model::{AppName, Stage};
use crate::names;
use crate::terminal::{Cell, Narrower, Table};
use crate::text::join;
use crate::values::Values;

/// One line of help.
pub const ABOUT: &str =
    "List the environments of this project: app, stage, protection, and how each was found";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  greenroom environments
  greenroom environments --json | jq -r '.[].apps[].name'

They come from greenroom.toml, the git remotes, the pipeline's stages and `greenroom link`, in the order in which
code moves through them. Without a login only the first two are looked at.";

/// The Heroku CLI knows no environments.
pub const HEROKU: &[&str] = &[];

/// No argument takes a value.
pub const VALUES: Values = &[];

/// `environments` takes no arguments of its own.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// An environment as `--json` prints it.
#[derive(Serialize)]
struct Answer<'a> {
    environment: &'a str,
    /// What is typed in front of a command: `staging`, or `greenroom on qa`.
    command: String,
    /// `apps`, `this-machine`, `review-apps` or `nothing`.
    kind: &'static str,
    apps: Vec<AppAnswer<'a>>,
    /// How they were found: `configuration`, `remote` or `pipeline`; null without apps.
    source: Option<&'static str>,
    /// The same in words; why there is none where there is no app.
    reason: String,
}

/// An app of an environment.
#[derive(Serialize)]
struct AppAnswer<'a> {
    name: &'a AppName,
    /// Null in no pipeline, and where that could not be asked.
    stage: Option<&'a Stage>,
    /// Whether moving code to it takes a confirmation.
    protected: bool,
    /// Heroku's message where the app does not exist or may not be seen; else null.
    refused: Option<&'a str>,
}

/// Prints a line for each app of each environment.
pub fn run(context: &Context, _: &Args) -> Result<()> {
    let overview = context.with_project(|project| Ok(environment::overview(&names::linked(), project)))?;
    let environments = &overview.environments;
    if context.options.json {
        context.terminal.print_json(&environments.iter().map(answer).collect::<Vec<_>>())?;
    } else {
        context.terminal.print(&table(environments, context.terminal.width()))?;
    }
    overview.warn_of_unread(&context.terminal);
    if !environments.iter().any(|known| matches!(known.stands_for, Ok(StandsFor::Apps { .. }))) {
        context
            .terminal
            .status("no Heroku app is known here: no greenroom.toml names one, and no git remote");
        context.terminal.hint("greenroom setup");
    }
    Ok(())
}

fn answer(Known { name, stands_for }: &Known) -> Answer<'_> {
    let (kind, apps, source) = match stands_for {
        Ok(StandsFor::Apps { apps, reason }) => ("apps", apps.as_slice(), Some(reason.word())),
        Ok(StandsFor::ThisMachine) => ("this-machine", &[][..], None),
        Ok(StandsFor::ReviewApps(_)) => ("review-apps", &[][..], None),
        Err(_) => ("nothing", &[][..], None),
    };
    Answer {
        environment: name,
        command: join(names::typed(name)),
        kind,
        apps: apps.iter().map(app_answer).collect(),
        source,
        reason: reason(stands_for),
    }
}

fn app_answer(KnownApp { name, stage, protected, refused }: &KnownApp) -> AppAnswer<'_> {
    AppAnswer { name, stage: stage.as_ref(), protected: *protected, refused: refused.as_deref() }
}

/// How an environment was found, or why it stands for nothing.
fn reason(stands_for: &Result<StandsFor>) -> String {
    match stands_for {
        Ok(StandsFor::Apps { reason, .. }) => reason.to_string(),
        Ok(StandsFor::ThisMachine) => "this machine".to_owned(),
        Ok(StandsFor::ReviewApps(pipeline)) => format!("the review apps of pipeline {pipeline}"),
        Err(error) => error.to_string(),
    }
}

/// The columns, of which the last is cut first.
const COLUMNS: [&str; 5] = ["Environment", "App", "Stage", "", "Found"];

fn table(environments: &[Known], width: Option<usize>) -> String {
    let mut table =
        Table::new(2, environments.iter().flat_map(rows).collect()).with_head(&COLUMNS, Style::new().bold());
    if let Some(width) = width {
        table.fit(width, &[Narrower::Cut(4, 16), Narrower::Drop(4)]);
    }
    table.text()
}

/// A row for each app, or one that says what the environment is.
fn rows(Known { name, stands_for }: &Known) -> Vec<Vec<Cell>> {
    let color = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
    let found = Cell::new(&reason(stands_for));
    let Ok(StandsFor::Apps { apps, .. }) = stands_for else {
        let found = if stands_for.is_err() { found.styled(color(AnsiColor::Red)) } else { found };
        return vec![vec![Cell::new(name), Cell::new("-"), Cell::new("-"), Cell::default(), found]];
    };
    let row = |app: &KnownApp| {
        let stage = app.stage.as_ref().map_or("-", Stage::as_str);
        let protected = Cell::new(if app.protected { "protected" } else { "" });
        vec![
            Cell::new(name),
            Cell::new(app.name.as_ref()),
            Cell::new(stage),
            protected.styled(color(AnsiColor::Yellow)),
            match &app.refused {
                Some(refused) => {
                    Cell::new(&format!("{refused} ({})", reason(stands_for))).styled(color(AnsiColor::Red))
                }
                None => found.clone(),
            },
        ]
    };
    apps.iter().map(row).collect()
}
