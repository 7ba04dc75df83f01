//! `greenroom setup`: makes what a project lacks on this machine.

use std::ffi::OsString;

use crate::confirm;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::inventory::Resource;
use crate::setup;
use crate::steps::{self, Plan};
use crate::terminal::sanitize_status;
use crate::values::{Values, Words};

mod create_options;
mod subject;

use create_options::CreateOptions;
use subject::{Subject, look_again};

/// One line of help.
pub const ABOUT: &str = "Set up a clone, or a new project: apps, pipeline, git remotes, files";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  greenroom setup                        show what exists and what is missing, and ask
  greenroom setup --check                only report: exit 1 if something is missing
  greenroom --dry-run setup              print the lines that would be run
  greenroom setup --pipeline playhouse --yes
  heroku auth:token | greenroom setup --token-stdin --yes
  greenroom setup --create playhouse --prepare --region eu
  greenroom --dry-run setup --create playhouse --team stagehands --ci github

With --create, the apps playhouse-production and playhouse-staging, with --prepare also playhouse-prepare, are created in a
pipeline. Names that are taken are found before anything is made. An interrupted run is finished by the same line.

What exists already is not changed, so the command can be run again at any time. A git remote that is in the way is
reported with the line that mends it.";

/// No command of the Heroku CLI bears this name.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[
    ("pipeline", &[Words::Live(Resource::Pipelines)]),
    ("create", &[Words::Free]),
    ("team", &[Words::Free]),
    ("space", &[Words::Free]),
    ("region", &[Words::These(&["us", "eu"])]),
    ("stack", &[Words::These(&["heroku-22", "heroku-24", "heroku-26"])]),
];

/// What to set up.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The project's pipeline [default: the one that greenroom.toml or a git remote names, else asked for]
    #[arg(long, value_name = "NAME")]
    pipeline: Option<String>,

    /// Only report what exists and what is missing
    #[arg(long, conflicts_with = "token_stdin")]
    check: bool,

    /// Read a token from stdin and store it in the netrc file, once Heroku has accepted it
    #[arg(long)]
    token_stdin: bool,

    /// Leave Tab completion alone
    #[arg(long)]
    no_completion: bool,

    #[command(flatten)]
    create: CreateOptions,
}

impl Args {
    /// The words to type again behind `greenroom`.
    fn words(&self) -> Vec<OsString> {
        create_options::words(self.pipeline.as_deref(), &self.create, self.no_completion)
    }
}

/// Shows the plan, asks for confirmation, carries it out, and looks again.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    if args.token_stdin {
        setup::store_token(context)?;
    }
    let subject = Subject::look(context, args)?;
    let plan = subject.plan()?;
    context.terminal.status(&plan.to_string());
    if args.check {
        return check(context, &plan);
    }
    if plan.steps().next().is_none() {
        context.terminal.status("nothing to do");
    } else if context.options.dry_run {
        return dry_run(context, &plan);
    } else {
        let (why, name, words) = subject.question(args);
        confirm::agree(context, why, &format!("Set up {name}?"), &words)?;
        steps::apply(context, &plan, false)?;
    }
    let changed = plan.steps().next().is_some();
    look_again(context, args, &subject, &plan, changed)?;
    if context.options.json {
        steps::print_json(context, None, &plan, "done", Vec::new())?;
    }
    refuse_blocked(&plan)
}

/// Exit 1 if something is missing or in the way.
fn check(context: &Context, plan: &Plan) -> Result<()> {
    if context.options.json {
        steps::print_json(context, None, plan, "to do", Vec::new())?;
    }
    refuse_blocked(plan)?;
    match plan.steps().count() {
        0 => Ok(()),
        1 => Err(Error::failed("1 item is missing").hint("greenroom setup")),
        count => Err(Error::failed(format!("{count} items are missing")).hint("greenroom setup")),
    }
}

fn dry_run(context: &Context, plan: &Plan) -> Result<()> {
    let requests = steps::requests(context, plan)?;
    if context.options.json {
        return steps::print_json(context, None, plan, "to do", requests);
    }
    context.terminal.print(&format!("{}\n", sanitize_status(&requests.join("\n"))))
}

/// Exit 1 where something is in the way, with the lines that mend it.
fn refuse_blocked(plan: &Plan) -> Result<()> {
    let count = plan.blocked().count();
    let Some((first, _)) = plan.blocked().next() else { return Ok(()) };
    let rest = if count > 1 { format!("; and {} more", count - 1) } else { String::new() };
    let error = Error::failed(format!("{first}{rest}"));
    Err(plan.blocked().fold(error, |error, (_, hint)| error.hint(hint.clone())))
}
