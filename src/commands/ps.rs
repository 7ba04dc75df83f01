//! `staging ps`: lists the app's dynos as the Heroku CLI does.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use serde_json::Value;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::heroku::{App, Client, Dyno, EcoQuota};
use crate::inventory::Resource;
use crate::model::AppName;
use crate::parallel::{both, in_parallel};
use crate::terminal::{sanitize_status, time_and_age};
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "List the app's dynos";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging ps
  production ps web worker    dynos of these process types
  staging ps --json | jq '.[] | select(.state == \"crashed\").name'

It is what `heroku ps` prints.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["ps"];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[("types", &[Words::Live(Resource::ProcessTypes)])];

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const UP: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Green)));
const NOT_UP: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Yellow)));

/// The process type of one-off dynos.
const ONE_OFF: &str = "run";

/// The process types to list.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Only dynos of these process types; run means one-off dynos
    #[arg(value_name = "TYPE")]
    types: Vec<String>,
}

/// Prints the dynos of the environment's apps.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let apps = &context.target()?.apps;
    let client = context.heroku()?;
    let all = in_parallel(apps, |name| Dynos::of(client, name, &args.types));
    let all: Vec<Dynos<'_>> = all.into_iter().collect::<Result<_>>()?;
    for wanted in &args.types {
        if !all.iter().any(|dynos| dynos.listed.iter().any(|dyno| dyno["type"] == **wanted)) {
            let names = apps.iter().map(AppName::as_ref).collect::<Vec<_>>().join(", ");
            return Err(Error::failed(format!("no {wanted} dynos on {names}")).hint(context.command(["ps"])));
        }
    }
    if context.options.json {
        let all: Value = all.into_iter().flat_map(|dynos| dynos.listed).collect();
        return context.terminal.print_json(&all);
    }
    let now = Timestamp::now();
    for dynos in all {
        let heading =
            if apps.len() > 1 { format!("{BOLD}{}{BOLD:#}\n\n", dynos.name) } else { String::new() };
        context.terminal.print(&format!("{heading}{}", dynos.text(now)?))?;
    }
    Ok(())
}

/// The dynos of an app, by name.
struct Dynos<'a> {
    name: &'a AppName,
    /// As Heroku tells them.
    listed: Vec<Value>,
    quota: Option<(App, EcoQuota)>,
}

impl<'a> Dynos<'a> {
    fn of(client: &Client, name: &'a AppName, types: &[String]) -> Result<Self> {
        let (app, listed) = both(|| client.app(name.as_ref()), || client.dynos_as_told(name.as_ref()));
        let (app, mut listed) = (app?, listed?);
        if app.is_shielded() {
            listed.iter_mut().for_each(show_as_shielded);
        }
        listed.retain(|dyno| types.is_empty() || types.iter().any(|wanted| dyno["type"] == **wanted));
        listed.sort_by(|one, other| one["name"].as_str().cmp(&other["name"].as_str()));
        let quota = client.eco_quota(&app).map(|quota| (app, quota));
        Ok(Self { name, listed, quota })
    }

    /// One-off dynos first, then the others by their command.
    fn text(self, now: Timestamp) -> Result<String> {
        let mut text = self.quota.map(|(app, quota)| quota_lines(&app, &quota)).unwrap_or_default();
        if self.listed.is_empty() {
            return Ok(format!("{text}No dynos on {}\n", self.name));
        }
        let dynos: Vec<Dyno> =
            self.listed.into_iter().map(serde_json::from_value).collect::<Result<_, _>>()?;
        let (one_offs, others): (Vec<&Dyno>, Vec<&Dyno>) =
            dynos.iter().partition(|dyno| dyno.process_type == ONE_OFF);
        if !one_offs.is_empty() {
            heading(&mut text, &format!("{ONE_OFF}: one-off processes ({})", one_offs.len()));
            let lines = numbered(one_offs).into_iter().map(|dyno| {
                let size = dyno.size.as_deref().filter(|size| !size.is_empty()).unwrap_or("1X");
                let line = line(dyno, &format!("{} ({size})", dyno.name), now);
                format!("{line}: {}\n", shown(dyno.command.as_deref()))
            });
            text.extend(lines);
            text.push('\n');
        }
        let mut commands: Vec<Option<&str>> = Vec::new();
        for dyno in others {
            let command = dyno.command.as_deref();
            if commands.contains(&command) {
                continue;
            }
            commands.push(command);
            // As in the CLI, a one-off dyno that runs the same is among them too.
            let same = numbered(dynos.iter().filter(|other| other.command == dyno.command).collect());
            let (kind, size) =
                same.first().map_or(("", None), |one| (&*one.process_type, one.size.as_deref()));
            let title = format!("{kind} ({}): {} ({})", size.unwrap_or("1X"), shown(command), same.len());
            heading(&mut text, &title);
            text.extend(same.into_iter().map(|dyno| format!("{}\n", line(dyno, &dyno.name, now))));
            text.push('\n');
        }
        Ok(text)
    }
}

/// What a dyno runs; the CLI's word where Heroku tells nothing.
fn shown(command: Option<&str>) -> &str {
    command.unwrap_or("null")
}

/// `Private-M` is `Shield-M` in a Shield space.
fn show_as_shielded(dyno: &mut Value) {
    let size = dyno["size"].as_str().map(|size| size.replacen("Private-", "Shield-", 1));
    if let Some(size) = size {
        dyno["size"] = size.into();
    }
}

fn heading(text: &mut String, title: &str) {
    _ = writeln!(text, "{BOLD}=== {}{BOLD:#}\n", sanitize_status(title));
}

/// `web.1: up 2026/03/14 19:30:00 +0000 (~ 3h ago)`
fn line(dyno: &Dyno, name: &str, now: Timestamp) -> String {
    let style = if dyno.state == "up" { UP } else { NOT_UP };
    let since = time_and_age(&dyno.updated_at, now);
    let [name, state, since] = [name, &dyno.state, &since].map(sanitize_status);
    format!("{name}: {style}{state}{style:#} {DIM}{since}{DIM:#}")
}

/// The dynos in the order of their numbers; those that have none first.
fn numbered(mut dynos: Vec<&Dyno>) -> Vec<&Dyno> {
    let number = |dyno: &&Dyno| {
        let number = dyno.name.split_once('.').and_then(|(_, number)| number.parse::<u64>().ok());
        number.unwrap_or(0)
    };
    dynos.sort_by_key(number);
    dynos
}

/// The hours that the account's eco dynos have left, and what this app used of them.
fn quota_lines(app: &App, quota: &EcoQuota) -> String {
    let all = quota.account_quota;
    let (left, percent) = match all {
        0.0 => (0.0, 0.0),
        all => (all - quota.quota_used, ((all - quota.quota_used) / all * 100.0).floor()),
    };
    let used = quota.apps.iter().find(|used| used.app_uuid == app.id);
    let (used, used_percent) =
        used.map_or((0.0, 0.0), |used| (used.quota_used, (used.quota_used * 100.0 / all).floor()));
    format!(
        "Eco dyno hours quota remaining this month: {} ({percent}%)\n\
         Eco dyno usage for this app: {} ({used_percent}%)\n\
         For more information on Eco dyno hours, see:\n\
         https://devcenter.heroku.com/articles/eco-dyno-hours\n\n",
        hours(left),
        hours(used)
    )
}

/// `343h 12m`
fn hours(seconds: f64) -> String {
    let minutes = seconds / 60.0;
    format!("{}h {}m", (minutes / 60.0).floor(), (minutes % 60.0).floor())
}
