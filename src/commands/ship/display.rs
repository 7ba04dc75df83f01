//! The display of a running ship: the steps, redrawn in place on a terminal, else every line with its time.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anstyle::{AnsiColor, Style};

use super::step::{Step, StepState};
use crate::duration::measured;
use crate::terminal::{Region, Terminal, columns, sanitize_line};

/// The shortest time between two redraws.
const PACE: Duration = Duration::from_millis(100);

/// Where the steps are shown, on stderr.
pub(super) struct Display {
    terminal: Terminal,
    region: Option<Region>,
    drawn: Option<Instant>,
    width: usize,
}

impl Display {
    pub(super) fn new(terminal: &Terminal, steps: &[Step]) -> Self {
        let width = steps.iter().map(|step| step.name.len()).max().unwrap_or(0);
        Self { terminal: terminal.clone(), region: Region::at(terminal), drawn: None, width }
    }

    /// Shows that a step begins.
    pub(super) fn begins(&mut self, steps: &[Step], at: usize) {
        self.tell(&steps[at], &format!("  begins: {}", steps[at].line));
        self.draw(steps);
    }

    /// Shows a line that a step wrote.
    pub(super) fn says(&mut self, step: &Step, line: &str) {
        self.tell(step, &format!("| {line}"));
    }

    /// Shows that a step ended.
    pub(super) fn ends(&mut self, steps: &[Step], at: usize) {
        let step = &steps[at];
        self.tell(step, &format!("  {} after {}", step.state.word(), measured(step.time())));
        self.draw(steps);
    }

    /// Redraws the steps, if they were not drawn just before.
    pub(super) fn goes_on(&mut self, steps: &[Step]) {
        if self.drawn.is_none_or(|drawn| drawn.elapsed() >= PACE) {
            self.draw(steps);
        }
    }

    /// Removes the drawn steps: the summary takes their place.
    pub(super) fn clear(&mut self) {
        if let Some(region) = &mut self.region {
            region.draw(&[]);
        }
    }

    /// Prints the last lines of a step, at `most` so many, where only the steps were drawn.
    pub(super) fn tail(&self, step: &Step, most: usize) {
        if self.region.is_none() {
            return;
        }
        for line in step.said.iter().skip(step.said.len().saturating_sub(most)) {
            self.write(&format!("{:width$} | {line}", step.name, width = self.width));
        }
    }

    /// Prints lines if nothing is drawn in place.
    fn tell(&self, step: &Step, text: &str) {
        if self.region.is_none() {
            for line in text.split('\n') {
                self.write(&format!("{} {:width$} {line}", clock(), step.name, width = self.width));
            }
        }
    }

    fn write(&self, line: &str) {
        let line = sanitize_line(line.trim_end().as_bytes(), self.terminal.colors_stderr());
        // A failing stderr leaves nobody to tell.
        _ = writeln!(self.terminal.stderr(), "{line}");
    }

    fn draw(&mut self, steps: &[Step]) {
        let Some(region) = &mut self.region else { return };
        self.drawn = Some(Instant::now());
        let room = region.width();
        let color = self.terminal.colors_stderr();
        let lines: Vec<String> = steps.iter().map(|step| row(step, self.width, room, color)).collect();
        region.draw(&lines);
    }
}

/// A step in one line of at most `room` columns.
fn row(step: &Step, width: usize, room: usize, color: bool) -> String {
    let time = if step.state == StepState::Waiting { String::new() } else { measured(step.time()) };
    let head = format!("{:width$}  ", step.name);
    let said = step.said.back().filter(|_| !matches!(step.state, StepState::Passed | StepState::Waiting));
    // Color sequences could be cut in the middle.
    let said = said.map_or_else(String::new, |line| anstream::adapter::strip_str(line).to_string());
    let tail = format!(" {time:>7}  {said}");
    // The last column needs no padding.
    let word = match tail.trim() {
        "" => step.state.word().to_owned(),
        _ => format!("{:9}", step.state.word()),
    };
    let mut left = room;
    let mut cut = |text: &str| {
        let fits = |c: &char| {
            let width = columns(c.encode_utf8(&mut [0; 4]));
            let fits = width <= left;
            left = if fits { left - width } else { 0 };
            fits
        };
        text.chars().map(|c| if c == '\t' { ' ' } else { c }).take_while(fits).collect::<String>()
    };
    let (head, word, tail) = (cut(&head), cut(&word), cut(tail.trim_end()));
    let style = if color { style(step.state) } else { Style::new() };
    let mut row = String::new();
    _ = write!(row, "{head}{style}{word}{style:#}{tail}");
    row
}

fn style(state: StepState) -> Style {
    let color = match state {
        StepState::Waiting | StepState::Unchanged => return Style::new().dimmed(),
        StepState::Running => AnsiColor::Cyan,
        StepState::Passed => AnsiColor::Green,
        StepState::Failed => AnsiColor::Red,
        StepState::Stopped => AnsiColor::Yellow,
    };
    Style::new().fg_color(Some(color.into()))
}

/// The time of day in UTC.
fn clock() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() % 86400);
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::super::step::StepKind;
    use super::*;

    #[test]
    fn a_row_has_room() {
        let mut step = Step::new(StepKind::Smoke(0, 0), "staging smoke", "bin/smoke".to_owned());
        step.begin();
        step.say("\u{1b}[32mGET\u{1b}[0m\t/ 200 OK".to_owned());
        assert_eq!(row(&step, 13, 79, false), "staging smoke  running      0.0s  GET / 200 OK");
        assert_eq!(row(&step, 13, 20, false), "staging smoke  runni");
        step.say("語語語".to_owned());
        assert_eq!(row(&step, 13, 37, false), "staging smoke  running      0.0s  語");
        assert!(row(&step, 13, 20, true).contains("\u{1b}[36mrunni\u{1b}[0m"));
    }
}
