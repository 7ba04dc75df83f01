//! The official CLI as a client. `GREENROOM_HEROKU_CLI` names it, else it is `heroku` on PATH; without it these tests are
//! skipped.

mod common;

use std::ffi::OsString;
use std::io;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use common::{cli, command};
use rehearsal::{Fault, Rehearsal, Sandbox, Settings, history};
use serde_json::json;

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

fn heroku(cli: &OsString, sandbox: &Sandbox, arguments: &str) -> io::Result<Said> {
    let mut command = command(sandbox, &cli.to_string_lossy());
    let output = command.args(arguments.split(' ')).stdin(Stdio::null()).output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Said { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) })
}

/// Asserts that a command succeeds and prints these words.
fn expect(cli: &OsString, sandbox: &Sandbox, arguments: &str, words: &[&str]) {
    match heroku(cli, sandbox, arguments) {
        Err(error) => panic!("{arguments}: {error}"),
        Ok(said) => {
            assert_eq!(said.code, Some(0), "{arguments}\n{}\n{}", said.out, said.err);
            let all = format!("{}{}", said.out, said.err);
            for word in words {
                assert!(all.contains(word), "{arguments} lacks {word}\n{all}");
            }
            assert!(!said.err.contains("terms of service"), "{arguments}\n{}", said.err);
        }
    }
}

#[test]
fn everyday_commands() -> io::Result<()> {
    let Some(cli) = cli() else { return Ok(()) };
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let body = json!({ "commit": history::MAIN[4], "status": "failed", "user": "grace@playhouse.example" });
    rehearsal.call("POST", "/_rehearsal/apps/playhouse-pr-42-x7k2/releases", Some(body));
    let lines: [&[(&str, &[&str])]; 2] = [
        &[
            ("ps -a playhouse-staging", &["=== web (Basic): node server.js (1)", "web.1: up"]),
            ("releases -a playhouse-production", &["v18", "Set LOG_LEVEL config vars"]),
            ("releases -a playhouse-pr-42-x7k2", &["release command failed", "grace@playhouse.example"]),
            ("config -a playhouse-staging", &["LOG_LEVEL:", "debug"]),
            ("apps:info -a playhouse-staging", &["heroku-postgresql:essential-0", "playhouse - staging"]),
            ("logs -a playhouse-staging -n 20", &["heroku[router]: at=info"]),
            ("maintenance -a playhouse-staging", &["off"]),
            ("addons -a playhouse-staging", &["DATABASE"]),
            ("features -a playhouse-staging", &["[ ] preboot"]),
            ("labs:enable runtime-dyno-metadata -a playhouse-staging", &["Enabling runtime-dyno-metadata"]),
            ("labs -a playhouse-staging", &["[+] runtime-dyno-metadata"]),
            ("buildpacks -a playhouse-staging", &["heroku/nodejs"]),
        ],
        &[
            ("maintenance:on -a understudy", &["Enabling maintenance mode"]),
            ("config:set -a understudy LOG_LEVEL=warn", &["done, v5"]),
            ("rollback -a understudy v4", &["done, v6"]),
            ("ps:scale -a understudy web=2", &["now running web at 2:Basic"]),
            ("ps:restart -a understudy", &["Restarting"]),
            ("pipelines:info playhouse", &["playhouse-production", "staging"]),
            ("releases:info -a understudy", &["Rollback to v4"]),
            ("domains -a understudy", &["understudy-"]),
            (
                "buildpacks:set https://github.com/playhouse/stage-machinery -a understudy",
                &["Buildpack set. Next release on", "will use https://github.com/playhouse/stage-machinery"],
            ),
            (
                "apps:create playhouse-matinee --region eu --team playhouse --no-remote",
                &["region is eu", "https://git.heroku.com/playhouse-matinee.git"],
            ),
            (
                "pipelines:add playhouse -a playhouse-matinee -s production",
                &["Adding", "to playhouse pipeline as production"],
            ),
            ("apps:destroy -a playhouse-matinee --confirm playhouse-matinee", &["Destroying", "done"]),
        ],
    ];
    thread::scope(|scope| {
        let (cli, sandbox) = (&cli, &sandbox);
        for half in lines {
            scope.spawn(move || half.iter().for_each(|(line, words)| expect(cli, sandbox, line, words)));
        }
    });
    Ok(())
}

#[test]
fn addons_domains_and_access() -> io::Result<()> {
    let Some(cli) = cli() else { return Ok(()) };
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let lines: [&[(&str, &[&str])]; 3] = [
        &[
            ("domains:add www.understudy.example -a understudy", &["Configure your app's DNS provider"]),
            ("domains:wait www.understudy.example -a understudy", &[]),
            ("domains:info www.understudy.example -a understudy", &["succeeded"]),
            ("domains:remove www.understudy.example -a understudy", &["Removing"]),
            ("drains:add https://logs.understudy.example -a understudy", &["Successfully added drain"]),
            ("drains -a understudy", &["https://logs.understudy.example"]),
            ("drains:remove https://logs.understudy.example -a understudy", &["Successfully removed drain"]),
            ("access:add ada@playhouse.example -a understudy", &["done"]),
            ("access -a understudy", &["ada@playhouse.example"]),
            ("access:remove ada@playhouse.example -a understudy", &["done"]),
            (
                "webhooks:add -a understudy -i api:release -l notify -u https://hooks.understudy.example",
                &["Adding webhook"],
            ),
            ("webhooks -a understudy", &["https://hooks.understudy.example"]),
            ("webhooks:deliveries -a understudy", &["no deliveries"]),
        ],
        &[
            ("addons:create cloudamqp --name queue-round-1 -a playhouse-staging", &["CLOUDAMQP_URL"]),
            ("addons:wait -a playhouse-staging", &[]),
            ("addons:info queue-round-1 -a playhouse-staging", &["playhouse-staging::CLOUDAMQP"]),
            ("addons:attach queue-round-1 -a playhouse-prepare --as TICKETS", &["Attaching", "TICKETS"]),
            ("config:get TICKETS_URL -a playhouse-prepare", &["amqps://"]),
            ("addons:detach TICKETS -a playhouse-prepare", &["Detaching TICKETS"]),
            ("addons:upgrade DATABASE heroku-postgresql:standard-0 -a playhouse-staging", &["standard-0"]),
            (
                "addons:destroy queue-round-1 -a playhouse-staging --confirm playhouse-staging",
                &["Destroying"],
            ),
            ("addons:create heroku-postgresql -a playhouse-staging", &["HEROKU_POSTGRESQL_AMBER_URL"]),
            ("addons:services", &["cloudamqp", "Heroku Postgres"]),
            ("addons:plans heroku-postgresql", &["essential-0", "$50/month"]),
        ],
        &[
            (
                "pipelines:create matinee -a understudy -s staging",
                &["Creating matinee pipeline", "as staging"],
            ),
            ("pipelines:rename matinee soiree", &["Renaming"]),
            ("pipelines", &["playhouse", "soiree"]),
            ("pipelines:update -a understudy -s production", &["Changing"]),
            ("pipelines:remove -a understudy", &["Removing"]),
            ("pipelines:destroy soiree", &["Destroying"]),
            ("stack -a playhouse-production", &["* heroku-24"]),
            ("regions", &["Dublin"]),
            ("authorizations:create -d Nightly", &["HRKU-"]),
            ("authorizations", &["Nightly"]),
            ("apps:transfer ada@playhouse.example -a playhouse-prepare", &["Initiating transfer"]),
            ("keys", &["no SSH keys"]),
            ("members -t playhouse", &["director@playhouse.example"]),
        ],
    ];
    thread::scope(|scope| {
        let (cli, sandbox) = (&cli, &sandbox);
        for part in lines {
            scope.spawn(move || part.iter().for_each(|(line, words)| expect(cli, sandbox, line, words)));
        }
    });
    Ok(())
}

#[test]
fn unsupported_commands_are_reported() -> io::Result<()> {
    let Some(cli) = cli() else { return Ok(()) };
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    for (line, route) in [
        ("certs:auto:enable -a understudy", "POST /apps/understudy/acm"),
        ("apps:join -a understudy", "POST /teams/apps/understudy/collaborators"),
    ] {
        let said = heroku(&cli, &sandbox, line)?;
        assert_ne!(said.code, Some(0), "{line}: {}{}", said.out, said.err);
        let all = said.err.split_whitespace().filter(|word| *word != "›").collect::<Vec<_>>().join(" ");
        assert!(all.contains(&format!("The rehearsal does not play {route}.")), "{line}: {}", said.err);
    }
    Ok(())
}

#[test]
fn releases_retry_runs_the_release_command() -> io::Result<()> {
    let Some(cli) = cli() else { return Ok(()) };
    let settings = Settings { release_phase_time: Duration::from_millis(2500), ..Settings::default() };
    let rehearsal = Rehearsal::start_with(settings)?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let body = json!({ "release_phase_command": "echo The curtain rises", "status": "failed" });
    rehearsal.call("POST", "/_rehearsal/apps/understudy/releases", Some(body));
    let body = json!({ "release_phase_command": "echo The curtain rises", "status": "succeeded" });
    rehearsal.call("POST", "/_rehearsal/apps/understudy/releases", Some(body));
    expect(
        &cli,
        &sandbox,
        "releases:retry -a understudy",
        &["Retrying v6", "done, v7", "Running release command"],
    );
    let retried = rehearsal.call("GET", "/apps/understudy/releases/7", None).1;
    assert_eq!(retried["description"], "Retry of v6: Deploy");
    Ok(())
}

#[test]
fn promotions() -> io::Result<()> {
    let Some(cli) = cli() else { return Ok(()) };
    // It polls once a second, and shows the output of a release command only if it sees it running.
    let settings = Settings { release_phase_time: Duration::from_millis(2500), ..Settings::default() };
    let rehearsal = Rehearsal::start_with(settings)?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let command = json!({ "release_phase_command": "echo The curtain rises" });
    rehearsal.call("POST", "/_rehearsal/apps/playhouse-staging/releases", Some(command));
    common::wait("staging's own release phase", || {
        rehearsal.call("GET", "/apps/playhouse-staging/releases/12", None).1["status"] == "succeeded"
    });
    let line = "pipelines:promote -a playhouse-staging --to playhouse-production";
    expect(
        &cli,
        &sandbox,
        line,
        &["The curtain rises", "Promotion successful", "playhouse-production: succeeded"],
    );
    rehearsal.inject(Fault::FailReleasePhase {
        app: "playhouse-production".to_owned(),
        output: "No curtain".to_owned(),
    });
    let said = heroku(&cli, &sandbox, line)?;
    assert_eq!(said.code, Some(1), "{}{}", said.out, said.err);
    assert!(said.out.contains("No curtain") && said.out.contains("Release command failed"), "{}", said.out);
    Ok(())
}
