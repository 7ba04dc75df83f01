//! `production promote`: a slug that was built and tried upstream goes on, without being built again.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::context::Context;
use crate::environment::{self, GitHosts};
use crate::error::{Error, Result};
use crate::heroku::{Accept, AppName, Client, PROMOTIONS};
use crate::release::{self, Outcome, Plan, Running, Stages, Wanted, short};

/// One line of help.
pub const ABOUT: &str = "Promote a slug that is ready upstream to this environment";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  production promote                     from prepare where it holds HEAD, else from staging
  production promote --from staging
  staging promote --commit HEAD --yes    in CI: exactly this commit, or exit 1
  production --dry-run promote           the plan, and the request that would be sent";

/// The Heroku CLI's is `pipelines:promote`.
pub const HEROKU: &[&str] = &[];

/// What is promoted, and how long is waited.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Take the slug of this environment or app
    #[arg(long, value_name = "ENV|APP")]
    from: Option<String>,

    /// Only a slug of this commit; in CI the commit that is built [default: none]
    #[arg(long, value_name = "REV")]
    commit: Option<String>,

    /// Only to these of the stage's apps
    #[arg(long, value_name = "APP", value_delimiter = ',')]
    to: Vec<AppName>,

    /// Wait this long for the release phase: 90s, 10m, 1h
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "30m")]
    wait_timeout: Duration,

    /// Take commits back that run there: go back to an older commit, or over a diverged history
    #[arg(long)]
    force: bool,
}

/// Shows the plan, asks where it must, promotes, and waits for every target's release phase.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let deadline = Instant::now() + args.wait_timeout;
    let client = context.heroku()?;
    let target = context.target()?;
    let stages = settled(context, client, args, deadline)?;
    let targets = targets(&stages, &target.apps, &args.to)?;
    let source = source(context, args, &stages, &targets)?;
    release::check_kinds(source, &targets)?;
    let plan = Plan::new(source, &targets, context.repository()?, args.force)?;
    context.terminal.status(&plan.to_string());
    if plan.targets.is_empty() {
        return nothing_to_do(context, &plan);
    }
    let protected = protected(context, &plan)?;
    if !args.force {
        plan.refuse_losses(&context.name, protected.is_some())?;
    }
    if context.options.dry_run {
        let line = client.describe("POST", PROMOTIONS, Accept::V3, Some(&plan.body(&stages.pipeline)?));
        return context.terminal.print(&format!("{line}\n"));
    }
    if let Some(protected) = protected.filter(|_| !context.options.yes) {
        ask(context, &plan, &protected)?;
        refuse_moved(context, client, &stages, &plan)?;
    }
    let outcomes = release::promote(client, &context.terminal, &stages.pipeline, &plan, deadline)?;
    report(context, &plan, &outcomes)
}

/// Reads the stages, after every release that is still being made on a target has come to its end.
fn settled(context: &Context, client: &Client, args: &Args, deadline: Instant) -> Result<Stages> {
    let apps = &context.target()?.apps;
    loop {
        let mut stages = Stages::around(client, &apps[0])?;
        if let Some(repository) = context.repository()? {
            stages.complete_commits(repository);
        }
        let targets = targets(&stages, apps, &args.to)?;
        let pending = targets.iter().find_map(|running| Some((&running.app.name, release::pending(running)?)));
        match pending {
            None => return Ok(stages),
            Some((app, newest)) if context.options.dry_run => {
                context.terminal.warn(&format!("{app} v{} is still being released", newest.version));
                return Ok(stages);
            }
            Some(_) => release::settle(client, &context.terminal, &targets, deadline)?,
        }
    }
}

/// The environment's apps in the pipeline, or those of its stage that `--to` names.
fn targets<'a>(stages: &'a Stages, apps: &[AppName], only: &[AppName]) -> Result<Vec<&'a Running>> {
    let find = |app: &AppName| {
        stages.app(app.as_ref()).ok_or_else(|| {
            Error::failed(format!("{app} is in no stage of pipeline {} that code is promoted to", stages.name))
                .hint(format!("heroku pipelines:info {}", stages.name))
        })
    };
    let ours = each_once(apps.iter().map(find).collect::<Result<Vec<_>>>()?);
    if only.is_empty() {
        return Ok(ours);
    }
    let stage = &ours[0].stage;
    let named = each_once(only.iter().map(find).collect::<Result<Vec<_>>>()?);
    match named.iter().find(|running| running.stage != *stage) {
        Some(other) => Err(Error::usage(format!("{} is in stage {}, not in {stage}", other.app.name, other.stage))
            .hint(format!("heroku pipelines:info {}", stages.name))),
        None => Ok(named),
    }
}

/// An app that is named twice is one target.
fn each_once(mut apps: Vec<&Running>) -> Vec<&Running> {
    let mut seen = BTreeSet::new();
    apps.retain(|running| seen.insert(running.app.id.as_str()));
    apps
}

fn source<'a>(
    context: &Context,
    args: &Args,
    stages: &'a Stages,
    targets: &[&Running],
) -> Result<&'a Running> {
    let repository = context.repository()?;
    let wanted = Wanted::find(args.commit.as_deref(), repository)?;
    let from = match &args.from {
        // An app of the pipeline is meant before an environment of the same name.
        Some(from) if stages.app(from).is_none() && environment::check_name(from).is_ok() => {
            let named = context.surrounded(|around| environment::resolve(from, around))?;
            Some(named.one_app()?.to_string())
        }
        from => from.clone(),
    };
    let head = repository.and_then(crate::git::Repository::head);
    let push_to = |app: &AppName| push_to(context, app);
    let stage = &targets[0].stage;
    let source = release::choose(stages, stage, from.as_deref(), wanted.as_ref(), head.as_deref(), &push_to)?;
    if source.release.is_none() {
        return Err(Error::failed(format!("{} has no release that succeeded", source.app.name))
            .hint(format!("heroku releases --app {}", source.app.name)));
    }
    if let Some(newest) = source.newest.as_ref().filter(|newest| newest.is_pending()) {
        let app = &source.app.name;
        context.terminal.warn(&format!("{app} v{} is still being released, and is not what is taken", newest.version));
    }
    if targets.iter().any(|target| target.app.id == source.app.id) {
        return Err(Error::usage(format!("{} cannot be promoted to itself", source.app.name))
            .hint(format!("{} promote --help", context.name)));
    }
    Ok(source)
}

/// The git remote that is the app's, else its URL.
fn push_to(context: &Context, app: &AppName) -> String {
    let remote = context.surrounded(|around| {
        Ok(around.heroku_remotes().into_iter().find(|(_, named)| *named == app).map(|(remote, _)| remote.name.clone()))
    });
    remote.ok().flatten().unwrap_or_else(|| GitHosts::from_environment().url(app))
}

/// What is protected of what the plan would change: the environment, or else the first of its apps that is.
fn protected(context: &Context, plan: &Plan<'_>) -> Result<Option<String>> {
    if context.config()?.is_protected(&context.name) {
        return Ok(Some(context.name.clone()));
    }
    context.surrounded(|around| {
        let protected = plan.targets.iter().map(|step| step.app).find(|running| {
            environment::is_protected(&context.name, &running.app.name, &running.stage, around)
        });
        Ok(protected.map(|running| running.app.name.to_string()))
    })
}

/// Code only moves to a protected environment after a yes.
fn ask(context: &Context, plan: &Plan<'_>, protected: &str) -> Result<()> {
    let apps = plan.targets.iter().map(|step| step.app.app.name.as_ref()).collect::<Vec<_>>().join(", ");
    if !context.terminal.can_ask() {
        return Err(Error::refused(format!("{protected} is protected, and nobody can be asked here"))
            .hint(format!("{} promote --yes", context.name)));
    }
    if context.terminal.confirm(&format!("Promote to {apps}?"))? {
        return Ok(());
    }
    Err(Error::refused("not promoted"))
}

/// While a question waited, somebody else may have released: then it was another plan that was agreed to.
fn refuse_moved(context: &Context, client: &Client, stages: &Stages, plan: &Plan<'_>) -> Result<()> {
    let moved = plan.moved(&client.latest_releases(&stages.pipeline)?);
    if moved.is_empty() {
        return Ok(());
    }
    let moved = moved.into_iter().map(AppName::as_ref).collect::<Vec<_>>().join(", ");
    Err(Error::refused(format!("not promoted: {moved} got another release meanwhile"))
        .hint(format!("{} promote   # shows the plan as it is now", context.name)))
}

fn nothing_to_do(context: &Context, plan: &Plan<'_>) -> Result<()> {
    context.terminal.status("nothing to do");
    if context.options.json {
        return context.terminal.print(&format!("{:#}\n", answer(plan, &[])));
    }
    Ok(())
}

/// Prints each target's release; exit 1 with each target's message where any failed.
fn report(context: &Context, plan: &Plan<'_>, outcomes: &[Outcome]) -> Result<()> {
    if context.options.json {
        context.terminal.print(&format!("{:#}\n", answer(plan, outcomes)))?;
    } else {
        let commit = plan.source.commit.as_deref().map_or("", short);
        let line = |outcome: &Outcome| match (&outcome.failure, &outcome.release) {
            (None, Some(release)) => Some(format!("{} v{} {commit}\n", outcome.app, release.version)),
            _ => None,
        };
        let done: String = outcomes.iter().filter_map(line).collect();
        context.terminal.print(&done)?;
    }
    let mut failed = outcomes.iter().filter_map(|outcome| Some((outcome, outcome.failure.as_deref()?)));
    let Some((first, why)) = failed.next() else { return Ok(()) };
    let message = |outcome: &Outcome, why: &str| match &outcome.release {
        Some(release) => format!("{} v{} failed: {why}", outcome.app, release.version),
        None => format!("{} failed: {why}", outcome.app),
    };
    let hint = |outcome: &Outcome| match &outcome.release {
        Some(release) => format!("heroku releases:output v{} --app {}", release.version, outcome.app),
        None => format!("heroku releases --app {}", outcome.app),
    };
    let mut messages = vec![message(first, why)];
    let mut hints = vec![hint(first)];
    for (outcome, why) in failed {
        messages.push(message(outcome, why));
        hints.push(hint(outcome));
    }
    Err(hints.into_iter().fold(Error::failed(messages.join("; ")), Error::hint))
}

/// The outcome for a script.
fn answer(plan: &Plan<'_>, outcomes: &[Outcome]) -> serde_json::Value {
    let version = |running: &Running| running.release.as_ref().map(|release| release.version);
    let done = plan.done.iter().map(|running| {
        json!({ "app": running.app.name, "status": "unchanged", "version": version(running), "error": null })
    });
    let promoted = outcomes.iter().map(|outcome| {
        json!({
            "app": outcome.app,
            "status": if outcome.failure.is_none() { "succeeded" } else { "failed" },
            "version": outcome.release.as_ref().map(|release| release.version),
            "error": outcome.failure,
        })
    });
    json!({
        "source": {
            "app": plan.source.app.name,
            "version": version(plan.source),
            "commit": plan.source.commit,
        },
        "targets": promoted.chain(done).collect::<Vec<_>>(),
    })
}

/// Reads `90`, `90s`, `10m` or `1h`.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.strip_suffix(['s', 'm', 'h']) {
        Some(number) => (number, text.chars().last()),
        None => (text, None),
    };
    let number: u64 = number.parse().map_err(|_| format!("{text:?} is no time such as 90s, 10m or 1h"))?;
    let seconds = number.saturating_mul(match unit {
        Some('m') => 60,
        Some('h') => 3600,
        _ => 1,
    });
    // A day is longer than the platform lets a release phase run; it also keeps the sum within the clock.
    Ok(Duration::from_secs(seconds.min(24 * 3600)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(duration("1h"), Ok(Duration::from_secs(3600)));
        assert!(duration("soon").is_err() && duration("").is_err() && duration("-1s").is_err());
    }
}
