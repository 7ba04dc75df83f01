//! The data API over a real PostgreSQL, and played. Without PostgreSQL 15, or the official CLI, its test is skipped.

mod common;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use common::{SDK, V3, ask, cli, command, raw, skipped, wait};
use rehearsal::postgres::{Server, installed};
use rehearsal::{Fault, Rehearsal, Sandbox, Settings};
use serde_json::{Value, json};

const PRODUCTION: &str = "/client/v11/apps/playhouse-production/transfers";

/// Settings with real databases; none without PostgreSQL 15.
fn real() -> Option<Settings> {
    if installed().contains_key(&15) {
        return Some(Settings { postgres: Some(15), ..Settings::default() });
    }
    skipped::skip(skipped::postgres(15));
    None
}

fn get(rehearsal: &Rehearsal, path: &str) -> Value {
    rehearsal.call("GET", path, None).1
}

fn sql(rehearsal: &Rehearsal, app: &str, sql: &str) -> String {
    let (status, answer) =
        rehearsal.call("POST", &format!("/_rehearsal/apps/{app}/sql"), Some(json!({ "sql": sql })));
    assert_eq!(status, 200, "{answer}");
    answer["rows"].as_str().unwrap_or_default().to_owned()
}

/// The attachment of an app's database.
fn attachment(rehearsal: &Rehearsal, app: &str, word: &str) -> io::Result<Value> {
    let body = json!({ "addon_attachment": word, "app": app }).to_string();
    let headers = [("Accept-Inclusion", "addon:plan,config_vars")];
    let heard =
        common::ask_with(rehearsal, SDK, "POST", "/actions/addon-attachments/resolve", &headers, &body)?;
    Ok(heard.json()[0].clone())
}

fn database(rehearsal: &Rehearsal, app: &str) -> io::Result<String> {
    let attachment = attachment(rehearsal, app, "DATABASE_URL")?;
    Ok(format!("/client/v11/databases/{}", attachment["addon"]["id"].as_str().unwrap_or_default()))
}

/// Waits for the end of a transfer and gives it with its log.
fn ended(rehearsal: &Rehearsal, app: &str, transfer: &Value) -> Value {
    let path = format!(
        "/client/v11/apps/{app}/transfers/{}?verbose=true",
        transfer["uuid"].as_str().unwrap_or_default()
    );
    wait("the transfer", || !get(rehearsal, &path)["finished_at"].is_null());
    get(rehearsal, &path)
}

/// The path of the signed URL of a transfer.
fn signed(rehearsal: &Rehearsal, number: u64) -> io::Result<String> {
    let answer = ask(rehearsal, V3, "POST", &format!("{PRODUCTION}/{number}/actions/public-url"), "")?;
    let url = answer.json()["url"].as_str().unwrap_or_default().to_owned();
    Ok(url.trim_start_matches(&rehearsal.url()).to_owned())
}

/// What a program of PostgreSQL 15 prints of a dump.
fn listed(dump: &[u8]) -> io::Result<String> {
    let server = Server::shared(15)?;
    let mut child =
        server.program("pg_restore").arg("-l").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let input = child.stdin.take();
    thread::scope(|scope| {
        scope.spawn(move || input.map(|mut input| input.write_all(dump)));
        child.wait_with_output()
    })
    .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn a_backup_of_one_app_is_restored_into_another() -> io::Result<()> {
    let Some(settings) = real() else { return Ok(()) };
    let rehearsal = Rehearsal::start_with(settings)?;
    let production = database(&rehearsal, "playhouse-production")?;
    let staging = database(&rehearsal, "playhouse-staging")?;
    let info = ask(&rehearsal, V3, "GET", &production, "")?.json();
    let row = |name: &str| info["info"].as_array().into_iter().flatten().find(|row| row["name"] == name);
    assert!(
        row("PG Version").is_some_and(|row| row["values"][0].as_str().unwrap_or_default().starts_with("15."))
    );
    assert!(info["resource_url"].as_str().unwrap_or_default().starts_with("postgres://u"), "{info}");
    let asked = ask(&rehearsal, V3, "POST", &format!("{production}/backups"), "")?;
    assert_eq!((asked.status, asked.json()["num"].as_u64()), (201, Some(5)));
    assert!(asked.json()["finished_at"].is_null());
    let backup = ended(&rehearsal, "playhouse-production", &asked.json());
    assert_eq!(backup["succeeded"], true, "{backup}");
    let dump = raw(&rehearsal, "GET", &signed(&rehearsal, 5)?, &[], "")?;
    assert_eq!(backup["processed_bytes"], dump.body.len());
    let list = listed(&dump.body)?;
    for leftover in [
        "SCHEMA - _heroku heroku_admin",
        "SCHEMA - heroku_ext",
        "EXTENSION - pg_stat_statements",
        "EVENT TRIGGER - extension_before_drop",
        "COMMENT - SCHEMA public u",
    ] {
        assert!(list.contains(leftover), "{leftover}: {list}");
    }
    sql(&rehearsal, "playhouse-staging", "create table only_here (); delete from tickets");
    assert_eq!(
        sql(&rehearsal, "playhouse-staging", "select title from shows where id = 4"),
        "Tonight at playhouse-staging"
    );
    let body = json!({ "backup_url": backup["to_url"] }).to_string();
    let asked = ask(&rehearsal, V3, "POST", &format!("{staging}/restores"), &body)?;
    let restore = ended(&rehearsal, "playhouse-staging", &asked.json());
    assert_eq!((&restore["succeeded"], &restore["warnings"]), (&json!(true), &json!(0)), "{restore}");
    assert_eq!(
        sql(&rehearsal, "playhouse-staging", "select title from shows where id = 4"),
        "Tonight at playhouse-production"
    );
    assert_eq!(sql(&rehearsal, "playhouse-staging", "select to_regclass('only_here') is not null"), "t");
    assert_eq!(ask(&rehearsal, V3, "PUT", &format!("{staging}/reset"), "{}")?.status, 200);
    assert_eq!(sql(&rehearsal, "playhouse-staging", "select to_regclass('public.shows') is null"), "t");
    Ok(())
}

#[test]
fn config_vars_lead_to_the_database_with_its_password_and_a_follower_only_reads() -> io::Result<()> {
    let Some(settings) = real() else { return Ok(()) };
    let rehearsal = Rehearsal::start_with(settings)?;
    let server = Server::shared(15)?;
    attachment(&rehearsal, "playhouse-production", "DATABASE")?;
    attachment(&rehearsal, "playhouse-production", "HEROKU_POSTGRESQL_AMBER")?;
    let config = get(&rehearsal, "/apps/playhouse-production/config-vars");
    let query = |var: &str, sql: &str| -> io::Result<(bool, String)> {
        let url = config[var].as_str().unwrap_or_default();
        let output = server.program("psql").args(["-X", "-A", "-t", "-w", "-c", sql, url]).output()?;
        Ok((output.status.success(), String::from_utf8_lossy(&output.stdout).trim().to_owned()))
    };
    let opened = (true, "Tonight at playhouse-production".to_owned());
    for var in ["DATABASE_URL", "HEROKU_POSTGRESQL_AMBER_URL"] {
        assert_eq!(query(var, "select title from shows where id = 4")?, opened);
    }
    assert!(query("DATABASE_URL", "delete from tickets")?.0);
    assert!(!query("HEROKU_POSTGRESQL_AMBER_URL", "delete from shows")?.0);
    let url = config["DATABASE_URL"].as_str().unwrap_or_default().replace(":p", ":wrong");
    let output = server.program("psql").args(["-X", "-w", "-c", "select 1", &url]).output()?;
    assert!(String::from_utf8_lossy(&output.stderr).contains("password authentication failed"));
    Ok(())
}

#[test]
fn the_store_of_backups_knows_parts_ends_and_faults() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let path = signed(&rehearsal, 1)?;
    let whole = raw(&rehearsal, "GET", &path, &[], "")?;
    assert!(whole.status == 200 && whole.body.starts_with(b"PGDMP"), "{whole:?}");
    let tag = whole.header("etag").unwrap_or_default().to_owned();
    let part = raw(&rehearsal, "GET", &path, &[("Range", "bytes=100-"), ("If-Range", &tag)], "")?;
    assert_eq!((part.status, &*part.body), (206, &whole.body[100..]));
    let length = whole.body.len();
    assert_eq!(part.header("content-range"), Some(&*format!("bytes 100-{}/{length}", length - 1)));
    let other = raw(&rehearsal, "GET", &path, &[("Range", "bytes=100-"), ("If-Range", "\"x\"")], "")?;
    assert_eq!((other.status, other.body.len()), (200, length));
    let bearer = format!("Bearer {}", rehearsal.token());
    assert_eq!(raw(&rehearsal, "GET", &path, &[("Authorization", &bearer)], "")?.status, 400);
    assert_eq!(raw(&rehearsal, "GET", &path.replace("Signature=", "Signature=0"), &[], "")?.status, 403);
    rehearsal.inject(Fault::cut_body("GET /backup-store/*", 1000).times(1));
    let cut = raw(&rehearsal, "GET", &path, &[], "")?;
    assert_eq!((cut.body.len(), cut.header("content-length")), (1000, Some(&*length.to_string())));
    rehearsal.call("PATCH", "/_rehearsal/settings", Some(json!({ "public_url_time_ms": 0 })));
    let expired = raw(&rehearsal, "GET", &signed(&rehearsal, 1)?, &[], "")?;
    assert!(expired.status == 403 && expired.text().contains("Request has expired"), "{expired:?}");
    Ok(())
}

#[test]
fn transfers_fail_stall_and_are_canceled_on_demand() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let path = format!("{}/backups", database(&rehearsal, "playhouse-staging")?);
    rehearsal.inject(Fault::FailTransfer { app: "playhouse-staging".into(), message: "out of paper".into() });
    let failed = ended(&rehearsal, "playhouse-staging", &ask(&rehearsal, V3, "POST", &path, "")?.json());
    assert_eq!(
        (&failed["succeeded"], &failed["logs"][1]["message"]),
        (&json!(false), &json!("out of paper"))
    );
    rehearsal.heal();
    rehearsal.inject(Fault::StallTransfer { app: "playhouse-staging".into() });
    let stalled = ask(&rehearsal, V3, "POST", &path, "")?.json();
    let of = format!(
        "/client/v11/apps/playhouse-staging/transfers/{}",
        stalled["uuid"].as_str().unwrap_or_default()
    );
    wait("some progress", || get(&rehearsal, &of)["processed_bytes"].as_u64() > Some(0));
    let canceled = ask(&rehearsal, V3, "POST", &format!("{of}/actions/cancel"), "")?;
    assert!(canceled.status == 201 && !canceled.json()["canceled_at"].is_null());
    assert_eq!(ask(&rehearsal, V3, "DELETE", &of, "")?.status, 200);
    assert_eq!(ask(&rehearsal, V3, "GET", &of, "")?.status, 404);
    rehearsal.call(
        "PATCH",
        "/_rehearsal/apps/playhouse-staging/addons/DATABASE",
        Some(json!({ "state": "provisioning" })),
    );
    let waiting = path.replace("/backups", "");
    assert_eq!(ask(&rehearsal, V3, "GET", &waiting, "")?.status, 404);
    assert_eq!(ask(&rehearsal, V3, "GET", &format!("{waiting}/wait_status"), "")?.json()["waiting?"], true);
    Ok(())
}

#[test]
fn attachments_of_another_app_and_of_credentials_are_resolved() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let attach = |body: Value| {
        rehearsal.call("POST", "/_rehearsal/apps/playhouse-staging/addon-attachments", Some(body))
    };
    let vars = json!({ "LIVE_URL": "postgres://u:p@h:5432/d" });
    attach(
        json!({ "name": "LIVE", "app": "playhouse-production", "addon": "DATABASE", "config_vars": vars }),
    );
    let vars = json!({ "READER_URL": "postgres://r:p@h:5432/d" });
    let reader = json!({
        "name": "READER", "app": "playhouse-staging", "addon": "DATABASE", "namespace": "credential:reader",
        "config_vars": vars,
    });
    attach(reader);
    let live = attachment(&rehearsal, "playhouse-staging", "LIVE_URL")?;
    assert_eq!(
        (&live["app"]["name"], &live["addon"]["app"]["name"], &live["addon"]["plan"]["name"]),
        (&json!("playhouse-staging"), &json!("playhouse-production"), &json!("heroku-postgresql:standard-0"))
    );
    let own = attachment(&rehearsal, "playhouse-staging", "DATABASE")?;
    let body = json!({ "addon_attachment": own["addon"]["name"], "app": "playhouse-staging" });
    let both = rehearsal.call("POST", "/actions/addon-attachments/resolve", Some(body)).1;
    let namespaces: Vec<&Value> =
        both.as_array().into_iter().flatten().map(|one| &one["namespace"]).collect();
    assert_eq!(namespaces, [&Value::Null, &json!("credential:reader")]);
    Ok(())
}

fn heroku(cli: &OsString, sandbox: &Sandbox, line: &str) -> io::Result<(Option<i32>, String)> {
    let mut heroku: Command = command(sandbox, &cli.to_string_lossy());
    let output = heroku.args(line.split(' ')).stdin(Stdio::null()).output()?;
    let all = [output.stdout, output.stderr].concat();
    Ok((output.status.code(), String::from_utf8_lossy(&all).into_owned()))
}

#[test]
fn the_official_cli_backs_up_restores_copies_and_schedules() -> io::Result<()> {
    let Some(cli) = cli() else { return Ok(()) };
    let Some(settings) = real() else { return Ok(()) };
    let rehearsal =
        Rehearsal::start_with(Settings { transfer_time: Duration::from_millis(300), ..settings })?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let lines: [&[(&str, &[&str])]; 3] = [
        &[
            (
                "pg:info -a playhouse-production",
                &["Plan:", "Standard 0", "PG Version:", "Following:", "DATABASE"],
            ),
            ("pg:backups -a playhouse-production", &["b001", "a002", "r003", "a004", "Failed"]),
            (
                "pg:backups:capture -a playhouse-production",
                &["Backing up DATABASE to b005... done", "Continuous protection"],
            ),
            ("pg:backups:info b005 -a playhouse-production", &["Completed", "Manual", "Backup Logs"]),
            ("pg:backups:url b005 -a playhouse-production", &["http://127.0.0.1:", "X-Amz-Signature="]),
            (
                "pg:backups:delete b001 -a playhouse-production --confirm playhouse-production",
                &["Deleting backup b001"],
            ),
            (
                "pg:backups:restore playhouse-production::b005 DATABASE -a understudy --confirm understudy",
                &["Restoring... done"],
            ),
        ],
        &[
            ("addons:create heroku-postgresql -a playhouse-staging", &["HEROKU_POSTGRESQL_AMBER_URL"]),
            (
                "pg:copy DATABASE HEROKU_POSTGRESQL_AMBER -a playhouse-staging --confirm AMBER",
                &["Starting copy of DATABASE to AMBER", "Copying... done"],
            ),
            ("pg:wait -a playhouse-staging", &[]),
            ("pg:credentials:url DATABASE -a playhouse-staging", &["postgres://u"]),
            ("pg:reset DATABASE -a playhouse-staging --confirm playhouse-staging", &["Resetting", "done"]),
        ],
        &[
            (
                "pg:backups:schedule DATABASE --at 02:00 -a playhouse-prepare",
                &["Scheduling automatic daily backups"],
            ),
            ("pg:backups:schedules -a playhouse-prepare", &["DATABASE_URL: daily at 02:00 UTC"]),
            ("pg:backups:unschedule DATABASE -a playhouse-prepare", &["Unscheduling"]),
        ],
    ];
    thread::scope(|scope| {
        let (cli, sandbox) = (&cli, &sandbox);
        for part in lines {
            scope.spawn(move || {
                for (line, words) in part {
                    match heroku(cli, sandbox, line) {
                        Ok((Some(0), said)) if words.iter().all(|word| said.contains(word)) => {}
                        other => panic!("{line}: {other:?}"),
                    }
                }
            });
        }
    });
    // Its `pg:backups:download` takes nothing but https; here it is the same request.
    let dump = raw(&rehearsal, "GET", &signed(&rehearsal, 5)?, &[], "")?;
    assert!(listed(&dump.body)?.contains("TABLE DATA public tickets"));
    let title = "select title from shows where id = 4";
    assert_eq!(sql(&rehearsal, "understudy", title), "Tonight at playhouse-production");
    let body = json!({ "database": "HEROKU_POSTGRESQL_AMBER", "sql": title });
    let copied = rehearsal.call("POST", "/_rehearsal/apps/playhouse-staging/sql", Some(body)).1;
    assert_eq!(copied["rows"], "Tonight at playhouse-staging");
    assert_eq!(sql(&rehearsal, "playhouse-staging", "select to_regclass('public.shows') is null"), "t");
    rehearsal.inject(Fault::StallTransfer { app: "understudy".into() });
    let path = format!("{}/backups", database(&rehearsal, "understudy")?);
    ask(&rehearsal, V3, "POST", &path, "")?;
    let (code, said) = heroku(&cli, &sandbox, "pg:backups:cancel -a understudy")?;
    assert!(code == Some(0) && said.contains("Cancelling b002... done"), "{said}");
    Ok(())
}
