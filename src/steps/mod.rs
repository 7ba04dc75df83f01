//! What a setup does: items that exist already, and steps for those that are missing. The plan is shown, then carried out
//! step by step.

use std::fmt::{self, Display};
use std::path::PathBuf;

use crate::heroku::{Change, Owner};
use crate::hint::Hint;
use crate::model::{AppName, Stage};
use crate::shells::Shell;

mod answer;
mod apply;
mod write;

pub use answer::print_json;
pub use apply::{apply, requests};

/// The plan.
#[derive(Default)]
pub struct Plan {
    /// The items, in the order of their steps.
    pub lines: Vec<PlanItem>,
    /// The id of the pipeline, if it exists.
    pub pipeline: Option<String>,
}

/// One item of the plan.
pub struct PlanItem {
    /// What exists, what the step does, or what is in the way.
    pub text: String,
    /// Whether it exists.
    pub state: State,
}

/// Whether an item exists, and what is to be done about it.
pub enum State {
    /// It exists.
    There,
    /// The step makes it.
    Missing(Step),
    /// Something is in the way that only a person should change, as the hint says.
    Blocked(Hint),
}

/// One step.
pub enum Step {
    /// A request.
    Change(Change),
    /// Creates an app; the hint is for a name that is taken.
    CreateApp(AppName, Change, Hint),
    /// Creates the pipeline; its id is known afterwards.
    CreatePipeline(String, Owner),
    /// Adds an app to a stage of the pipeline.
    Couple(AppName, Stage),
    /// Adds a git remote with its URL.
    AddRemote(String, String),
    /// Renames a git remote.
    RenameRemote(String, String),
    /// Writes a file below the project's folder.
    Write(NewFile),
    /// Installs Tab completion for a shell.
    InstallCompletion(&'static dyn Shell),
    /// Deploys HEAD to the app that builds.
    FirstBuild,
    /// Scales all process types to 0; these are the known ones.
    ScaleDown(AppName, Vec<String>),
}

/// A file to write.
pub struct NewFile {
    /// Its path from the project's folder.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// The text that it has now; none where there is no such file. It is left alone if it has another by then.
    pub before: Option<String>,
}

impl PlanItem {
    /// An item that exists.
    pub fn there(text: impl Into<String>) -> Self {
        Self { text: text.into(), state: State::There }
    }

    /// A missing item, and the step that makes it.
    pub fn to_do(text: impl Into<String>, step: Step) -> Self {
        Self { text: text.into(), state: State::Missing(step) }
    }

    /// An item that has something in its way.
    pub fn blocked(text: impl Into<String>, hint: Hint) -> Self {
        Self { text: text.into(), state: State::Blocked(hint) }
    }
}

impl Display for PlanItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.state {
            State::There => "has",
            State::Missing(_) => "do",
            State::Blocked(_) => "no",
        };
        write!(f, "{word:<4} {}", self.text)
    }
}

impl Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.lines.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl Plan {
    /// The steps, each with its text.
    pub fn steps(&self) -> impl Iterator<Item = (&str, &Step)> {
        self.lines.iter().filter_map(|line| match &line.state {
            State::Missing(step) => Some((line.text.as_str(), step)),
            _ => None,
        })
    }

    /// What is in the way, each with its hint.
    pub fn blocked(&self) -> impl Iterator<Item = (&str, &Hint)> {
        self.lines.iter().filter_map(|line| match &line.state {
            State::Blocked(hint) => Some((line.text.as_str(), hint)),
            _ => None,
        })
    }

    /// Adds an item that is `there`, or the step that makes it.
    pub fn add(&mut self, is_there: bool, there: impl Into<String>, to_do: impl Into<String>, step: Step) {
        self.lines.push(if is_there { PlanItem::there(there) } else { PlanItem::to_do(to_do, step) });
    }
}
