//! Confirmation before the Heroku CLI moves code to a protected app or takes one down.

use std::ffi::{OsStr, OsString};

use crate::confirm;
use crate::context::Context;
use crate::error::Result;
use crate::model::{AppName, Scaling};
use crate::process::CommandLine;
use crate::release::{self, PipelineState, StageApp};

/// A command of the CLI that it runs without a question of its own, or with one that a flag answers.
struct Guarded {
    id: &'static str,
    /// Its other names, for when its manifest cannot be read (as of heroku 11.10).
    others: &'static [&'static str],
}

/// Commands that move code, take an app down, take it out of its stage, or change its config vars. Before changes to data,
/// add-ons or certificates the CLI asks by itself.
const GUARDED: &[Guarded] = &[
    Guarded { id: "apps:destroy", others: &["apps:delete", "destroy"] },
    Guarded { id: "config:edit", others: &[] },
    Guarded { id: "config:set", others: &["config:add"] },
    Guarded { id: "config:unset", others: &["config:remove"] },
    Guarded { id: "container:release", others: &[] },
    Guarded { id: "domains:clear", others: &[] },
    Guarded { id: "domains:remove", others: &[] },
    Guarded { id: "maintenance:on", others: &[] },
    Guarded { id: PROMOTE, others: &[] },
    // An app that leaves its stage may lose its protection.
    Guarded { id: "pipelines:remove", others: &[] },
    Guarded { id: "pipelines:update", others: &[] },
    Guarded { id: SCALE, others: &["dyno:scale", "scale"] },
    Guarded { id: "ps:stop", others: &["dyno:kill", "dyno:stop", "kill", "ps:kill", "stop"] },
    Guarded { id: "releases:retry", others: &[] },
    Guarded { id: "releases:rollback", others: &["rollback"] },
];

const PROMOTE: &str = "pipelines:promote";
const SCALE: &str = "ps:scale";

/// The id of the command of this name, where the CLI's manifest cannot be read.
pub(super) fn id_of(command: &str) -> &str {
    let is_it = |guarded: &&Guarded| guarded.others.contains(&command);
    GUARDED.iter().find(is_it).map_or(command, |guarded| guarded.id)
}

/// Asks if the command `id` moves code to a protected app or takes one down; exit 5 without a terminal.
/// `line` is what is about to be run.
pub(super) fn ask(
    context: &Context,
    id: &str,
    app: &AppName,
    typed: (&OsStr, &[OsString]),
    line: &CommandLine,
) -> Result<()> {
    let (command, arguments) = typed;
    if context.options.yes || !is_guarded(id, arguments) {
        return Ok(());
    }
    let protected = if id == PROMOTE {
        protected_after(context, app, arguments)
    } else {
        confirm::protected_app(context, app)
    };
    let why = match protected {
        Ok(None) => return Ok(()),
        Ok(Some(protected)) => format!("{protected} is protected"),
        Err(error) => confirm::cannot_tell(&error),
    };
    let agreed = [&["--yes".into(), command.to_owned()], arguments].concat();
    confirm::agree_by(context, &why, &format!("Run {line}?"), &agreed)?;
    Ok(())
}

/// Whether the command does harm as it was typed: help does none, and scaling only where nothing may be left.
fn is_guarded(id: &str, arguments: &[OsString]) -> bool {
    let words = || arguments.iter().map(|word| word.to_string_lossy());
    let asks_for_help = words().take_while(|word| word != "--").any(|word| word == "--help");
    if asks_for_help || !GUARDED.iter().any(|guarded| guarded.id == id) {
        return false;
    }
    id != SCALE || words().any(|word| word.parse().is_ok_and(|change: Scaling| change.may_leave_none()))
}

/// What is protected of the apps that `pipelines:promote` brings the app's code to: those of the next stage, or, where the
/// line names some, any of the pipeline.
fn protected_after(context: &Context, app: &AppName, arguments: &[OsString]) -> Result<Option<String>> {
    let stages = PipelineState::around(context.heroku()?, app)?;
    let names_some = arguments.iter().any(|word| {
        let word = word.to_string_lossy();
        word.starts_with("-t") || word == "--to" || word.starts_with("--to=")
    });
    let targets: Vec<&StageApp> = match stages.app(app.as_ref()) {
        Some(source) if !names_some => stages.after(source),
        _ => stages.apps.iter().filter(|running| running.app.name != *app).collect(),
    };
    release::protected_target(context, targets.into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guarded(line: &str) -> bool {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        is_guarded(id_of(&words[0].to_string_lossy()), &words[1..])
    }

    #[test]
    fn what_takes_an_app_down_is_guarded_under_each_name() {
        for line in [
            "ps:stop web",
            "kill web.1",
            "dyno:kill web",
            "destroy",
            "rollback v3",
            "maintenance:on",
            "ps:scale web=0",
            "scale worker=2 web=0:standard-1x",
            "ps:scale -- web=0",
            "ps:scale web-2",
            "pipelines:update --stage staging",
            "pipelines:remove",
            "domains:clear",
            "config:add MODE=0",
        ] {
            assert!(guarded(line), "{line}");
        }
    }

    #[test]
    fn the_rest_is_not() {
        for line in [
            "ps",
            "restart",
            "ps:scale web=2",
            "ps:scale web=10:standard-1x",
            "ps:scale web+1",
            "ps:scale --help",
            "ps:scale",
            "maintenance:off",
            "ps:stop --help",
            "config:get MODE",
            "addons:destroy redis",
        ] {
            assert!(!guarded(line), "{line}");
        }
    }
}
