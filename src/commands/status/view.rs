//! What `status` shows of a survey: for a person, and for a script.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::Result;
use crate::git::{Relation, Repository, Subjects};
use crate::heroku::{Dyno, Release};
use crate::release::{Running, Survey, Surveyed, apart, pending, short};
use crate::terminal::{age, aligned, cut};

/// A survey, with what the repository knows of its commits.
pub(super) struct View {
    survey: Survey,
    subjects: Subjects,
    steps: Vec<Step>,
}

/// How an app stands to one in the next stage.
struct Step {
    from: String,
    to: String,
    /// How many commits the first has that the second has not, and the other way round; none where it is not known.
    apart: Option<(usize, usize)>,
}

/// No subject is cut shorter than this.
const LEAST: usize = 12;

impl View {
    /// Looks the commits up.
    pub(super) fn of(mut survey: Survey, context: &Context) -> Result<Self> {
        let repository = context.repository()?;
        let mut subjects = Subjects::new();
        if let Some(repository) = repository {
            for running in survey.apps.iter_mut().filter_map(|app| app.running.as_mut().ok()) {
                running.commit = running.commit.as_deref().map(|commit| repository.full_id(commit));
            }
            let commits = survey.apps.iter().filter_map(|app| app.running.as_ref().ok()?.commit.as_deref());
            subjects = repository.subjects(commits)?;
        }
        let steps = steps(&survey.apps, repository)?;
        Ok(Self { survey, subjects, steps })
    }

    /// How many apps there are.
    pub(super) fn apps(&self) -> usize {
        self.survey.apps.len()
    }

    /// Of how many something could not be read.
    pub(super) fn unread(&self) -> usize {
        self.survey.apps.iter().filter(|app| app.running.is_err() || app.dynos.is_err()).count()
    }

    /// A line for each app, what is special about them, and how far apart they are. Subjects are cut to the width.
    pub(super) fn text(&self, width: Option<usize>, now: Timestamp) -> String {
        let table = |room: Option<usize>| -> String {
            let rows: Vec<_> = self.survey.apps.iter().map(|app| self.row(app, room, now)).collect();
            aligned(&rows, 2)
        };
        let widest = |text: &str| text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
        let mut text = table(None);
        if let Some(width) = width.filter(|width| widest(&text) > *width) {
            let rest = widest(&table(Some(0)));
            text = table(Some(width.saturating_sub(rest).max(LEAST)));
        }
        let notes: Vec<String> = self.survey.apps.iter().flat_map(notes).collect();
        let steps: Vec<String> = self.steps.iter().map(Step::text).collect();
        for lines in [notes, steps].iter().filter(|lines| !lines.is_empty()) {
            text = format!("{text}\n{}\n", lines.join("\n"));
        }
        text
    }

    fn row(&self, app: &Surveyed, room: Option<usize>, now: Timestamp) -> Vec<String> {
        let mut row = Vec::new();
        row.extend(self.survey.pipeline.is_some().then(|| app.stage.clone()));
        row.push(app.name.clone());
        match &app.running {
            Ok(Running { release: Some(release), commit, .. }) => {
                row.push(format!("v{}", release.version));
                row.push(self.commit(commit.as_deref(), room));
                row.push(age(&release.created_at, now).map(|age| format!("{age} ago")).unwrap_or_default());
                row.push(release.user.as_ref().map(|user| user.email.clone()).unwrap_or_default());
            }
            Ok(_) => row.extend(["", "no release yet", "", ""].map(str::to_owned)),
            Err(_) => row.extend(["", "not known", "", ""].map(str::to_owned)),
        }
        row.push(app.dynos.as_ref().map_or_else(|_| "not known".to_owned(), |dynos| told(dynos)));
        row
    }

    /// `1a2b3c4 Its subject`, with so much room for the subject.
    fn commit(&self, commit: Option<&str>, room: Option<usize>) -> String {
        let Some(commit) = commit else { return "no commit recorded".to_owned() };
        match (self.subjects.get(commit), room) {
            (None, _) | (_, Some(0)) => format!("{} ", short(commit)),
            (Some(subject), None) => format!("{} {subject}", short(commit)),
            (Some(subject), Some(room)) => format!("{} {}", short(commit), cut(subject, room)),
        }
    }

    /// The same for a script.
    pub(super) fn json(&self, environment: &str) -> Value {
        json!({
            "environment": environment,
            "pipeline": self.survey.pipeline,
            "apps": self.survey.apps.iter().map(|app| self.app_json(app)).collect::<Vec<_>>(),
            "steps": self.steps.iter().map(Step::json).collect::<Vec<_>>(),
        })
    }

    fn app_json(&self, app: &Surveyed) -> Value {
        let running = app.running.as_ref().ok();
        let release = running.and_then(|running| running.release.as_ref());
        let commit = running.and_then(|running| running.commit.as_deref());
        let newest = running.and_then(|running| running.newest.as_ref());
        let errors = [app.running.as_ref().err(), app.dynos.as_ref().err()];
        json!({
            "app": app.name,
            "stage": Some(&app.stage).filter(|stage| !stage.is_empty()),
            "version": release.map(|release| release.version),
            "commit": commit,
            "subject": commit.and_then(|commit| self.subjects.get(commit)),
            "released_at": release.map(|release| &release.created_at),
            "released_by": release.and_then(|release| release.user.as_ref()).map(|user| &user.email),
            "maintenance": running.map(|running| running.app.maintenance),
            "newest": newest.map(|newest| json!({ "version": newest.version, "status": newest.status })),
            "dynos": app.dynos.as_ref().ok().map(|dynos| dynos_json(dynos)),
            "errors": errors.into_iter().flatten().map(ToString::to_string).collect::<Vec<_>>(),
        })
    }
}

/// Each app beside those in the nearest stage before its own.
fn steps(apps: &[Surveyed], repository: Option<&Repository>) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    let staged = || apps.iter().filter(|app| !app.stage.is_empty());
    for app in staged() {
        // They are sorted: the nearest stage before is that of the last app with another one.
        let before = staged().take_while(|other| other.stage != app.stage).last().map(|other| &other.stage);
        for other in staged().filter(|other| Some(&other.stage) == before) {
            let apart = between(app, other, repository)?;
            steps.push(Step { from: other.name.clone(), to: app.name.clone(), apart });
        }
    }
    Ok(steps)
}

/// How many commits the second app has that the first has not, and the other way round.
fn between(
    app: &Surveyed,
    other: &Surveyed,
    repository: Option<&Repository>,
) -> Result<Option<(usize, usize)>> {
    let commit = |app: &Surveyed| app.running.as_ref().ok().and_then(|running| running.commit.clone());
    let (Some(ours), Some(theirs)) = (commit(app), commit(other)) else { return Ok(None) };
    let relation = match repository {
        Some(repository) => repository.relation(&ours, &theirs)?,
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
        match self.apart {
            Some((ahead, behind)) => apart(from, to, ahead, behind),
            None => format!("how far {from} is from {to} is not known here"),
        }
    }

    fn json(&self) -> Value {
        let (ahead, behind) = self.apart.unzip();
        json!({ "from": self.from, "to": self.to, "ahead": ahead, "behind": behind })
    }
}

/// What is special about an app.
fn notes(app: &Surveyed) -> Vec<String> {
    let name = &app.name;
    let mut notes = Vec::new();
    if let Ok(running) = &app.running {
        if running.app.maintenance {
            notes.push(format!("{name} is in maintenance mode"));
        }
        let runs = |release: &Release| running.release.as_ref().is_some_and(|ours| ours.id == release.id);
        match &running.newest {
            Some(newest) if pending(running).is_some() => {
                notes.push(format!("{name} v{} is still being released", newest.version));
            }
            Some(newest) if !runs(newest) => {
                let became = if newest.status == "failed" { "failed" } else { "expired" };
                notes.push(format!("{name} v{} {became}, and is not what runs", newest.version));
            }
            _ => {}
        }
    }
    let errors = [("what it runs", app.running.as_ref().err()), ("its dynos", app.dynos.as_ref().err())];
    for (what, error) in errors.into_iter().filter_map(|(what, error)| Some((what, error?))) {
        notes.push(format!("{name}: {what} cannot be read: {error}"));
    }
    notes
}

/// How many dynos of each process type are in which state.
fn counted(dynos: &[Dyno]) -> BTreeMap<&str, BTreeMap<&str, usize>> {
    let mut counted = BTreeMap::<_, BTreeMap<_, _>>::new();
    for dyno in dynos {
        *counted.entry(&*dyno.process_type).or_default().entry(&*dyno.state).or_default() += 1;
    }
    counted
}

/// `web 2/2 up, worker 1 crashed`.
fn told(dynos: &[Dyno]) -> String {
    let kind = |(kind, states): (&str, BTreeMap<&str, usize>)| {
        let all: usize = states.values().sum();
        let up = states.get("up").map(|up| format!("{up}/{all} up"));
        let others = states.iter().filter(|(state, _)| **state != "up");
        let states = up.into_iter().chain(others.map(|(state, count)| format!("{count} {state}")));
        format!("{kind} {}", states.collect::<Vec<_>>().join(" and "))
    };
    let kinds: Vec<String> = counted(dynos).into_iter().map(kind).collect();
    if kinds.is_empty() { "no dynos".to_owned() } else { kinds.join(", ") }
}

fn dynos_json(dynos: &[Dyno]) -> Value {
    let kind = |(kind, states): (&str, BTreeMap<&str, usize>)| json!({ "type": kind, "states": states });
    counted(dynos).into_iter().map(kind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dynos_are_counted_by_type_and_state() {
        let dyno = |name: &str, state: &str| Dyno {
            name: name.to_owned(),
            process_type: name.split('.').next().unwrap().to_owned(),
            state: state.to_owned(),
            size: String::new(),
        };
        let dynos = [dyno("web.1", "up"), dyno("web.2", "up"), dyno("worker.1", "crashed")];
        assert_eq!(told(&dynos), "web 2/2 up, worker 1 crashed");
        let dynos = [dyno("web.1", "up"), dyno("web.2", "starting"), dyno("web.3", "crashed")];
        assert_eq!(told(&dynos), "web 1/3 up and 1 crashed and 1 starting");
        assert_eq!(told(&[]), "no dynos");
    }
}
