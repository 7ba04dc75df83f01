//! What is set up: looked at, asked about, and looked at again afterwards.

use std::ffi::OsString;

use super::Args;
use crate::context::{Context, Options};
use crate::error::{Error, Result};
use crate::setup::{self, Checkout, Choices, Files, NewProject, Wanted};
use crate::steps::Plan;

/// What is set up: a clone of a project that runs at Heroku, or a new project.
pub(super) enum Subject<'a> {
    /// A clone.
    Clone(Checkout<'a>, Choices),
    /// A new project.
    New(NewProject<'a>, Files),
}

impl<'a> Subject<'a> {
    /// Looks at what exists, and asks what a person has to decide.
    pub(super) fn look(context: &'a Context, args: &'a Args) -> Result<Self> {
        let Some(wanted) = args.create.wanted(args.pipeline.as_deref()) else {
            let checkout = Checkout::look(context, args.pipeline.as_deref())?;
            if !args.check {
                checkout.refuse_without_login()?;
            }
            let choices = choices(context, args, &checkout)?;
            return Ok(Subject::Clone(checkout, choices));
        };
        let project = NewProject::look(context, wanted)?;
        let files = files(context, args, &project)?;
        Ok(Subject::New(project, files))
    }

    /// The plan: what is there, and what is missing.
    pub(super) fn plan(&self) -> Result<Plan> {
        match self {
            Subject::Clone(checkout, choices) => checkout.plan(*choices),
            Subject::New(project, files) => project.plan(*files),
        }
    }

    /// Why it is asked, what is set up, and the line to type again.
    pub(super) fn question(&self, args: &Args) -> (&'static str, &str, Vec<OsString>) {
        match self {
            Subject::Clone(checkout, _) => {
                ("this changes files", checkout.pipeline().unwrap_or("this clone"), args.words())
            }
            Subject::New(project, _) => ("this creates apps at Heroku", project.name(), args.words()),
        }
    }
}

/// Whether questions can be asked.
fn may_ask(context: &Context, args: &Args) -> bool {
    let Options { yes, dry_run, .. } = context.options;
    !args.check && !yes && !dry_run && context.terminal.can_ask()
}

/// Asks what a person has to decide about a clone. Without a question, everything is made.
fn choices(context: &Context, args: &Args, checkout: &Checkout<'_>) -> Result<Choices> {
    let mut rename = true;
    if may_ask(context, args)
        && let Some(name) = checkout.renamed()?
    {
        rename = context.terminal.confirm(&format!("Rename git remote heroku to {name}?"))?;
    }
    Ok(Choices { rename, completion: completion(context, args)? })
}

/// Asks what a person has to decide about a new project.
fn files(context: &Context, args: &Args, project: &NewProject<'_>) -> Result<Files> {
    let mut write = args.create.write_files;
    let missing = project.missing_files()?;
    if !write && !missing.is_empty() && may_ask(context, args) {
        write = context.terminal.confirm(&format!("Write {}?", missing.join(" and ")))?;
    }
    Ok(Files { write, completion: completion(context, args)? })
}

/// Whether Tab completion is installed where it is missing.
fn completion(context: &Context, args: &Args) -> Result<bool> {
    match setup::missing_completion().filter(|_| !args.no_completion) {
        Some(shell) if may_ask(context, args) => {
            context.terminal.confirm(&format!("Install Tab completion for {shell}?"))
        }
        _ => Ok(!args.no_completion),
    }
}

/// Looks again after a change, and says what to type next. Exit 1 where what was done does not show.
pub(super) fn look_again(
    context: &Context,
    args: &Args,
    subject: &Subject<'_>,
    done: &Plan,
    changed: bool,
) -> Result<()> {
    let again = Context::new(&context.name, context.options.clone(), None);
    let found = match (subject, args.create.wanted(args.pipeline.as_deref())) {
        _ if !changed => None,
        (Subject::Clone(_, choices), _) => {
            let checkout = Checkout::look(&again, args.pipeline.as_deref())?;
            refuse_missing(&checkout.plan(*choices)?)?;
            if checkout.environments().any(|name| name == "staging") {
                context.terminal.hint_line(["staging", "tail"]);
            }
            None
        }
        (Subject::New(project, files), Some(wanted)) => {
            let found = NewProject::look(&again, Wanted { name: project.name(), ..wanted })?;
            refuse_missing(&found.plan(*files)?)?;
            Some(found)
        }
        (Subject::New(..), None) => None,
    };
    let Subject::New(project, _) = subject else { return Ok(()) };
    if let Some(page) = found.as_ref().unwrap_or(project).page() {
        context.terminal.status("the pipeline is not connected to a repository, which review apps need:");
        context.terminal.hint_line([page]);
    }
    context.terminal.status("next:");
    project.next(done)?.into_iter().for_each(|line| context.terminal.hint(line));
    Ok(())
}

fn refuse_missing(plan: &Plan) -> Result<()> {
    plan.steps().next().map_or(Ok(()), |(text, _)| {
        Err(Error::failed(format!("everything was done, and still there is something to do: {text}"))
            .hint("greenroom setup --check"))
    })
}
