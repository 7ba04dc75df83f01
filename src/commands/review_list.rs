//! `review list`: the review apps of the project's pipeline.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::context::Context;
use crate::environment;
use crate::error::Result;
use crate::git::Repository;
use crate::heroku::{App, ReviewApp};
use crate::model::{AppName, ReviewAppStatus};
use crate::terminal::{age, aligned};
use crate::values::Values;

/// One line of help.
pub const ABOUT: &str = "List the pipeline's review apps: pull request, branch, app, status, age";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  review list
  review list --all                  also those that are deleted or being deleted
  review list --json | jq '.[] | {number, app}'

A * marks the branch that is checked out.";

/// No command of the Heroku CLI lists them.
pub const HEROKU: &[&str] = &[];

/// No argument takes a value.
pub const VALUES: Values = &[];

/// Which of them are listed.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// List deleted review apps too
    #[arg(long)]
    all: bool,
}

/// A review app as `--json` prints it.
#[derive(Serialize)]
struct Listed<'a> {
    /// Its pull request; null where it was created for a branch alone.
    number: Option<u64>,
    branch: &'a str,
    /// Null until the app exists.
    app: Option<&'a AppName>,
    /// `pending`, `creating`, `created`, `deleting`, `deleted` or `errored`.
    status: &'a ReviewAppStatus,
    /// Heroku's message about the status.
    message: Option<&'a str>,
    /// Where it answers; null until the app exists.
    url: Option<&'a str>,
    /// Whether its branch is the one that is checked out.
    current: bool,
    /// RFC 3339.
    created_at: &'a str,
}

/// Prints the review apps, the newest first.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let (place, mut all) = context.with_project(environment::review_apps)?;
    all.retain(|review| args.all || !review.is_going());
    all.sort_by(|one, other| other.created_at.cmp(&one.created_at));
    let apps = apps(context, &all)?;
    let branch = context.repository()?.and_then(Repository::branch);
    let listed: Vec<Listed> = all.iter().map(|review| listed(review, &apps, branch.as_deref())).collect();
    if context.options.json {
        return context.terminal.print_json(&listed);
    }
    if listed.is_empty() {
        context.terminal.status(&format!("pipeline {} has no review apps", place.pipeline.name));
        return Ok(());
    }
    context.terminal.print_lines(&table(&listed, Timestamp::now()))
}

/// Their apps by id, with one request.
fn apps(context: &Context, all: &[ReviewApp]) -> Result<HashMap<String, App>> {
    let ids: Vec<&str> = all.iter().filter_map(|review| Some(review.app.as_ref()?.id.as_str())).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let apps = context.heroku()?.apps_by_id(&ids)?;
    Ok(apps.into_iter().map(|app| (app.id.clone(), app)).collect())
}

fn listed<'a>(review: &'a ReviewApp, apps: &'a HashMap<String, App>, current: Option<&str>) -> Listed<'a> {
    let app = review.app.as_ref().and_then(|app| apps.get(&app.id));
    Listed {
        number: review.pr_number,
        branch: &review.branch,
        app: app.map(|app| &app.name),
        status: &review.status,
        message: review.message.as_deref().or(review.error_status.as_deref()),
        url: app.and_then(|app| app.web_url.as_deref()),
        current: !review.is_of_fork() && current == Some(review.branch.as_str()),
        created_at: &review.created_at,
    }
}

fn table(listed: &[Listed], now: Timestamp) -> String {
    let head = ["PR", "branch", "app", "status", "age"].map(str::to_owned).to_vec();
    let row = |review: &Listed| {
        let status = match review.message {
            Some(message) if *review.status == ReviewAppStatus::Errored => format!("errored: {message}"),
            _ => review.status.to_string(),
        };
        vec![
            review.number.map_or_else(|| "-".to_owned(), |number| format!("#{number}")),
            if review.current { format!("{} *", review.branch) } else { review.branch.to_owned() },
            review.app.map_or_else(|| "-".to_owned(), ToString::to_string),
            status,
            age(review.created_at, now).unwrap_or_else(|| "-".to_owned()),
        ]
    };
    let rows: Vec<Vec<String>> = [head].into_iter().chain(listed.iter().map(row)).collect();
    aligned(&rows, 2)
}
