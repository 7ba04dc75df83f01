//! Checks the user's startup files: errors, reading from stdin, slowness.

use std::path::Path;
use std::time::Duration;

use super::super::Finding;
use super::failure;
use super::question::Question;
use super::start::{Start, start};
use crate::hint::Hint;
use crate::process::CommandLine;

/// A startup longer than this is reported.
const SLOW: Duration = Duration::from_secs(3);

/// Checks the shell's startup; `name` is its name, `program` its executable's. `rc` is the startup file that a fix changes.
pub(super) fn examine(
    [name, program]: [&str; 2],
    line: &CommandLine,
    question: &Question,
    started: &Start,
    rc: Option<&Path>,
) -> Vec<Finding> {
    let file = line.program().display().to_string();
    let failed = failure::first(name, &file, &started.stderr).map(|failure| {
        let failed = Finding::problem(format!("a startup file of {name} fails: {}", failure.text));
        failed.hint(match &failure.place {
            Some((file, number)) => Hint::script("${EDITOR:-vi} {}", [[&format!("+{number}"), file]]),
            None => trace(name, program, rc),
        })
    });
    let reads = started.reads.then(|| {
        let reads = Finding::problem(format!("a startup file of {name} reads what is typed at the prompt"));
        let look = rc.map(|rc| Hint::script("grep -nwE 'read|input|cat' {}", [[rc]]));
        look.into_iter().fold(reads, |reads, look| reads.hint(look.note("let it read </dev/null")))
    });
    let slow = slow(line, question, started).map(|seconds| {
        let slow = format!("the startup files of {name} take {seconds:.1} s");
        Finding::problem(slow).hint(trace(name, program, rc))
    });
    [failed, reads, slow].into_iter().flatten().collect()
}

/// The seconds that the startup files take, if that is long: longer than the shell takes without them, in both of two runs.
fn slow(line: &CommandLine, question: &Question, started: &Start) -> Option<f64> {
    if started.took < SLOW {
        return None;
    }
    let took = |arguments: &[&str]| Some(start(&line.clone().args(arguments.iter().copied())).ok()??.took);
    let with = took(question.ask).map_or(started.took, |again| again.min(started.took));
    let without = took(question.bare).unwrap_or_default();
    with.checked_sub(without).filter(|files| *files > SLOW).map(|files| files.as_secs_f64())
}

/// The line that traces the startup files.
pub(super) fn trace(name: &str, program: &str, rc: Option<&Path>) -> Hint {
    match (name, rc) {
        ("bash" | "zsh", _) => Hint::line([program, "-xic", "exit"]).note("shows what is run, line by line"),
        ("fish", _) => Hint::line([program, "--profile-startup", "/dev/stderr", "-ic", "exit"])
            .note("shows what is run, and how long it takes"),
        (_, Some(rc)) => Hint::script("${EDITOR:-vi} {}", [[rc]]),
        (_, None) => Hint::line([program]),
    }
}
