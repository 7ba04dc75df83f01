//! Where the values of the Heroku CLI's arguments and flags come from. Its manifest has only their names, and each name means
//! the same in nearly all commands. A command that is native says itself what its arguments are.

use super::syntax::{Argument, Flag, Syntax, Value};
use crate::heroku_cli::{self, Usage};
use crate::inventory::Resource;
use crate::model::Stage;
use crate::values::Words;

/// The syntax of one of the CLI's commands.
pub(super) fn syntax(usage: &Usage) -> Syntax {
    let flags = usage.flags.iter().flat_map(|flag| {
        let opposite = flag.has_opposite.then(|| Flag {
            name: format!("--no-{}", flag.name),
            help: format!("The opposite of --{}", flag.name),
            ..Flag::default()
        });
        [Some(self::flag(&usage.id, flag)), opposite].into_iter().flatten()
    });
    let mut arguments: Vec<Argument> = usage
        .arguments
        .iter()
        .map(|argument| {
            let words = of_argument(&usage.id, &argument.name).to_vec();
            Argument {
                value: Value { words, options: argument.options.clone(), delimiter: None },
                ..Argument::default()
            }
        })
        .collect();
    if let Some(more) = of_rest(&usage.id) {
        // The manifest declares only the first of them, or none.
        arguments.truncate(usize::from(usage.id == "run:inside"));
        let value = Value { words: vec![more], ..Value::default() };
        let passed_on = matches!(more, Words::DynoCommand | Words::LocalCommand);
        arguments.push(Argument { value, repeats: true, passed_on, after_dashes: false });
    } else if let Some(last) = arguments.last_mut().filter(|_| usage.takes_more) {
        last.repeats = true;
    }
    Syntax { flags: flags.collect(), arguments }
}

fn flag(command: &str, flag: &heroku_cli::Flag) -> Flag {
    let words = of_flag(command, &flag.name).to_vec();
    let letter = flag.letter.map(|letter| format!("-{letter}"));
    let aliases = flag.aliases.iter().map(|alias| format!("--{alias}"));
    Flag {
        name: format!("--{}", flag.name),
        others: letter.into_iter().chain(aliases).collect(),
        help: flag.help.clone(),
        value: flag.takes_value.then(|| Value { words, options: flag.options.clone(), delimiter: None }),
        repeats: flag.repeats,
        rules_out: Vec::new(),
    }
}

/// The values of a command's arguments that its manifest does not name.
fn of_rest(command: &str) -> Option<Words> {
    Some(match command {
        "ps:type" => Words::Resize,
        "container:pull" | "container:push" | "container:release" | "container:rm" | "container:run" => {
            Words::Live(Resource::ProcessTypes)
        }
        "access:remove" => Words::Live(Resource::Collaborators),
        "run:inside" | "ps:exec" => Words::DynoCommand,
        "local:run" => Words::LocalCommand,
        _ => return None,
    })
}

/// Arguments by their names.
fn of_argument(command: &str, name: &str) -> &'static [Words] {
    let topic = command.split(':').next().unwrap_or_default();
    match (topic, name) {
        ("config", "key") => &[Words::Live(Resource::ConfigVars)],
        ("pipelines", "name") if command == "pipelines:connect" => &[Words::Live(Resource::Pipelines)],
        ("redis", "database") => &[Words::Live(Resource::Addons), Words::Live(Resource::Attachments)],
        (_, "database" | "source" | "target") if matches!(topic, "pg" | "data") => {
            &[Words::Live(Resource::Attachments)]
        }
        (_, "addon" | "addonName" | "addon_name" | "attachment_name") => {
            &[Words::Live(Resource::Addons), Words::Live(Resource::Attachments)]
        }
        ("pg", "DATABASE|REPORT_ID") => &[Words::Live(Resource::Attachments)],
        ("pg", "value") if !command.ends_with("duration") => &[Words::These(&["on", "off"])],
        ("data", "day_of_week") => &[Words::These(&DAYS)],
        ("buildpacks", "buildpack") => &[Words::These(&BUILDPACKS)],
        (_, "backup_id" | "backup") => &[Words::Live(Resource::Backups)],
        ("releases", "release") => &[Words::Live(Resource::RollbackTargets)],
        (_, "dyno" | "dyno_name") => &[Words::Live(Resource::Dynos)],
        ("domains", "hostname") if command != "domains:add" => &[Words::Live(Resource::Domains)],
        ("certs", "domain") => &[Words::Live(Resource::Domains)],
        ("features" | "labs", "feature") => &[Words::Live(Resource::Features)],
        ("drains", "url") if command == "drains:remove" => &[Words::Live(Resource::Drains)],
        ("webhooks", "id") if command.matches(':').count() == 1 => &[Words::Live(Resource::Webhooks)],
        ("access", "email") if command == "access:update" => &[Words::Live(Resource::Collaborators)],
        (_, "pipeline") => &[Words::Live(Resource::Pipelines)],
        // Not `apps:destroy APP` and the like: the environment selects the app, and an argument would override it.
        ("apps", "app1" | "app2") | ("reviewapps", "app") => &[Words::Live(Resource::Apps)],
        ("stack" | "apps", "stack") => &[Words::These(&STACKS)],
        ("certs", "CRT" | "KEY") | ("keys", "key") | ("ps", "file") => &[Words::Files],
        ("git", "DIRECTORY") => &[Words::Folders],
        ("local", "processname") => &[Words::Live(Resource::ProcessTypes)],
        ("autocomplete", "shell") => &[Words::These(&["bash", "zsh"])],
        _ => &[Words::Free],
    }
}

/// Flags by their names. `--confirm` offers nothing on purpose: typing the app's name is the confirmation.
fn of_flag(command: &str, name: &str) -> &'static [Words] {
    match name {
        "dyno" => &[Words::Live(Resource::Dynos)],
        "size" => &[Words::Live(Resource::DynoSizes)],
        "pipeline" => &[Words::Live(Resource::Pipelines)],
        "app" | "to" if command != "spaces:rename" => &[Words::Live(Resource::Apps)],
        "remote" => &[Words::Remotes],
        "branch" => &[Words::Branches],
        "stage" => &[Words::These(Stage::WORDS)],
        "file" | "output" | "procfile" => &[Words::Files],
        "env" if command.starts_with("local") => &[Words::Files],
        "context-path" => &[Words::Folders],
        "name" | "cert" if command.starts_with("certs") || command.starts_with("domains") => {
            &[Words::Live(Resource::Certificates)]
        }
        "endpoint" if command.starts_with("certs") => &[Words::Live(Resource::Certificates)],
        "buildpack" => &[Words::These(&BUILDPACKS)],
        "include" if command.starts_with("webhooks") => &[Words::These(&EVENTS)],
        "num" => &[Words::These(&["5", "15", "50", "100"])],
        "permissions" => &[Words::These(&["view", "deploy", "operate", "manage"])],
        "policy" => &[Words::These(&EVICTION)],
        "role" => &[Words::These(&["admin", "member", "viewer", "collaborator"])],
        "stack" => &[Words::These(&STACKS)],
        "status" => &[Words::These(&["pending", "scheduled", "retrying", "failed", "succeeded"])],
        "region" => &[Words::These(&["us", "eu"])],
        "level" if command.starts_with("webhooks") => &[Words::These(&["notify", "sync"])],
        _ => &[Words::Free],
    }
}

const STACKS: [&str; 5] = ["heroku-26", "heroku-24", "heroku-22", "container", "cnb"];

const DAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/// Heroku's own buildpacks.
const BUILDPACKS: [&str; 10] = [
    "heroku/nodejs",
    "heroku/ruby",
    "heroku/python",
    "heroku/php",
    "heroku/go",
    "heroku/java",
    "heroku/gradle",
    "heroku/scala",
    "heroku/clojure",
    "heroku/dotnet",
];

/// The events of a webhook.
const EVENTS: [&str; 10] = [
    "api:release",
    "api:build",
    "api:dyno",
    "api:formation",
    "api:app",
    "api:addon",
    "api:addon-attachment",
    "api:collaborator",
    "api:domain",
    "api:sni-endpoint",
];

/// Redis eviction policies.
const EVICTION: [&str; 8] = [
    "noeviction",
    "allkeys-lru",
    "volatile-lru",
    "allkeys-lfu",
    "volatile-lfu",
    "allkeys-random",
    "volatile-random",
    "volatile-ttl",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    use serde_json::Value as Json;

    use super::*;
    use crate::commands;

    /// Names of arguments and flags for which nothing is known: new names, numbers, times, texts, and what only a request
    /// of its own could tell. `confirm` is the name of the app, to be typed by the person who means it.
    #[rustfmt::skip]
    const FREE: &[&str] = &[
        "--addons", "--area", "--arg", "--as", "--at", "--authorization", "--browser", "--cidr",
        "--cidrs", "--city", "--client-id", "--client-secret", "--columns", "--command", "--config",
        "--confirm", "--country", "--credential", "--critical", "--data-cidr", "--description",
        "--endpoint", "--env", "--exclude-table-data", "--expires-in", "--extensions", "--filter",
        "--followers", "--from", "--headers", "--hours", "--index", "--interval", "--ip",
        "--keysize", "--level", "--max", "--min", "--name", "--namespace", "--node", "--owner",
        "--p95", "--pcxid", "--pool", "--port", "--provision-option", "--repo", "--rollback-by",
        "--rollback-to", "--scope", "--seconds", "--secret", "--set", "--signals", "--sort",
        "--space", "--start-cmd", "--subject", "--team", "--timeout", "--to", "--transport",
        "--url", "--version", "--wait-interval", "--warning", "--week", "--weeks", "app",
        "ci:config:set …", "ci:config:unset …", "command", "completion", "email", "endpoint",
        "git:remote …", "hostname", "id", "key", "link", "members:remove …", "members:set …",
        "name", "new_name", "newname", "number", "owner", "pg:backups …", "pid", "plan",
        "port", "prefix", "rake …", "recipient", "redirect_uri", "remote", "repo", "service",
        "service:plan", "source", "telemetry_drain_id", "term", "test-run", "time_of_day", "url",
        "value", "version",
    ];

    /// The CLI's manifest, where there is a CLI to test with.
    fn manifest() -> Option<Json> {
        let Some(cli) = std::env::var_os("GREENROOM_HEROKU_CLI") else {
            assert!(std::env::var_os("CI").is_none(), "the official CLI is missing");
            return None;
        };
        let cli = PathBuf::from(cli).canonicalize().unwrap();
        let manifest =
            cli.ancestors().map(|folder| folder.join("oclif.manifest.json")).find(|file| file.is_file());
        Some(serde_json::from_slice(&std::fs::read(manifest.unwrap()).unwrap()).unwrap())
    }

    #[test]
    fn no_other_app_is_offered_where_the_environment_says_which() {
        for command in ["apps:destroy", "apps:info"] {
            assert_eq!(of_argument(command, "app"), [Words::Free], "{command}");
        }
        assert_eq!(of_argument("apps:diff", "app1"), [Words::Live(Resource::Apps)]);
    }

    #[test]
    fn whatever_the_cli_takes_is_offered_or_known_to_be_free() {
        let Some(manifest) = manifest() else { return };
        let mut unknown = BTreeSet::new();
        for (id, command) in manifest["commands"].as_object().unwrap() {
            let named = |kind: &str| command[kind].as_object().cloned().unwrap_or_default().into_iter();
            let listed = |what: &Json| !what["options"].as_array().is_none_or(Vec::is_empty);
            let native = commands::find(&commands::of("staging"), id).map(Syntax::of);
            let is_ours = |flag: &str| native.as_ref().is_some_and(|native| native.flag(flag).is_some());
            let arguments = if native.is_some() { "none" } else { "args" };
            for (name, what) in named(arguments).filter(|(_, what)| !listed(what)) {
                if of_rest(id).is_none() && of_argument(id, &name) == [Words::Free] && what["hidden"] != true
                {
                    unknown.insert(name);
                }
            }
            for (name, what) in named("flags").filter(|(_, what)| what["type"] == "option" && !listed(what)) {
                let is_unknown = of_flag(id, &name) == [Words::Free] && !is_ours(&format!("--{name}"));
                if is_unknown && what["hidden"] != true {
                    unknown.insert(format!("--{name}"));
                }
            }
            if command["strict"] == false
                && native.is_none()
                && command["args"].as_object().is_none_or(serde_json::Map::is_empty)
                && of_rest(id).is_none()
            {
                unknown.insert(format!("{id} …"));
            }
        }
        let free: BTreeSet<String> = FREE.iter().map(|name| (*name).to_owned()).collect();
        let new: Vec<_> = unknown.difference(&free).collect();
        assert!(new.is_empty(), "nothing is offered for {new:?}");
        let gone: Vec<_> = free.difference(&unknown).collect();
        assert!(gone.is_empty(), "no longer free, or gone: {gone:?}");
    }
}
