//! Console blocks: their commands are run in the rehearsal, and the output is compared with the page.

use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, PipeReader};
use std::ops::Range;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use regex_lite::Regex;

use crate::scene::{Scene, signal};

/// No command in a console block takes as long as this.
const LONG: Duration = Duration::from_secs(60);

/// The two lines of cargo's that need nothing but Rust and git. They are not run: one of them is running this.
const CARGO: [&str; 2] = ["cargo run -- rehearse", "cargo test"];

/// Every program that a console block may run.
const PROGRAMS: [&str; 8] =
    ["production", "staging", "prepare", "development", "review", "greenroom", "git", "echo"];

/// Runs the console blocks of one page in a rehearsal of its own; returns how many commands it ran. With
/// `GREENROOM_UPDATE_DOCS`, output that differs is written to the page, unless the block abbreviates it with `...`.
pub(super) fn run(page: &str) -> usize {
    let text = super::read(page);
    let steps = Step::all(page, &text);
    if steps.is_empty() {
        return 0;
    }
    let mut scene = Scene::quiet();
    // A commit that a page makes always has the same id.
    for name in ["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"] {
        scene.set(name, "2026-03-15T19:30:00+00:00");
    }
    let count = steps.len();
    let mut last = Some(0);
    let mut corrections = Vec::new();
    for step in steps {
        let place = step.place;
        if step.line.starts_with("cargo ") {
            assert!(CARGO.contains(&&*step.line), "{page}:{place}: {:?} is not in {CARGO:?}", step.line);
            continue;
        }
        if step.line == "echo $?" {
            assert_eq!(step.expected, [last.expect("an exit code").to_string()], "{page}:{place}");
            continue;
        }
        let (printed, status) = step.run(&scene, page);
        if !step.matches(&printed) {
            step.must_be_correctable(page, &printed);
            corrections.push((place..place + step.expected.len(), printed));
        }
        last = status;
    }
    if !corrections.is_empty() {
        fs::write(super::root().join(page), corrected(&text, corrections)).expect("a page");
    }
    count
}

/// The page with these lines in place of those in the ranges, which are counted from 0 and in order.
fn corrected(text: &str, corrections: Vec<(Range<usize>, Vec<String>)>) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    // From the last to the first, so that the numbers of the lines before stay right.
    for (range, printed) in corrections.into_iter().rev() {
        lines.splice(range, printed);
    }
    lines.join("\n") + "\n"
}

/// A command of a console block, and the lines that it prints there.
struct Step {
    place: usize,
    line: String,
    expected: Vec<String>,
}

impl Step {
    /// The commands of all console blocks of a page, each with the lines below it.
    fn all(page: &str, text: &str) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        for (place, block) in super::blocks(text, "console") {
            let first = steps.len();
            for (offset, line) in block.into_iter().enumerate() {
                if let Some(line) = line.strip_prefix("$ ") {
                    steps.push(Step { place: place + offset, line: line.to_owned(), expected: Vec::new() });
                } else {
                    assert!(steps.len() > first, "{page}:{}: output without a command", place + offset);
                    steps.last_mut().expect("a step").expected.push(line.trim_end().to_owned());
                }
            }
        }
        steps
    }

    /// What the command prints, and its exit code unless it was interrupted; a failure must be visible on the page.
    fn run(&self, scene: &Scene, page: &str) -> (Vec<String>, Option<i32>) {
        let place = format!("{page}:{}", self.place);
        let words = words(&self.line).unwrap_or_else(|why| panic!("{place}: {why}"));
        assert!(PROGRAMS.contains(&&*words[0]), "{place}: {:?} is no known command", words[0]);
        let mut running = Running::start(scene, &words);
        if self.is_interrupted() {
            let mut lines = running.interrupt_after(self.expected.len() - 1);
            lines.push(INTERRUPT.to_owned());
            return (lines, None);
        }
        let (lines, status) = running.finish();
        let failed = lines.iter().any(|line| line.starts_with("error:"));
        assert!((status == Some(0)) != failed, "{place}: exit code {status:?}");
        let shows_failure = self.expected.iter().any(|line| line.starts_with("error:"));
        assert!(failed == shows_failure, "{place}: exit code {status:?}:\n{}", lines.join("\n"));
        (lines, status)
    }

    /// Fails unless the page is to be updated and shows the whole output.
    fn must_be_correctable(&self, page: &str, printed: &[String]) {
        let abbreviated = self.expected.iter().any(|line| line == "...");
        assert!(
            env::var_os("GREENROOM_UPDATE_DOCS").is_some() && !abbreviated,
            "{page}:{}: `{}` prints\n{}\n\nand the page says\n{}\n",
            self.place,
            self.line,
            printed.join("\n"),
            self.expected.join("\n")
        );
    }

    fn is_interrupted(&self) -> bool {
        self.expected.last().is_some_and(|line| line == INTERRUPT)
    }

    /// Whether these lines are what the page shows, apart from times.
    fn matches(&self, printed: &[String]) -> bool {
        let mut lines: Vec<String> = printed.iter().map(|line| without_time(line)).collect();
        let mut expected: Vec<String> = self.expected.iter().map(|line| without_time(line)).collect();
        if self.line.starts_with("greenroom ") && self.line.contains(" on ") {
            // Several environments print in any order.
            lines.sort();
            expected.sort();
        }
        fits(&expected, &lines)
    }
}

/// The last line of a command that is interrupted, as a terminal shows it.
const INTERRUPT: &str = "^C";

/// A command whose stdout and stderr come in one stream, as on a terminal.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(scene: &Scene, words: &[String]) -> Self {
        let (reader, writer) = io::pipe().expect("a pipe");
        let mut command: Command = scene.prepared(&words[0]);
        command.args(&words[1..]).stdout(writer.try_clone().expect("a pipe")).stderr(writer);
        let child = command.spawn().expect("a program that starts");
        // It holds the writing end, and the stream would not end before it.
        drop(command);
        Self { child, lines: in_lines(reader) }
    }

    /// Everything that it prints, and its exit code.
    fn finish(&mut self) -> (Vec<String>, Option<i32>) {
        let lines = self.next(usize::MAX);
        (lines, self.child.wait().expect("an end").code())
    }

    /// The lines up to this many; then it is interrupted, and must end by that.
    fn interrupt_after(&mut self, count: usize) -> Vec<String> {
        let lines = self.next(count);
        let running = self.child.try_wait().expect("a process").is_none();
        assert!(running, "it ended by itself: {}", lines.join("\n"));
        signal("-INT", &self.child.id().to_string());
        self.child.wait().expect("an end");
        lines
    }

    /// The next lines, this many or up to the end.
    fn next(&mut self, count: usize) -> Vec<String> {
        let until = Instant::now() + LONG;
        let mut lines = Vec::new();
        while lines.len() < count {
            match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) => lines.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    panic!("after {LONG:?} there is only:\n{}", lines.join("\n"))
                }
            }
        }
        lines
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, unless the test failed.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn in_lines(reader: PipeReader) -> Receiver<String> {
    let (sender, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(reader).lines().map_while(Result::ok) {
            if sender.send(line.trim_end().to_owned()).is_err() {
                return;
            }
        }
    });
    lines
}

/// The words of a command line as a shell splits it: quotes and `\` are understood, nothing else is.
fn words(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' => words.extend(word.take()),
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next().ok_or("a quote is not closed")? {
                        end if end == letter => break,
                        inner => word.push(inner),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(letters.next().ok_or("a \\ at the end")?),
            '|' | '&' | ';' | '<' | '>' | '`' | '*' => return Err(format!("{letter} would need a shell")),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    if words.is_empty() { Err("an empty command".to_owned()) } else { Ok(words) }
}

/// Whether the lines are the expected ones; `...` stands for any number of lines.
fn fits(expected: &[String], lines: &[String]) -> bool {
    match expected.split_first() {
        None => lines.is_empty(),
        Some((any, rest)) if any == "..." => (0..=lines.len()).any(|skipped| fits(rest, &lines[skipped..])),
        Some((first, rest)) => {
            lines.split_first().is_some_and(|(line, lines)| line == first && fits(rest, lines))
        }
    }
}

/// The line with its times made the same as any other's.
fn without_time(line: &str) -> String {
    let time =
        Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+\+00:00|\d{4}/\d\d/\d\d \d\d:\d\d:\d\d [+-]\d{4}")
            .expect("a pattern");
    time.replace_all(line, "[TIME]").into_owned()
}

#[test]
fn command_lines_are_split_as_a_shell_splits_them() {
    let split = |line| words(line).expect("words");
    assert_eq!(split(r#"a 'b  c' "d's" e\ f """#), ["a", "b  c", "d's", "e f", ""]);
    assert!(words("a 'b").is_err() && words("a | b").is_err() && words("").is_err());
}

#[test]
fn three_dots_match_any_lines() {
    let list = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert!(fits(&list("a ... d"), &list("a b c d")) && fits(&list("a ..."), &list("a")));
    assert!(!fits(&list("a ... d"), &list("a b c")) && !fits(&list("a"), &list("a b")));
}

#[test]
fn corrections_keep_the_lines_around_them() {
    let printed = |text: &str| vec![text.to_owned()];
    let text = corrected("a\nb\nc\nd\n", vec![(1..1, printed("new")), (2..4, printed("short"))]);
    assert_eq!(text, "a\nnew\nb\nshort\n");
}
