//! The tour: real commands, run for real, with a word before each.

use std::ffi::OsString;
use std::fs;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use rehearsal::Interrupt;

use super::Workspace;
use super::again::again;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::text::join;

const PROMPT: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));

/// Plays it. Whatever a step ends with that it should not, the tour ends with.
pub(super) fn play(context: &Context, workspace: &Workspace) -> Result<()> {
    let tour = Tour { context, workspace };
    tour.look()?;
    tour.release()?;

    tour.say(
        "That was all. Everything else can be tried in a shell, which lists five things to begin with:",
    )?;
    let again = again()?;
    let line = |words: &[&str]| join(again.iter().cloned().chain(words.iter().map(OsString::from)));
    let (shell, one) = (line(&["rehearse", "--", "bash"]), line(&["rehearse", "--", "production", "status"]));
    context.terminal.print(&format!("    {shell}\n\nOr one command at a time:\n    {one}\n"))
}

struct Tour<'a> {
    context: &'a Context,
    workspace: &'a Workspace,
}

impl Tour<'_> {
    /// What only looks.
    fn look(&self) -> Result<()> {
        self.say("A Heroku runs on this machine now. Its pipeline `playhouse` on one screen:")?;
        self.step(&["production", "status"], 0)?;
        self.say("Each command stands for one place. Which app is meant, and why:")?;
        self.step(&["staging", "which"], 0)?;
        self.say("A review app is found by its pull request:")?;
        self.step(&["review", "42", "which"], 0)?;
        self.say("The logs of staging, for two seconds:")?;
        self.step_for(&["staging", "tail", "--num", "5"], Duration::from_secs(2))?;
        self.say("What production would get from staging:")?;
        self.step(&["production", "diff"], 0)
    }

    /// A commit on its way to production.
    fn release(&self) -> Result<()> {
        self.say("A commit is merged. prepare builds its slug (in CI: while the tests run):")?;
        fs::write(self.workspace.sandbox.repository().join("curtain.js"), "module.exports = () => 'up'\n")?;
        self.step(&["git", "add", "curtain.js"], 0)?;
        self.step(&["git", "commit", "--quiet", "--message", "Raise the curtain"], 0)?;
        self.step(&["git", "push", "--quiet", "origin", "main"], 0)?;
        self.step(&["prepare", "deploy"], 0)?;
        self.say("Staging gets that slug, and then production; nothing is built again:")?;
        self.step(&["staging", "deploy"], 0)?;
        self.step(&["production", "promote", "--yes"], 0)?;
        self.say("A commit that is not merged does not come to production:")?;
        self.step(&["git", "commit", "--quiet", "--allow-empty", "--message", "Skip the rehearsal"], 0)?;
        self.step(&["production", "deploy", "--yes"], 5)?;
        self.say("The pipeline now:")?;
        self.step(&["production", "status"], 0)
    }

    fn say(&self, text: &str) -> Result<()> {
        self.context.terminal.print(&format!("\n{text}\n"))
    }

    /// Shows a command line and runs it; it must end with `expected`.
    fn step(&self, words: &[&str], expected: u8) -> Result<()> {
        let (program, arguments) = self.show(words)?;
        let code = self.workspace.run(&program, &arguments)?;
        if let Some(interrupt) = self.workspace.interrupted.get() {
            return Err(Error::silent(super::code(interrupt)));
        }
        // The command may be quicker to end of an interrupt than the word of it is here.
        if [Interrupt::Interrupted, Interrupt::Terminated].map(super::code).contains(&code) {
            return Err(Error::silent(code));
        }
        if code == expected {
            return Ok(());
        }
        Err(Error::failed(format!("`{}` ended with exit code {code}, not {expected}", words.join(" "))))
    }

    /// Shows a command line, and runs it for a while.
    fn step_for(&self, words: &[&str], time: Duration) -> Result<()> {
        let (program, arguments) = self.show(words)?;
        let mut child = self.workspace.start(&program, &arguments)?;
        let interrupt = self.workspace.interrupt_within(time);
        // Ctrl-C may have ended it already.
        _ = child.kill();
        child.wait()?;
        interrupt.map_or(Ok(()), |interrupt| Err(Error::silent(super::code(interrupt))))
    }

    fn show(&self, words: &[&str]) -> Result<(OsString, Vec<OsString>)> {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        let line = join(&words);
        self.context.terminal.print(&format!("{PROMPT}${PROMPT:#} {line}\n"))?;
        let mut words = words.into_iter();
        Ok((words.next().unwrap_or_default(), words.collect()))
    }
}
