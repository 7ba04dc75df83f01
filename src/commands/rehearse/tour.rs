//! The tour: real commands, run for real, with a word before each.

use std::ffi::OsString;
use std::fs;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use rehearsal::Interrupt;
use serde_json::Value;

use super::Stage;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::process::quote;
use crate::release::short;

const PROMPT: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));

/// Plays it. Whatever a step ends with that it should not, the tour ends with.
pub(super) fn play(context: &Context, stage: &Stage) -> Result<()> {
    let tour = Tour { context, stage };
    tour.say("A Heroku runs on this machine now: pipeline `playhouse`, with an app in each stage.")?;
    tour.pipeline()?;

    tour.say("Each command stands for one place. Which app is meant, and why:")?;
    tour.step(&["staging", "which"], 0)?;
    tour.say("The logs of staging, for two seconds:")?;
    tour.step_for(&["staging", "tail", "--num", "5"], Duration::from_secs(2))?;
    tour.say("A new commit is pushed to prepare, which builds the slug (in CI: while the tests run):")?;
    fs::write(stage.house.repository().join("curtain.js"), "module.exports = () => 'up'\n")?;
    tour.step(&["git", "add", "curtain.js"], 0)?;
    tour.step(&["git", "commit", "--quiet", "--message", "Raise the curtain"], 0)?;
    tour.step(&["git", "push", "prepare", "main"], 0)?;
    tour.say("Production gets that slug; nothing is built again:")?;
    tour.step(&["production", "promote", "--yes"], 0)?;
    tour.say("Going back by accident is refused: staging still has an older commit.")?;
    tour.step(&["production", "promote", "--yes", "--from", "staging"], 5)?;
    tour.say("The pipeline now:")?;
    tour.pipeline()?;

    tour.say("That was all. To try it yourself, open a shell in a rehearsal:")?;
    context.terminal.print("    greenroom rehearse -- bash\n")
}

struct Tour<'a> {
    context: &'a Context,
    stage: &'a Stage,
}

impl Tour<'_> {
    fn say(&self, text: &str) -> Result<()> {
        self.context.terminal.print(&format!("\n{text}\n"))
    }

    /// Shows a command line and runs it; it must end with `expected`.
    fn step(&self, words: &[&str], expected: u8) -> Result<()> {
        let (program, arguments) = self.show(words)?;
        let code = self.stage.run(&program, &arguments)?;
        if let Some(interrupt) = self.stage.interrupted.get() {
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
        let mut child = self.stage.start(&program, &arguments)?;
        let interrupt = self.stage.interrupt_within(time);
        // Ctrl-C may have ended it already.
        _ = child.kill();
        child.wait()?;
        interrupt.map_or(Ok(()), |interrupt| Err(Error::silent(super::code(interrupt))))
    }

    fn show(&self, words: &[&str]) -> Result<(OsString, Vec<OsString>)> {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        let line = words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ");
        self.context.terminal.print(&format!("{PROMPT}${PROMPT:#} {line}\n"))?;
        let mut words = words.into_iter();
        Ok((words.next().unwrap_or_default(), words.collect()))
    }

    /// What each app runs, as the rehearsal itself says.
    fn pipeline(&self) -> Result<()> {
        let (_, releases) = self.stage.rehearsal.call("GET", "/pipelines/playhouse/latest-releases", None);
        let mut lines = Vec::new();
        for app in ["playhouse-prepare", "playhouse-staging", "playhouse-production"] {
            let release =
                releases.as_array().into_iter().flatten().find(|release| release["app"]["name"] == app);
            let Some(release) = release else { continue };
            let slug = release["slug"]["id"].as_str().unwrap_or_default();
            let (_, slug) = self.stage.rehearsal.call("GET", &format!("/apps/{app}/slugs/{slug}"), None);
            let version = release["version"].as_u64().unwrap_or_default();
            let commit = slug.get("commit").and_then(Value::as_str).map_or("", short);
            lines.push(format!("    {app:<22} v{version:<3} {commit}\n"));
        }
        self.context.terminal.print(&lines.concat())
    }
}
