//! The steps of a ship and their states.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::model::ReleaseVersion;

/// This many of a step's last lines are kept.
pub(super) const KEPT: usize = 50;

/// The state of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum StepState {
    /// The step has not begun.
    Waiting,
    /// The step is running.
    Running,
    /// The step succeeded.
    Passed,
    /// The step had nothing to do.
    Unchanged,
    /// The step failed.
    Failed,
    /// The step was ended, by another's failure or an interrupt.
    Stopped,
}

impl StepState {
    /// The state in one word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Passed => "passed",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }
}

/// What a step does. Environments and apps are given by their index in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepKind {
    /// The tests.
    Tests,
    /// The build of the slug.
    Build,
    /// The promotion to this environment.
    Promotion(usize),
    /// The smoke command in this environment, for this app of it.
    Smoke(usize, usize),
}

/// One step.
#[derive(Debug)]
pub(super) struct Step {
    /// The step's work.
    pub(super) work: StepKind,
    /// Its name: `tests`, `build`, `staging`, `staging smoke`.
    pub(super) name: String,
    /// The command that does it.
    pub(super) line: String,
    /// Its state.
    pub(super) state: StepState,
    /// The last lines it wrote.
    pub(super) said: VecDeque<String>,
    /// The releases that it made or found, as app and version.
    pub(super) releases: Vec<(String, ReleaseVersion)>,
    /// The releases that ran before those that it made.
    pub(super) replaced: Vec<(String, ReleaseVersion)>,
    begun: Option<Instant>,
    took: Duration,
}

impl Step {
    /// A step that has not begun.
    pub(super) fn new(work: StepKind, name: impl Into<String>, line: String) -> Self {
        Self {
            work,
            name: name.into(),
            line,
            state: StepState::Waiting,
            said: VecDeque::new(),
            releases: Vec::new(),
            replaced: Vec::new(),
            begun: None,
            took: Duration::ZERO,
        }
    }

    /// Marks the step as running.
    pub(super) fn begin(&mut self) {
        self.state = StepState::Running;
        self.begun = Some(Instant::now());
    }

    /// Marks the step as ended in this state.
    pub(super) fn end(&mut self, state: StepState) {
        self.took = self.time();
        self.begun = None;
        self.state = state;
    }

    /// Adds a line that the step wrote.
    pub(super) fn say(&mut self, line: String) {
        if self.said.len() == KEPT {
            self.said.pop_front();
        }
        self.said.push_back(line);
    }

    /// How long the step took, or has taken so far.
    pub(super) fn time(&self) -> Duration {
        self.begun.map_or(self.took, |begun| begun.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_lines_are_kept() {
        let mut step = Step::new(StepKind::Tests, "tests", "cargo test".to_owned());
        (0..60).for_each(|line| step.say(line.to_string()));
        assert_eq!((step.said.len(), step.said[0].as_str()), (KEPT, "10"));
    }
}
