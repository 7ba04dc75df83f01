//! `prepare setup`: creates everything that the prepare flow needs and that is missing.

use crate::builder::{self, Apps, Facts, Plan, Survey, TargetPipeline};
use crate::confirm;
use crate::context::Context;
use crate::environment::GitHosts;
use crate::error::Result;
use crate::git::Repository;
use crate::heroku::{Client, ConfigVars};
use crate::hint::Hint;
use crate::inventory::Resource;
use crate::model::{AppName, CommitId, Stage};
use crate::steps;
use crate::terminal::sanitize_status;
use crate::values::{Values, Words};

mod config;

/// One line of help.
pub const ABOUT: &str = "Set up the app that builds slugs while the tests run";

/// Lines that can be pasted.
pub const EXAMPLES: &str =
    "  prepare setup                          show what exists and what is missing, and ask
  prepare --dry-run setup                print the plan and the requests
  prepare --dry-run setup --json         print the same as JSON
  prepare setup --config NPM_TOKEN,ASSET_HOST --yes
  prepare setup --app playhouse-builder --pipeline playhouse

What exists already is not changed. The plan is made from Heroku's state each time, so running the command again
continues an interrupted setup. The web dyno that starts with the first slug is scaled to 0; dynos that somebody
scaled, or that run after a second build, are kept.

With --json, stdout has the app and each item of the plan with its state: there, done, or in a dry run to do.";

/// No command of the Heroku CLI bears this name.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[
    ("app", &[Words::Live(Resource::Apps)]),
    ("config", &[Words::LiveOf("production", Resource::ConfigVars)]),
    ("pipeline", &[Words::Live(Resource::Pipelines)]),
];

/// The app's name, and the config vars that its builds read.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Use this app to build [default: the app of `prepare`, else production's name with -prepare]
    #[arg(long, value_name = "NAME")]
    app: Option<AppName>,

    /// Copy these config vars, which builds read, from production
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    config: Vec<String>,

    /// Use this pipeline if the apps are in none [default: production's name without -production]
    #[arg(long, value_name = "NAME")]
    pipeline: Option<String>,
}

/// Shows the plan, asks for confirmation, and applies it.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let (client, json) = (context.heroku()?, context.options.json);
    let apps = Apps::find(context, client, args.app.as_ref())?;
    let survey = Survey::make(client, &apps)?;
    survey.refuse_kinds()?;
    survey.refuse_team()?;
    let home = home(context, client, args, &survey)?;
    let remote = builder::remote(context, survey.name)?;
    let wanted = config::wanted(context, &survey, &args.config)?;
    let head = context.repository()?.and_then(Repository::head);
    let plan = plan(&survey, &home, remote, wanted, head.as_ref());
    context.terminal.status(&plan.to_string());
    warn(context, &survey)?;
    if plan.steps().next().is_none() {
        context.terminal.status("nothing to do");
        return if json {
            steps::print_json(context, Some(survey.name.as_ref()), &plan, "done", Vec::new())
        } else {
            Ok(())
        };
    }
    if context.options.dry_run {
        let requests = steps::requests(context, &plan)?;
        return if json {
            steps::print_json(context, Some(survey.name.as_ref()), &plan, "to do", requests)
        } else {
            context.terminal.print(&format!("{}\n", sanitize_status(&requests.join("\n"))))
        };
    }
    let question = format!("Set up {}?", survey.name);
    confirm::agree(context, "this changes apps at Heroku", &question, &["setup".into()])?;
    steps::apply(context, &plan, !json)?;
    if json {
        steps::print_json(context, Some(survey.name.as_ref()), &plan, "done", Vec::new())
    } else {
        Ok(())
    }
}

/// The pipeline for all apps.
fn home(context: &Context, client: &Client, args: &Args, survey: &Survey<'_>) -> Result<TargetPipeline> {
    let stages = survey.stages();
    let there: Vec<(&Facts, &Stage)> =
        stages.iter().filter_map(|(_, facts, stage)| Some(((*facts)?, stage))).collect();
    let configured = context.config()?.pipeline.as_deref();
    TargetPipeline::find(client, &there, args.pipeline.as_deref(), configured)
}

fn plan(
    survey: &Survey<'_>,
    home: &TargetPipeline,
    remote: Option<(String, bool)>,
    wanted: ConfigVars,
    head: Option<&CommitId>,
) -> Plan {
    let (name, there, model) = (survey.name, survey.builder.as_ref(), survey.model());
    let mut plan = Plan::new(home);
    plan.app(name, there, model);
    plan.buildpacks(name, there, model);
    plan.config(name, there, model, wanted);
    plan.metadata(name, there);
    plan.pipeline(home);
    for (app, facts, stage) in survey.stages() {
        plan.stage(app, stage, facts.is_some_and(|facts| facts.coupling.is_some()));
    }
    if let Some((remote, is_there)) = remote {
        plan.remote(&remote, &GitHosts::from_environment().url(name), is_there);
    }
    if let Some(head) = head {
        plan.slug(head, there);
    }
    plan.no_dynos(name, there);
    plan
}

/// Warns about what a person has to do.
fn warn(context: &Context, survey: &Survey<'_>) -> Result<()> {
    let (terminal, name) = (&context.terminal, survey.name);
    if context.repository()?.is_none() {
        terminal.warn("no git repository here, so no git remote is added and nothing is built");
    }
    if survey.staging.is_empty() {
        terminal.warn("no app found for staging, so only production is set up");
    }
    let model = survey.model();
    let buildpacks = survey.builder.as_ref().map_or(&[][..], |builder| &builder.facts.buildpacks);
    if !buildpacks.is_empty() && !model.buildpacks.is_empty() && buildpacks != model.buildpacks {
        terminal.warn(&format!("{name} and {} have different buildpacks", model.name()));
        terminal.hint("prepare check");
    }
    warn_of_dynos(context, survey);
    if let Some(command) = builder::release_command(context.repository()?)? {
        terminal
            .warn(&format!("the Procfile's release command runs on {name} too, with each build: {command}"));
        terminal.hint(Hint::text(format!("release: {}", builder::guarded(&command))));
    }
    Ok(())
}

/// Warns about dynos: an app that only builds needs none, but one that somebody scaled may do more.
fn warn_of_dynos(context: &Context, survey: &Survey<'_>) {
    let Some(builder) = survey.builder.as_ref().filter(|builder| builder.has_slug()) else { return };
    if builder.has_first_dynos() {
        return;
    }
    let zeros: Vec<String> = builder.running().map(|formation| format!("{}=0", formation.kind)).collect();
    if !zeros.is_empty() {
        let name = survey.name;
        context.terminal.warn(&format!("{name} has dynos, which an app that only builds does not need"));
        let line = ["ps:scale".to_owned()].into_iter().chain(zeros);
        context.terminal.hint(Hint::about(name, line).note("if it only builds"));
    }
}
