//! `staging info`: prints the app as `heroku apps:info` does.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::Value;

use as_node_prints::{counts, file_size, iso};

use crate::context::Context;
use crate::error::Result;
use crate::heroku::AppInfo;
use crate::parallel::in_parallel;
use crate::terminal::{fields, heading};
use crate::values::Values;

mod as_node_prints;

/// One line of help.
pub const ABOUT: &str = "Show the app: add-ons, collaborators, pipeline, dynos, stack, size";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  production info
  staging info --shell | grep ^stack=
  staging info --json | jq .app.region.name

It is what `heroku apps:info` prints.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["apps:info"];

/// No argument takes a value.
pub const VALUES: Values = &[];

/// The flags of `heroku apps:info`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Print key=value lines
    #[arg(short, long)]
    shell: bool,
    /// The same as --json
    #[arg(short = 'j', hide = true)]
    j: bool,
}

/// Prints the environment's apps.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let target = context.target()?;
    let client = context.heroku()?;
    let all = in_parallel(&target.apps, |app| client.app_info(app));
    let all: Vec<AppInfo> = all.into_iter().collect::<Result<_>>()?;
    if !args.shell && (context.options.json || args.j) {
        return match all.as_slice() {
            [one] => context.terminal.print_json(one),
            several => context.terminal.print_json(&several),
        };
    }
    for (at, info) in all.into_iter().enumerate() {
        let shown = Shown::of(info)?;
        let gap = if at == 0 { "" } else { "\n" };
        let text = if args.shell { shown.shell() } else { shown.text() };
        context.terminal.print_lines(&format!("{gap}{text}"))?;
    }
    Ok(())
}

/// What is printed of an app.
struct Shown {
    app: App,
    /// The names of their plans.
    addons: Vec<String>,
    /// Email addresses, without the owner's.
    collaborators: Vec<String>,
    /// How many there are of each process type, in the order of their first dynos.
    dynos: Vec<(String, usize)>,
    coupling: Option<Coupling>,
}

/// An app, as far as it is printed. The fields that the API's reference does not have are those of older apps.
#[derive(Deserialize)]
struct App {
    name: String,
    acm: Option<bool>,
    archived_at: Option<String>,
    cron_finished_at: Option<String>,
    cron_next_run: Option<String>,
    database_size: Option<u64>,
    create_status: Option<String>,
    space: Option<Named>,
    #[serde(default)]
    internal_routing: Option<bool>,
    generation: Option<Value>,
    git_url: Option<String>,
    web_url: Option<String>,
    repo_size: Option<u64>,
    slug_size: Option<u64>,
    owner: Person,
    region: Named,
    stack: Named,
    build_stack: Named,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
struct Person {
    email: String,
}

#[derive(Deserialize)]
struct Coupling {
    stage: String,
    pipeline: Named,
}

impl Shown {
    fn of(info: AppInfo) -> Result<Self> {
        #[derive(Deserialize)]
        struct Addon {
            plan: Named,
        }
        #[derive(Deserialize)]
        struct Collaborator {
            user: Person,
        }
        #[derive(Deserialize)]
        struct Dyno {
            #[serde(rename = "type")]
            kind: String,
        }
        let app: App = serde_json::from_value(info.app)?;
        let addons: Vec<Addon> = serde_json::from_value(info.addons)?;
        let collaborators: Vec<Collaborator> = serde_json::from_value(info.collaborators)?;
        let dynos: Vec<Dyno> = serde_json::from_value(info.dynos)?;
        let coupling = serde_json::from_value(info.pipeline_coupling)?;
        let mut addons: Vec<String> = addons.into_iter().map(|addon| addon.plan.name).collect();
        addons.sort_unstable();
        let mut collaborators: Vec<String> = collaborators.into_iter().map(|one| one.user.email).collect();
        collaborators.retain(|email| *email != app.owner.email);
        collaborators.sort_unstable();
        let mut numbers: Vec<(String, usize)> = Vec::new();
        for Dyno { kind } in dynos {
            match numbers.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, count)) => *count += 1,
                None => numbers.push((kind, 1)),
            }
        }
        Ok(Self { app, addons, collaborators, dynos: numbers, coupling })
    }

    fn text(self) -> String {
        let app = self.app;
        let has_slugs = !is_fir(app.generation.as_ref());
        let stack = match (app.stack.name, app.build_stack.name) {
            (runs, builds) if runs == builds => runs,
            (runs, builds) => format!("{runs} (next build will use {builds})"),
        };
        let dynos: Vec<String> = self.dynos.iter().map(|(kind, count)| format!("{kind}: {count}")).collect();
        let coupling = self.coupling.map(|it| format!("{} - {}", it.pipeline.name, it.stage));
        let routing = app.space.is_some() && app.internal_routing == Some(true);
        let one = |value: Option<String>| value.into_iter().collect::<Vec<_>>();
        let fields = fields(&[
            ("Addons", self.addons),
            ("Collaborators", self.collaborators),
            ("Archived At", one(app.archived_at.map(|time| iso(&time)))),
            ("Cron Finished At", one(app.cron_finished_at.map(|time| iso(&time)))),
            ("Cron Next Run", one(app.cron_next_run.map(|time| iso(&time)))),
            ("Database Size", one(app.database_size.filter(|size| *size > 0).map(file_size))),
            ("Create Status", one(app.create_status.filter(|status| status != "complete"))),
            ("Space", one(app.space.map(|space| space.name))),
            ("Internal Routing", one(routing.then(|| "true".to_owned()))),
            ("Pipeline", one(coupling)),
            ("Auto Cert Mgmt", one(app.acm.map(|on| on.to_string()))),
            ("Git URL", one(app.git_url)),
            ("Web URL", one(app.web_url)),
            ("Repo Size", vec![file_size(app.repo_size.unwrap_or(0))]),
            ("Slug Size", one(has_slugs.then(|| file_size(app.slug_size.unwrap_or(0))))),
            ("Owner", vec![app.owner.email]),
            ("Region", vec![app.region.name]),
            ("Dynos", vec![dynos.join(", ")]),
            ("Stack", vec![stack]),
        ]);
        format!("{}{fields}", heading(&app.name))
    }

    fn shell(self) -> String {
        let app = self.app;
        let mut text = String::new();
        let mut print = |key: &str, value: &str| _ = writeln!(text, "{key}={value}");
        let null = || "null".to_owned();
        print("auto_cert_mgmt", &app.acm.map_or_else(null, |on| on.to_string()));
        print("addons", &self.addons.join(","));
        print("collaborators", &self.collaborators.join(","));
        let times = [
            ("archived_at", app.archived_at),
            ("cron_finished_at", app.cron_finished_at),
            ("cron_next_run", app.cron_next_run),
        ];
        for (key, time) in times {
            if let Some(time) = time {
                print(key, &iso(&time));
            }
        }
        if let Some(size) = app.database_size.filter(|size| *size > 0) {
            print("database_size", &file_size(size));
        }
        // The CLI's word for what the API does not send.
        let status = app.create_status.as_deref().unwrap_or("undefined");
        if status != "complete" {
            print("create_status", status);
        }
        if let Some(coupling) = self.coupling {
            print("pipeline", &format!("{}:{}", coupling.pipeline.name, coupling.stage));
        }
        print("git_url", &app.git_url.unwrap_or_else(null));
        print("web_url", &app.web_url.unwrap_or_else(null));
        print("repo_size", &file_size(app.repo_size.unwrap_or(0)));
        if !is_fir(app.generation.as_ref()) {
            print("slug_size", &file_size(app.slug_size.unwrap_or(0)));
        }
        print("owner", &app.owner.email);
        print("region", &app.region.name);
        print("dynos", &counts(&self.dynos));
        print("stack", &app.stack.name);
        text
    }
}

/// Whether a generation, a text or an object with a name, is Fir.
fn is_fir(generation: Option<&Value>) -> bool {
    let name = generation.map(|it| it.get("name").unwrap_or(it));
    name.and_then(Value::as_str).is_some_and(|name| name.contains("fir"))
}
