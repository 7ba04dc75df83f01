//! Runs the fixes of findings that need no decision.

use std::ffi::OsString;

use crate::confirm;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::hint::Hint;
use crate::process::{CommandLine, internal};
use crate::text::join;

/// The lines that fix findings, each once.
pub(super) fn lines<'f>(findings: impl Iterator<Item = &'f Finding>) -> Vec<&'f [OsString]> {
    let mut lines: Vec<&[OsString]> = Vec::new();
    for line in findings.filter_map(|finding| finding.fix.as_deref()) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// Shows the lines, asks, and runs each of them; exit 1 where one fails, or where a problem remains that none of them is for.
pub(super) fn apply(context: &Context, lines: &[&[OsString]], has_problem: bool) -> Result<()> {
    if lines.is_empty() {
        context.terminal.status("nothing here can be fixed without a decision of yours");
        return if has_problem { Err(Error::silent(1)) } else { Ok(()) };
    }
    let shown: String = lines.iter().map(|line| join(*line) + "\n").collect();
    if context.options.dry_run {
        return context.terminal.print_lines(&shown);
    }
    context.terminal.status(shown.trim_end());
    let again = ["doctor", "--fix"].map(OsString::from);
    confirm::agree(context, "this changes files on this machine", "Run these lines?", &again)?;
    for line in lines {
        run(line)?;
    }
    context.terminal.hint(Hint::line(["greenroom", "doctor"]).note("looks again"));
    Ok(())
}

/// Runs a line without a shell; `greenroom` in it is this program.
fn run(line: &[OsString]) -> Result<()> {
    let failed = || Error::failed(format!("{} failed", join(line))).hint(Hint::line(line));
    let (program, arguments) = line.split_first().ok_or_else(failed)?;
    let arguments = arguments.iter().cloned();
    let command = match program.to_str() {
        Some("greenroom") => internal::suite(arguments)?,
        _ => CommandLine::find(&program.to_string_lossy()).ok_or_else(failed)?.args(arguments),
    };
    if command.start_on_terminal()?.wait()? == 0 { Ok(()) } else { Err(failed()) }
}
