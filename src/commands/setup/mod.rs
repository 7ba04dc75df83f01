//! `greenroom setup`: makes what a project lacks on this machine.

use std::ffi::OsString;

use crate::confirm;
use crate::context::{Context, Options};
use crate::error::{Error, Result};
use crate::inventory::Resource;
use crate::setup::{self, Checkout, Choices};
use crate::steps::{self, Plan};
use crate::terminal::sanitize_status;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Set up a clone: git remotes, greenroom.toml, Tab completion, login";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  greenroom setup                        show what exists and what is missing, and ask
  greenroom setup --check                only report: exit 1 if something is missing
  greenroom --dry-run setup              print the lines that would be run
  greenroom setup --pipeline playhouse --yes
  heroku auth:token | greenroom setup --token-stdin --yes

What exists already is not changed, so the command can be run again at any time. A git remote that is in the way is
reported with the line that mends it.";

/// No command of the Heroku CLI bears this name.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[("pipeline", &[Words::Live(Resource::Pipelines)])];

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
}

/// Shows the plan, asks for confirmation, carries it out, and looks again.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    if args.token_stdin {
        setup::store_token(context)?;
    }
    let checkout = Checkout::look(context, args.pipeline.as_deref())?;
    if !args.check {
        checkout.refuse_without_login()?;
    }
    let choices = choices(context, args, &checkout)?;
    let plan = checkout.plan(choices)?;
    context.terminal.status(&plan.to_string());
    if args.check {
        return check(context, &plan);
    }
    if plan.steps().next().is_none() {
        context.terminal.status("nothing to do");
    } else if context.options.dry_run {
        return dry_run(context, &plan);
    } else {
        let name = checkout.pipeline().unwrap_or("this clone");
        confirm::agree(context, "this changes files", &format!("Set up {name}?"), &words(args))?;
        steps::apply(context, &plan, false)?;
        look_again(context, args, choices)?;
        if checkout.environments().any(|name| name == "staging") {
            context.terminal.hint_line(["staging", "tail"]);
        }
    }
    if context.options.json {
        steps::print_json(context, None, &plan, "done", Vec::new())?;
    }
    refuse_blocked(&plan)
}

/// Asks what a person has to decide. Without a question, everything is made.
fn choices(context: &Context, args: &Args, checkout: &Checkout<'_>) -> Result<Choices> {
    let Options { yes, dry_run, .. } = context.options;
    let wants_completion = !args.no_completion;
    let mut choices = Choices { rename: true, completion: wants_completion };
    if args.check || yes || dry_run || !context.terminal.can_ask() {
        return Ok(choices);
    }
    if let Some(name) = checkout.renamed()? {
        choices.rename = context.terminal.confirm(&format!("Rename git remote heroku to {name}?"))?;
    }
    if wants_completion && let Some(shell) = checkout.completion() {
        choices.completion = context.terminal.confirm(&format!("Install Tab completion for {shell}?"))?;
    }
    Ok(choices)
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

/// Exit 1 where what was done does not show.
fn look_again(context: &Context, args: &Args, choices: Choices) -> Result<()> {
    let again = Context::new(&context.name, context.options.clone(), None);
    let plan = Checkout::look(&again, args.pipeline.as_deref())?.plan(choices)?;
    let missing = plan.steps().next().map(|(text, _)| text.to_owned());
    missing.map_or(Ok(()), |text| {
        Err(Error::failed(format!("everything was done, and still there is something to do: {text}"))
            .hint("greenroom setup --check"))
    })
}

/// Exit 1 where something is in the way, with the lines that mend it.
fn refuse_blocked(plan: &Plan) -> Result<()> {
    let count = plan.blocked().count();
    let Some((first, _)) = plan.blocked().next() else { return Ok(()) };
    let rest = if count > 1 { format!("; and {} more", count - 1) } else { String::new() };
    let error = Error::failed(format!("{first}{rest}"));
    Err(plan.blocked().fold(error, |error, (_, hint)| error.hint(hint.clone())))
}

/// The line to type again.
fn words(args: &Args) -> Vec<OsString> {
    let pipeline = args.pipeline.iter().flat_map(|name| ["--pipeline", name]);
    let completion = args.no_completion.then_some("--no-completion");
    ["setup"].into_iter().chain(pipeline).chain(completion).map(OsString::from).collect()
}
