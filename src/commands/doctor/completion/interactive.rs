//! A real interactive shell is asked what it knows. It reads everything that the person's own shell reads, and has no
//! terminal that it could take away from them.

use std::env;
use std::ffi::OsStr;
use std::time::{Duration, Instant};

use super::Finding;
use crate::commands::completions::program_of;
use crate::completion::shell::Shell;
use crate::error::Result;
use crate::hint::Hint;
use crate::process::{CommandLine, Ended, Place};

/// How long a shell may take to start.
const PATIENCE: Duration = Duration::from_secs(10);

/// Stands in front of what is answered, which rc files may have printed much before.
const ANSWER: &str = "greenroom-asks";

/// What the shell says of the completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Knows {
    Yes,
    No,
    /// It was not asked, or did not answer.
    Unasked,
}

/// How a shell is asked: its arguments, and what is in the answer if it knows. Each prints its version in the first line.
fn question(shell: &str) -> Option<(&'static [&'static str], &'static str)> {
    Some(match shell {
        "bash" => (
            &["-ic", r#"printf 'greenroom-asks\n%s\n' "$BASH_VERSION"; complete -p staging 2>/dev/null"#],
            "_greenroom",
        ),
        "zsh" => (
            &[
                "-ic",
                r#"print -r -- $'greenroom-asks\n'"$ZSH_VERSION"; (( $+functions[compdef] )) || print no-compinit; print -r -- "$_comps[staging]"; print -r -- "reads $ZDOTDIR""#,
            ],
            "_greenroom",
        ),
        "fish" => (&["-ic", "echo greenroom-asks; echo $version; complete -c staging"], "greenroom"),
        "nushell" => (
            &[
                "-e",
                "print greenroom-asks (version).version; try { print (do $env.config.completions.external.completer [greenroom doct] | to json -r) }; exit",
            ],
            r#""doctor "#,
        ),
        "powershell" => (
            &[
                "-NoLogo",
                "-NonInteractive",
                "-Command",
                "'greenroom-asks'; \"$($PSVersionTable.PSVersion)\"; ([Management.Automation.CommandCompletion]::CompleteInput('greenroom doct', 14, $null)).CompletionMatches.CompletionText",
            ],
            "doctor",
        ),
        _ => return None,
    })
}

/// Starts the shell and asks it.
pub(super) fn ask(shell: &dyn Shell) -> (Knows, Vec<Finding>) {
    let name = shell.name();
    let program = program_of(shell).unwrap_or(name);
    let Some(line) = CommandLine::find(program) else {
        return (Knows::Unasked, vec![Finding::problem(format!("{program} is not on PATH"))]);
    };
    let Some((arguments, sign)) = question(name) else {
        let unasked = format!("{name} was not asked: it completes nothing without a terminal");
        return (Knows::Unasked, vec![Finding::ok(unasked)]);
    };
    let written = match written(&line.args(arguments.iter().copied())) {
        Ok(Some(written)) => written,
        Ok(None) => {
            let slow = format!("an interactive {name} does not start within {} s", PATIENCE.as_secs());
            let look = Hint::line([program, "-i"]).note("what does it wait for?");
            return (Knows::Unasked, vec![Finding::problem(slow).hint(look)]);
        }
        Err(error) => return (Knows::Unasked, vec![Finding::of(super::Level::Problem, &error)]),
    };
    let Some((_, answer)) = written.split_once(&format!("{ANSWER}\n")) else {
        let silent = format!("an interactive {name} does not come to its end");
        return (Knows::Unasked, vec![Finding::problem(silent).hint(Hint::line([program, "-i"]))]);
    };
    let (version, answer) = answer.split_once('\n').unwrap_or((answer, ""));
    let mut findings: Vec<_> = short_of(name, version, answer).into_iter().collect();
    if answer.contains(sign) {
        findings.insert(0, Finding::ok(format!("{name} {version} knows the completion")));
        return (Knows::Yes, findings);
    }
    let unknown = format!("{name} {version} does not know the completion");
    findings.push(Finding::problem(unknown).hint(mend(name, answer)));
    (Knows::No, findings)
}

/// The line that installs where the shell looks. Of zsh's folder only zsh may know: files of its own can name it.
fn mend(name: &str, answer: &str) -> Hint {
    let install = ["greenroom", "completions", name, "--install"].map(OsStr::new);
    let folder = answer.lines().find_map(|line| line.strip_prefix("reads ")).map(OsStr::new);
    match folder.filter(|folder| !folder.is_empty() && env::var_os("ZDOTDIR").as_deref() != Some(*folder)) {
        Some(folder) => Hint::script("ZDOTDIR={} {}", [&[folder][..], &install]),
        None => Hint::line(install),
    }
}

/// What a shell lacks that it could have.
fn short_of(name: &str, version: &str, answer: &str) -> Option<Finding> {
    let mut numbers = version.split('.').map_while(|number| number.parse::<u32>().ok());
    let at = (numbers.next()?, numbers.next()?);
    match name {
        "bash" if at < (4, 4) => Some(
            Finding::warning(format!(
                "bash {version} sorts what is offered; 4.4 keeps the order it comes in"
            ))
            .hint("brew install bash   # or the one of your system"),
        ),
        "zsh" if answer.starts_with("no-compinit") => {
            Some(Finding::problem("zsh's completion system is not started").hint(mend(name, answer)))
        }
        "nushell" if at < (0, 101) => {
            Some(Finding::problem(format!("nushell {version} reads no autoload folder; 0.101 does")))
        }
        _ => None,
    }
}

/// What it writes to stdout; none where it takes too long, and then it is ended.
fn written(line: &CommandLine) -> Result<Option<String>> {
    let until = Instant::now() + PATIENCE;
    let group = line.start(Place::WithoutTerminal)?;
    Ok(match group.output(|| (Instant::now() > until).then_some(()))? {
        Ended::Left(output) => Some(String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n")),
        Ended::GivenUp(()) => None,
    })
}
