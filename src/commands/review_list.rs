//! `review list`: the review apps of the project's pipeline.

use anstyle::Style;
use jiff::Timestamp;
use serde::Serialize;

use crate::context::Context;
use crate::error::Result;
use crate::model::{AppName, BuildStatus, CommitName, ReviewAppStatus};
use crate::review_apps::{Distance, Listed, Listing};
use crate::terminal::{Cell, Narrower, Table, age, one_line};
use crate::values::Values;
use crate::watch::{INTERVALS, WatchOptions, Watched};

/// One line of help.
pub const ABOUT: &str =
    "List the pipeline's review apps: pull request, branch, app, status, commit, age, address";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  review list
  review list --watch                drawn anew every 5 seconds, until q or Ctrl-C
  review list --all                  also those that are deleted or being deleted
  review list --json | jq '.[] | {number, app}'

A * marks the branch that is checked out. Behind the commit of the newest build is how far it is from the tip of its
branch: the current one as it is checked out, others as they were fetched last. `not here` is a commit that this
repository does not have. Where the terminal is narrow, the addresses go first.";

/// No command of the Heroku CLI lists them.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[("interval", INTERVALS)];

/// Which of them are listed, and how often.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// List deleted review apps too
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    watch: WatchOptions,
}

/// A review app as `--json` prints it.
#[derive(Serialize)]
struct Row<'a> {
    /// Its pull request; null where it was created for a branch alone.
    number: Option<u64>,
    branch: &'a str,
    /// Null until the app exists.
    app: Option<&'a AppName>,
    /// `pending`, `creating`, `created`, `deleting`, `deleted` or `errored`.
    status: &'a ReviewAppStatus,
    /// Heroku's message about the status.
    message: Option<&'a str>,
    /// The commit of the newest build; null before the first.
    commit: Option<&'a str>,
    /// The status of that build.
    build: Option<&'a BuildStatus>,
    /// How many commits it has that the branch has not; null where this repository does not know both.
    ahead: Option<usize>,
    /// How many commits the branch has that it has not.
    behind: Option<usize>,
    /// Where it answers; null until the app exists.
    url: Option<&'a str>,
    /// Whether its branch is the one that is checked out.
    current: bool,
    /// RFC 3339.
    created_at: &'a str,
}

/// Prints the review apps, the newest first.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    args.watch.check(context, "list")?;
    if args.watch.watch {
        return args.watch.run(context, || Listing::read(context, args.all));
    }
    let listing = Listing::read(context, args.all)?;
    if context.options.json {
        return context.terminal.print_json(&listing.reviews.iter().map(Row::of).collect::<Vec<_>>());
    }
    if listing.reviews.is_empty() {
        context.terminal.status(&none(&listing));
        return Ok(());
    }
    context.terminal.print(&listing.text(context.terminal.width(), Timestamp::now()))
}

fn none(listing: &Listing) -> String {
    format!("pipeline {} has no review apps", one_line(&listing.pipeline))
}

impl<'a> Row<'a> {
    fn of(listed: &'a Listed) -> Self {
        let (review, app) = (&listed.review, listed.app.as_ref());
        let counts = match listed.distance {
            Distance::Of { ahead, behind } => Some((ahead, behind)),
            _ => None,
        };
        Self {
            number: review.pr_number,
            branch: &review.branch,
            app: app.map(|app| &app.name),
            status: &review.status,
            message: review.message.as_deref().or(review.error_status.as_deref()),
            commit: listed.commit().map(CommitName::as_str),
            build: listed.build.as_ref().map(|build| &build.status),
            ahead: counts.map(|(ahead, _)| ahead),
            behind: counts.map(|(_, behind)| behind),
            url: app.and_then(|app| app.web_url.as_deref()),
            current: listed.current,
            created_at: &review.created_at,
        }
    }
}

const COLUMNS: [&str; 7] = ["PR", "branch", "app", "status", "commit", "age", "address"];

/// What goes first on a narrow terminal. Number, branch, app and status stay.
const NARROWER: [Narrower; 6] = [
    Narrower::Drop(6),
    Narrower::Cut(3, 24),
    Narrower::Drop(5),
    Narrower::Cut(3, 8),
    Narrower::Cut(1, 16),
    Narrower::Drop(4),
];

impl Watched for Listing {
    fn what(&self) -> String {
        format!("review apps of {}", one_line(&self.pipeline))
    }

    fn text(&self, width: Option<usize>, now: Timestamp) -> String {
        if self.reviews.is_empty() {
            return none(self) + "\n";
        }
        let rows = self.reviews.iter().map(|listed| cells(listed, now)).collect();
        let mut table = Table::new(2, rows).with_head(&COLUMNS, Style::new());
        if let Some(width) = width {
            table.fit(width, &NARROWER);
        }
        table.text()
    }

    /// The review apps, their builds, their places in the pipeline and their apps; the config vars of each local one.
    fn requests(&self) -> usize {
        4 + self.reviews.iter().filter(|listed| listed.review.is_local).count()
    }
}

fn cells(listed: &Listed, now: Timestamp) -> Vec<Cell> {
    let review = &listed.review;
    let message = review.message.as_deref().or(review.error_status.as_deref());
    let status = match message {
        Some(message) if review.status == ReviewAppStatus::Errored => format!("errored: {message}"),
        _ => review.status.to_string(),
    };
    let mark = if listed.current { " *" } else { "" };
    let url = listed.app.as_ref().and_then(|app| app.web_url.as_deref());
    vec![
        Cell::new(&review.pr_number.map_or_else(|| "-".to_owned(), |number| format!("#{number}"))),
        Cell::new(&review.branch).with_tail(mark, Style::new()),
        Cell::new(listed.app.as_ref().map_or("-", |app| app.name.as_ref())),
        Cell::new(&status),
        Cell::new(&commit(listed)),
        Cell::new(&age(&review.created_at, now).unwrap_or_else(|| "-".to_owned())),
        Cell::new(url.unwrap_or("-")),
    ]
}

/// `3a22c9f`, and what there is to say of it: `3 behind`, `not here`, `building`.
fn commit(listed: &Listed) -> String {
    let Some(commit) = listed.commit() else { return "-".to_owned() };
    let distance = match listed.distance {
        Distance::Of { ahead: 0, behind: 0 } | Distance::NoBranch => String::new(),
        Distance::Of { ahead: 0, behind } => format!("{behind} behind"),
        Distance::Of { ahead, behind: 0 } => format!("{ahead} ahead"),
        Distance::Of { ahead, behind } => format!("{behind} behind, {ahead} ahead"),
        Distance::NotHere => "not here".to_owned(),
    };
    let build = match listed.build.as_ref().map(|build| &build.status) {
        Some(BuildStatus::Pending) => "building",
        Some(BuildStatus::Failed) => "build failed",
        _ => "",
    };
    let notes: Vec<&str> = [distance.as_str(), build].into_iter().filter(|note| !note.is_empty()).collect();
    format!("{} {}", commit.short(), notes.join(", ")).trim_end().to_owned()
}
