//! The steps of a way, and what became of each.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// This much of what a step wrote last is kept.
pub(super) const KEPT: usize = 50;

/// What becomes of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepState {
    /// Its turn has not come.
    Waiting,
    /// It is being done.
    Running,
    /// It is done.
    Passed,
    /// Nothing was to be done.
    Unchanged,
    /// It failed.
    Failed,
    /// It was ended, because another failed or by an interrupt.
    Stopped,
}

impl StepState {
    /// The word for it.
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

/// What is done in a step; of a stop, by its place on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StepKind {
    /// The tests.
    Tests,
    /// The slug.
    Build,
    /// The promotion to this stop.
    Promotion(usize),
    /// The check whether it answers at this stop, on the app of this place.
    Smoke(usize, usize),
}

/// Something that is done on the way.
#[derive(Debug)]
pub(super) struct Step {
    /// What is done.
    pub(super) work: StepKind,
    /// Its name: `tests`, `build`, `staging`, `staging smoke`.
    pub(super) name: String,
    /// The line that does it.
    pub(super) line: String,
    /// What became of it.
    pub(super) state: StepState,
    /// What it wrote last.
    pub(super) said: VecDeque<String>,
    /// The releases that it made or found, as app and version.
    pub(super) releases: Vec<(String, u64)>,
    /// The releases that ran before those that it made.
    pub(super) replaced: Vec<(String, u64)>,
    begun: Option<Instant>,
    took: Duration,
}

impl Step {
    /// A step whose turn has not come.
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

    /// Its turn has come.
    pub(super) fn begin(&mut self) {
        self.state = StepState::Running;
        self.begun = Some(Instant::now());
    }

    /// It came to this end.
    pub(super) fn end(&mut self, state: StepState) {
        self.took = self.time();
        self.begun = None;
        self.state = state;
    }

    /// It wrote this line.
    pub(super) fn say(&mut self, line: String) {
        if self.said.len() == KEPT {
            self.said.pop_front();
        }
        self.said.push_back(line);
    }

    /// How long it took, or takes by now.
    pub(super) fn time(&self) -> Duration {
        self.begun.map_or(self.took, |begun| begun.elapsed())
    }
}

/// A time as a person reads it: `3.5s`, `11m02s`, `1h05m`.
pub(super) fn shown(time: Duration) -> String {
    let tenths = (time.as_millis() + 50) / 100;
    let seconds = (tenths + 5) / 10;
    match seconds {
        0..60 => format!("{}.{}s", tenths / 10, tenths % 10),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        let shown = |millis| super::shown(Duration::from_millis(millis));
        assert_eq!([0, 40, 3549, 59_400].map(shown), ["0.0s", "0.0s", "3.5s", "59.4s"]);
        assert_eq!([59_949, 59_951, 662_000].map(shown), ["1m00s", "1m00s", "11m02s"]);
        assert_eq!(shown(3_900_000), "1h05m");
    }

    #[test]
    fn only_the_last_lines_are_kept() {
        let mut step = Step::new(StepKind::Tests, "tests", "cargo test".to_owned());
        (0..60).for_each(|line| step.say(line.to_string()));
        assert_eq!((step.said.len(), step.said[0].as_str()), (KEPT, "10"));
    }
}
