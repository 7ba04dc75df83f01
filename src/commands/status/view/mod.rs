//! The view of a pipeline's status, for a person and as JSON.

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::git::{Relation, Repository, Subjects};
use crate::heroku::{Build, Release};
use crate::model::{CommitName, ReleaseStatus, Stage};
use crate::release::{AppStatus, PipelineStatus, StageApp, TreeMatch, ahead_behind, pending_release};
use crate::terminal::{Cell, Narrower, Table, age, one_line};

mod answer;
mod dynos;

use dynos::Health;

/// A pipeline's status, with what the repository knows of its commits.
pub(super) struct View {
    survey: PipelineStatus,
    subjects: Subjects,
    steps: Vec<Step>,
}

/// The difference between an app and one in the next stage.
struct Step {
    from: String,
    to: String,
    /// How many commits the first app is ahead and behind; `None` if unknown.
    ahead_behind: Option<(usize, usize)>,
}

const COLUMNS: [&str; 7] = ["STAGE", "APP", "RELEASE", "COMMIT", "RELEASED", "BY", "DYNOS"];
const STAGE: usize = 0;
const APP: usize = 1;
const RELEASE: usize = 2;
const COMMIT: usize = 3;
const RELEASED: usize = 4;
const BY: usize = 5;
const DYNOS: usize = 6;

/// The columns that are cut on a narrow terminal. App, release, commit and dynos stay.
const NARROWER: [Narrower; 9] = [
    Narrower::Shorten(BY),
    Narrower::Drop(BY),
    Narrower::Drop(RELEASED),
    Narrower::Cut(COMMIT, 28),
    Narrower::Shorten(DYNOS),
    Narrower::Cut(COMMIT, 20),
    Narrower::Drop(STAGE),
    Narrower::Shorten(COMMIT),
    Narrower::Cut(APP, 8),
];

pub(super) const RED: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red)));
pub(super) const YELLOW: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Yellow)));
pub(super) const GREEN: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));

impl View {
    /// Looks up the commits.
    pub(super) fn of(mut survey: PipelineStatus, context: &Context) -> Result<Self> {
        let repository = context.repository()?;
        let mut subjects = Subjects::new();
        if let Some(repository) = repository {
            for running in survey.apps.iter_mut().filter_map(|app| app.running.as_mut().ok()) {
                running.commit = running.commit.as_ref().map(|commit| repository.completed(commit));
            }
            for build in survey.apps.iter_mut().filter_map(|app| app.build.as_mut().ok()?.as_mut()) {
                let version = &mut build.source_blob.version;
                *version = version.as_ref().map(|commit| repository.completed(commit));
            }
            let run = survey.apps.iter().filter_map(|app| app.running.as_ref().ok()?.commit.as_ref());
            let built = survey.apps.iter().filter_map(commit_built);
            subjects = repository.subjects(run.chain(built))?;
        }
        let steps = match repository {
            Some(repository) => {
                let tree_match = TreeMatch::of(context.config()?, &context.name, repository, None);
                steps(&survey.apps, Some((repository, &tree_match)))?
            }
            None => steps(&survey.apps, None)?,
        };
        Ok(Self { survey, subjects, steps })
    }

    /// The number of apps.
    pub(super) fn apps(&self) -> usize {
        self.survey.apps.len()
    }

    /// The number of apps with unreadable parts.
    pub(super) fn unread(&self) -> usize {
        self.survey.apps.iter().filter(|app| errors(app).next().is_some()).count()
    }

    /// A line for each app, notes about them, and how many commits they are ahead or behind. With a width it is for a person,
    /// with named columns. Control sequences are made visible.
    pub(super) fn text(&self, width: Option<usize>, now: Timestamp) -> String {
        let rows = self.survey.apps.iter().map(|app| self.row(app, now)).collect();
        let mut table = Table::new(2, rows);
        if let Some(width) = width {
            table = table.with_head(&COLUMNS, Style::new().dimmed());
            table.fit(width, &NARROWER);
        }
        let mut text = table.text();
        let notes: Vec<String> = self.survey.apps.iter().flat_map(|app| self.notes(app, now)).collect();
        let steps: Vec<String> = self.steps.iter().map(|step| one_line(&step.text())).collect();
        for lines in [notes, steps].iter().filter(|lines| !lines.is_empty()) {
            text = format!("{text}\n{}\n", lines.join("\n"));
        }
        text
    }

    /// The pipeline's name, with control sequences made visible.
    pub(super) fn pipeline(&self) -> Option<String> {
        self.survey.pipeline.as_deref().map(one_line)
    }

    fn row(&self, app: &AppStatus, now: Timestamp) -> Vec<Cell> {
        let mut row = vec![Cell::default(); COLUMNS.len()];
        row[STAGE] = Cell::new(app.stage.as_ref().map_or("", Stage::as_str));
        row[APP] = Cell::new(&app.name);
        match &app.running {
            Ok(StageApp { release: Some(release), commit, .. }) => {
                row[RELEASE] = Cell::new(&format!("{}", release.version));
                row[COMMIT] = self.commit(commit.as_ref());
                let age = age(&release.created_at, now).map(|age| format!("{age} ago"));
                row[RELEASED] = Cell::new(&age.unwrap_or_default());
                let user = release.user.as_ref().map_or("", |user| &user.email);
                row[BY] = Cell::new(user).or_short(user.split('@').next());
            }
            Ok(_) => row[COMMIT] = Cell::new("no release yet"),
            Err(_) => row[COMMIT] = Cell::new("not known"),
        }
        row[DYNOS] = app.dynos.as_ref().map_or_else(
            |_| Cell::new("not known").styled(RED),
            |dynos| {
                let health = Health::of(dynos);
                Cell::new(&health.told()).or_short(Some(&health.summed_up())).styled(health.style())
            },
        );
        row
    }

    /// `1a2b3c4 Its subject`.
    fn commit(&self, commit: Option<&CommitName>) -> Cell {
        let Some(commit) = commit else { return Cell::new("no commit recorded") };
        let subject = self.subjects.get(commit).map_or_else(String::new, |subject| format!(" {subject}"));
        Cell::new(&subject).with_lead(commit.short()).or_short(Some(""))
    }

    /// Notes about an app, one per line.
    fn notes(&self, app: &AppStatus, now: Timestamp) -> Vec<String> {
        let name = &app.name;
        let mut notes = Vec::new();
        let mut note = |style: Style, text: &str| notes.push(format!("{style}{}{style:#}", one_line(text)));
        if let Ok(running) = &app.running {
            if running.app.maintenance {
                note(YELLOW, &format!("{name} is in maintenance mode"));
            }
            let runs = |release: &Release| running.release.as_ref().is_some_and(|ours| ours.id == release.id);
            match &running.newest {
                Some(newest) if pending_release(running).is_some() => {
                    note(YELLOW, &format!("{name} {} is still being released", newest.version));
                }
                Some(newest) if !runs(newest) => {
                    let became = if newest.status == ReleaseStatus::Failed { "failed" } else { "expired" };
                    note(RED, &format!("{name} {} {became}, and does not run", newest.version));
                }
                _ => {}
            }
        }
        if let Ok(Some(build)) = &app.build {
            note(YELLOW, &self.building(name, build, now));
        }
        for (what, error) in errors(app) {
            note(RED, &format!("{name}: {what} cannot be read: {error}"));
        }
        notes
    }

    /// `playhouse-prepare has been building 1a2b3c4 Its subject for 2 min`.
    fn building(&self, name: &str, build: &Build, now: Timestamp) -> String {
        let commit = build.source_blob.version.as_ref();
        let subject = commit.and_then(|commit| self.subjects.get(commit));
        let what = commit.map_or("a commit that is not recorded", CommitName::short);
        let what = subject.map_or_else(|| what.to_owned(), |subject| format!("{what} {subject}"));
        match age(&build.created_at, now) {
            Some(age) => format!("{name} has been building {what} for {age}"),
            None => format!("{name} is building {what}"),
        }
    }
}

/// The repository that compares commits, and which of them count as equal; none outside a repository.
type History<'a> = Option<(&'a Repository, &'a TreeMatch)>;

/// Pairs each app with those in the nearest stage before.
fn steps(apps: &[AppStatus], history: History<'_>) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    let staged = || apps.iter().filter(|app| app.promotion_order().is_some());
    for app in staged() {
        // Apps are sorted, so the nearest stage before is that of the last app in another one.
        let before = staged().take_while(|other| other.stage != app.stage).last().map(|other| &other.stage);
        for other in staged().filter(|other| Some(&other.stage) == before) {
            let ahead_behind = between(app, other, history)?;
            steps.push(Step { from: other.name.clone(), to: app.name.clone(), ahead_behind });
        }
    }
    Ok(steps)
}

/// How many commits the second app is ahead of the first, and behind it.
fn between(app: &AppStatus, other: &AppStatus, history: History<'_>) -> Result<Option<(usize, usize)>> {
    let commit = |app: &AppStatus| app.running.as_ref().ok().and_then(|running| running.commit.clone());
    let (Some(ours), Some(theirs)) = (commit(app), commit(other)) else { return Ok(None) };
    let relation = match history {
        Some((repository, tree_match)) => {
            let counted = |commit| tree_match.counted(repository, commit);
            repository.relation(&counted(ours)?, &counted(theirs)?)?
        }
        None if ours == theirs => Relation::Same,
        None => return Ok(None),
    };
    Ok(match relation {
        Relation::Same => Some((0, 0)),
        Relation::Ahead(commits) => Some((commits.total, 0)),
        Relation::Behind(commits) => Some((0, commits.total)),
        Relation::Diverged(commits, behind) => Some((commits.total, behind)),
        Relation::Unknown(_) => None,
    })
}

impl Step {
    fn text(&self) -> String {
        let Self { from, to, .. } = self;
        match self.ahead_behind {
            Some((ahead, behind)) => ahead_behind(from, to, ahead, behind),
            None => format!("how far {from} is from {to} is not known here"),
        }
    }
}

/// The commit that is being built.
fn commit_built(app: &AppStatus) -> Option<&CommitName> {
    app.build.as_ref().ok()?.as_ref()?.source_blob.version.as_ref()
}

/// A part of an app that could not be read, with the error.
fn errors(app: &AppStatus) -> impl Iterator<Item = (&'static str, &Error)> {
    let all = [
        ("what it runs", app.running.as_ref().err()),
        ("its dynos", app.dynos.as_ref().err()),
        ("its builds", app.build.as_ref().err()),
    ];
    all.into_iter().filter_map(|(what, error)| Some((what, error?)))
}
