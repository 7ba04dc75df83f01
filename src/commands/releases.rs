//! `staging releases`: prints releases as the Heroku CLI does, with the subjects of their commits.

use std::collections::HashMap;

use anstream::adapter::strip_str;
use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use serde_json::Value;

use crate::context::Context;
use crate::error::Result;
use crate::git::{Repository, Subjects};
use crate::heroku::Release;
use crate::model::{AppName, CommitName, ReleaseStatus, ReleaseVersion};
use crate::parallel::in_parallel;
use crate::terminal::{Cell, Narrower, Table, age, columns, time_and_age};
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "List the app's releases, with the subjects of their commits";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  production releases
  production releases -n 50
  staging releases --json | jq '.[0].status'

It is what `heroku releases` prints; the last column is from this repository. Where the terminal is narrow, who
released goes first, then the exact time. Into a pipe or a file every column goes in full.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["releases"];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[("num", &[Words::These(&["5", "15", "50", "100"])])];

/// The number of releases that `heroku releases` shows by default.
const RELEASES: u16 = 15;

/// The columns of `heroku releases`, and the one from this repository.
const COLUMNS: [&str; 5] = ["v", "description", "user", "created_at", "subject"];
const DESCRIPTION: usize = 1;
const USER: usize = 2;
const CREATED_AT: usize = 3;
const SUBJECT: usize = 4;

/// The columns that the CLI leaves free before a line and after the widest one.
const INDENT: usize = 3;

/// The columns that are cut on a narrow terminal. A release's status stays.
const NARROWER: [Narrower; 9] = [
    Narrower::Shorten(USER),
    Narrower::Drop(USER),
    Narrower::Shorten(CREATED_AT),
    Narrower::Cut(SUBJECT, 20),
    Narrower::Cut(DESCRIPTION, 30),
    Narrower::Drop(CREATED_AT),
    Narrower::Cut(SUBJECT, 12),
    Narrower::Cut(DESCRIPTION, 20),
    Narrower::Drop(SUBJECT),
];

/// The flags of `heroku releases`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Show this many releases [default: 15]
    #[arg(short, long, value_name = "RELEASES", value_parser = most)]
    num: Option<u16>,
}

/// Parses the number of releases.
fn most(text: &str) -> Result<u16, String> {
    let number = text.parse().ok().filter(|number| (1..=1000).contains(number));
    number.ok_or_else(|| "must be a number from 1 to 1000".to_owned())
}

/// Prints the releases of the environment's apps.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let target = context.target()?;
    let client = context.heroku()?;
    let most = usize::from(args.num.unwrap_or(RELEASES));
    let lists = in_parallel(&target.apps, |app| client.releases_as_told(app.as_ref(), most));
    let lists: Vec<Vec<Value>> = lists.into_iter().collect::<Result<_>>()?;
    if context.options.json {
        let all: Value = lists.into_iter().flatten().collect();
        return context.terminal.print_json(&all);
    }
    let now = Timestamp::now();
    for (app, list) in target.apps.iter().zip(lists) {
        let releases: Vec<Release> =
            list.into_iter().map(serde_json::from_value).collect::<Result<_, _>>()?;
        let subjects = subjects(&releases, context.repository()?)?;
        context.terminal.print(&block(app, &releases, &subjects, context.terminal.width(), now))?;
    }
    Ok(())
}

/// The subject of each release's commit, by version.
fn subjects(
    releases: &[Release],
    repository: Option<&Repository>,
) -> Result<HashMap<ReleaseVersion, String>> {
    let Some(repository) = repository else { return Ok(HashMap::new()) };
    let told: HashMap<&str, CommitName> = releases
        .iter()
        .filter_map(|release| Some((release.code_id()?, told_commit(&release.description)?)))
        .collect();
    let known: Subjects = repository.subjects(told.values())?;
    let brought = releases.iter().filter(|release| brought_code(&release.description));
    let subject =
        |release: &Release| Some((release.version, known.get(told.get(release.code_id()?)?)?.clone()));
    Ok(brought.filter_map(subject).collect())
}

/// Whether a release with this description changed the code.
fn brought_code(description: &str) -> bool {
    told_commit(description).is_some() || description.starts_with("Rollback to v")
}

/// The commit in `Deploy 1a2b3c4d` and `Promote APP v12 1a2b3c4d`.
fn told_commit(description: &str) -> Option<CommitName> {
    let (first, rest) = description.split_once(' ')?;
    let commit = rest.rsplit(' ').next()?;
    matches!(first, "Deploy" | "Promote").then(|| CommitName::of_id(commit)).flatten()
}

/// One app's releases as the Heroku CLI prints them.
fn block(
    app: &AppName,
    releases: &[Release],
    subjects: &HashMap<ReleaseVersion, String>,
    width: Option<usize>,
    now: Timestamp,
) -> String {
    if releases.is_empty() {
        return format!("{app} has no releases.\n");
    }
    let current = releases.iter().find(|release| release.current);
    let current = current.map(|release| format!(" - Current: {}", release.version)).unwrap_or_default();
    let row = |release: &Release| {
        let style = style(release);
        let user = release.user.as_ref().map_or("", |user| &user.email);
        let ago = age(&release.created_at, now).map(|age| format!("{age} ago"));
        vec![
            Cell::new(&format!("{}", release.version)).styled(style),
            Cell::new(&release.description).with_tail(became(release), style),
            Cell::new(user).or_short(user.split('@').next()),
            Cell::new(&time_and_age(&release.created_at, now)).or_short(ago.as_deref()),
            Cell::new(subjects.get(&release.version).map_or("", String::as_str)),
        ]
    };
    let mut table = Table::new(3, releases.iter().map(row).collect()).with_head(&COLUMNS, Style::new());
    if let Some(width) = width {
        table.fit(width.saturating_sub(INDENT), &NARROWER);
    }
    let text = table.text();
    let mut lines = text.lines().map(|line| format!("  {line}\n"));
    let header = lines.next().unwrap_or_default();
    let rule =
        "─".repeat(text.lines().map(|line| columns(&strip_str(line).to_string())).max().unwrap_or(0) + 2);
    format!("=== {app} Releases{current}\n\n{header} {rule}\n{}\n", lines.collect::<String>())
}

/// The release's status, unless it succeeded.
fn became(release: &Release) -> &'static str {
    match release.status {
        ReleaseStatus::Expired => " release expired",
        ReleaseStatus::Failed => " release command failed",
        ReleaseStatus::Pending => " release command executing",
        _ => "",
    }
}

/// The color of a release: the running one stands out, and so does one that failed.
fn style(release: &Release) -> Style {
    let color = match release.status {
        ReleaseStatus::Expired | ReleaseStatus::Failed => AnsiColor::Red,
        ReleaseStatus::Pending => AnsiColor::Yellow,
        _ if release.current => AnsiColor::Green,
        _ => return Style::new(),
    };
    Style::new().fg_color(Some(color.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_tell_commits() {
        assert_eq!(told_commit("Deploy 1a2b3c4d"), CommitName::of_id("1a2b3c4d"));
        assert_eq!(told_commit("Promote playhouse-staging v11 1a2b3c4d"), CommitName::of_id("1a2b3c4d"));
        for other in
            ["Deploy the fix", "Set DEADBEEF config vars", "Set 1a2b3c4d", "Deploy 1a2b", "Deploy", ""]
        {
            assert_eq!(told_commit(other), None, "{other}");
        }
    }
}
