//! A console block: its commands, how a terminal would show them, and whether two texts are the same.

use std::io::{self, BufRead, BufReader, PipeReader};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use regex_lite::Regex;

use crate::scene::{Scene, signal};

/// No command in the README takes as long as this.
const LONG: Duration = Duration::from_secs(60);

/// A command of a console block, and the lines that it prints there.
pub(super) struct Step {
    pub(super) place: usize,
    pub(super) line: String,
    pub(super) expected: Vec<String>,
}

impl Step {
    /// The commands of all console blocks, each with the lines below it.
    pub(super) fn all(readme: &str) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        for (place, block) in super::blocks(readme, "console") {
            let first = steps.len();
            for (offset, line) in block.into_iter().enumerate() {
                if let Some(line) = line.strip_prefix("$ ") {
                    steps.push(Step { place: place + offset, line: line.to_owned(), expected: Vec::new() });
                } else {
                    assert!(steps.len() > first, "README.md:{}: output without a command", place + offset);
                    steps.last_mut().expect("a step").expected.push(line.trim_end().to_owned());
                }
            }
        }
        steps
    }
}

/// A command whose stdout and stderr come in one stream, as on a terminal.
pub(super) struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    pub(super) fn start(scene: &Scene, words: &[String]) -> Self {
        let (reader, writer) = io::pipe().expect("a pipe");
        let mut command: Command = scene.prepared(&words[0]);
        command.args(&words[1..]).stdout(writer.try_clone().expect("a pipe")).stderr(writer);
        let child = command.spawn().expect("a program that starts");
        // It holds the writing end, and the stream would not end before it.
        drop(command);
        Self { child, lines: in_lines(reader) }
    }

    /// Everything that it prints, and its exit code.
    pub(super) fn finish(&mut self) -> (Vec<String>, Option<i32>) {
        let lines = self.next(usize::MAX);
        (lines, self.child.wait().expect("an end").code())
    }

    /// The lines up to this many; then it is interrupted, and must end by that.
    pub(super) fn interrupt_after(&mut self, count: usize) -> Vec<String> {
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
pub(super) fn words(line: &str) -> Result<Vec<String>, String> {
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
pub(super) fn fits(expected: &[String], lines: &[String]) -> bool {
    match expected.split_first() {
        None => lines.is_empty(),
        Some((any, rest)) if any == "..." => (0..=lines.len()).any(|skipped| fits(rest, &lines[skipped..])),
        Some((first, rest)) => {
            lines.split_first().is_some_and(|(line, lines)| line == first && fits(rest, lines))
        }
    }
}

/// The line with its times made the same as any other's.
pub(super) fn without_time(line: &str) -> String {
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
fn dots_stand_for_any_lines() {
    let list = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert!(fits(&list("a ... d"), &list("a b c d")) && fits(&list("a ..."), &list("a")));
    assert!(!fits(&list("a ... d"), &list("a b c")) && !fits(&list("a"), &list("a b")));
}
