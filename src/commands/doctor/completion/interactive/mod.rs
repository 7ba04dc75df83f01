//! Asks a real interactive shell about its completion. It reads the user's startup files, and has no terminal that it could
//! disturb.

use std::env;
use std::ffi::OsStr;

use super::{Finding, another_shell};
use crate::hint::Hint;
use crate::process::CommandLine;
use crate::shells::Shell;
use crate::shells::install::Part;

mod failure;
mod question;
mod settings;
mod start;
mod startup;

use question::{Answer, question};
use settings::Settings;
use start::{PATIENCE, start};

/// The shell's answers about completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Knows {
    Yes,
    No,
    /// The shell was not asked, or did not answer.
    Unasked,
}

/// Starts the shell and asks it. `parts` are the files of its setup, which all exist if `is_installed`.
pub(super) fn ask(shell: &dyn Shell, parts: &[Part], is_installed: bool) -> (Knows, Vec<Finding>) {
    let name = shell.name();
    let program = shell.program();
    let unasked = |finding| (Knows::Unasked, vec![finding]);
    let Some(line) = CommandLine::find(program) else {
        return unasked(Finding::problem(format!("{program} is not on PATH")).hint(another_shell()));
    };
    let Some(question) = question(name) else {
        return unasked(Finding::ok(format!(
            "{name} was not checked: it does not complete without a terminal"
        )));
    };
    let started = match start(&line.clone().args(question.ask.iter().copied())) {
        Ok(Some(started)) => started,
        Ok(None) => {
            let slow = format!("an interactive {name} does not start within {} s", PATIENCE.as_secs());
            return unasked(
                Finding::problem(slow).hint(Hint::line([program, "-i"]).note("what does it wait for?")),
            );
        }
        Err(error) => return unasked(Finding::of(super::Level::Problem, &error)),
    };
    let rc = settings::start_up_file(name, parts);
    let mut findings = startup::examine([name, program], &line, &question, &started, rc.as_deref());
    let Some(answer) = Answer::find(&started.stdout) else {
        let silent = format!("an interactive {name} exited before it answered");
        findings.insert(0, Finding::problem(silent).hint(Hint::line([program, "-i"])));
        return (Knows::Unasked, findings);
    };
    let settings = Settings { shell: name, sign: question.sign, rc, answer: &answer };
    let version = answer.get("version");
    let (knows, first) = if settings.is_completed("greenroom") {
        (Knows::Yes, Finding::ok(format!("{name} {version} has loaded the completion")))
    } else if is_installed && !settings.is_elsewhere() {
        let unread = format!("{name} {version} has not loaded the completion, though it is installed: ");
        let reason = unread + "a startup file ends too early";
        (Knows::No, Finding::problem(reason).hint(startup::trace(name, program, settings.rc.as_deref())))
    } else {
        let unknown = format!("{name} {version} has not loaded the completion");
        (Knows::No, Finding::problem(unknown).hint(mend(name, &answer)))
    };
    findings.insert(0, first);
    findings.splice(1..1, short_of(name, version, &answer));
    findings.extend(settings.examine(knows == Knows::Yes));
    (knows, findings)
}

/// The line that installs where the shell looks. Only zsh itself knows its folder: startup files can set it.
fn mend(name: &str, answer: &Answer<'_>) -> Hint {
    let install = ["greenroom", "completions", name, "--install"].map(OsStr::new);
    let folder = OsStr::new(answer.get("reads"));
    if folder.is_empty() || env::var_os("ZDOTDIR").as_deref() == Some(folder) {
        return Hint::line(install);
    }
    Hint::script("ZDOTDIR={} {}", [&[folder][..], &install])
}

/// A part that the shell lacks.
fn short_of(name: &str, version: &str, answer: &Answer<'_>) -> Option<Finding> {
    let mut numbers = version.split('.').map_while(|number| number.parse::<u32>().ok());
    let at = (numbers.next()?, numbers.next()?);
    match name {
        "bash" if at < (4, 4) => Some(
            Finding::warning(format!("bash {version} sorts what is offered; 4.4 and later keep its order"))
                .hint(Hint::line(["brew", "install", "bash"]).note("or the one of your system")),
        ),
        "zsh" if answer.get("compinit") == "off" => {
            Some(Finding::problem("zsh's completion system is not started").hint(mend(name, answer)))
        }
        "nushell" if at < (0, 101) => {
            Some(Finding::problem(format!("nushell {version} reads no autoload folder; 0.101 does")))
        }
        _ => None,
    }
}
