//! `psql`: the local program, what it is given, and what is left to the Heroku CLI.

use serde_json::json;

use super::super::official_cli::with_the_cli;
use super::super::scene::{Scene, install_script, link_tool};
use super::real;

/// A psql that prints the variables of libpq that it has, and its arguments.
const RECORDING: &str = "for name in PGAPPNAME PGDATABASE PGHOST PGHOSTADDR PGOPTIONS PGPASSWORD PGPORT PGSERVICE PGSSLMODE PGUSER; \
    do\n  eval \"test -z \\\"\\${$name+x}\\\" || echo \\\"$name=\\$$name\\\"\"\ndone\nprintf '<%s>\\n' \"$@\"";

fn record(scene: &Scene) {
    install_script(&scene.folder().join("tools/psql"), RECORDING);
}

#[test]
fn psql_has_everything_in_its_environment() {
    let mut scene = Scene::quiet();
    record(&scene);
    scene
        .set("PGHOSTADDR", "10.0.0.1")
        .set("PGSERVICE", "elsewhere")
        .set("PGUSER", "me")
        .set("PGSSLMODE", "disable");
    insta::assert_snapshot!(scene.run_words("staging", &["psql", "-c", "select 1"]), @"
    PGAPPNAME=psql non-interactive
    PGDATABASE=d1
    PGHOST=db-1.playhouse.example
    PGPASSWORD=p4ss
    PGPORT=5432
    PGSSLMODE=require
    PGUSER=u1
    <-c>
    <select 1>
    <--set>
    <sslmode=require>
    <--set>
    <channel_binding=require>
    ------- stderr -------
    --> Connecting to postgresql-curved-12346
    ");
    insta::assert_snapshot!(scene.run("production pg:psql --read-only"), @"
    PGAPPNAME=psql interactive
    PGDATABASE=d2
    PGHOST=db-2.playhouse.example
    PGOPTIONS=-c default_transaction_read_only=on
    PGPASSWORD=p4ss
    PGPORT=5432
    PGSSLMODE=require
    PGUSER=u2
    <--set>
    <PROMPT1=playhouse-production::DATABASE%R%# >
    <--set>
    <PROMPT2=playhouse-production::DATABASE%R%# >
    <--set>
    <sslmode=require>
    <--set>
    <channel_binding=require>
    ------- stderr -------
    production: playhouse-production is protected
    --> Connecting to postgresql-curved-12347
    ");
    let folder = scene.folder().to_owned();
    scene.set("PGSSLMODE", "verify-full").set("HEROKU_PSQL_HISTORY", folder);
    let outcome = scene.run("staging psql DATABASE_URL");
    assert!(outcome.stdout.contains("PGSSLMODE=verify-full\n"), "{outcome}");
    assert!(outcome.stdout.contains("/playhouse-staging>\n"), "{outcome}");
    insta::assert_snapshot!(scene.run("staging --dry-run psql -f x.sql"), @"psql -f x.sql --set sslmode=require --set channel_binding=require");
    let changed = scene.requests().into_iter().filter(|line| !line.starts_with("GET "));
    assert!(changed.into_iter().all(|line| line == "POST /actions/addon-attachments/resolve"));
}

#[test]
fn a_password_is_decoded_and_seen_by_psql_alone() {
    let scene = Scene::quiet();
    record(&scene);
    let vars = json!({ "DATABASE_URL": "postgres://u:p%40ss%20word@db.example/d" });
    scene.panel("PATCH", "/apps/playhouse-staging/config-vars", vars);
    let outcome = scene.run("staging --verbose psql");
    assert!(outcome.stdout.contains("PGPASSWORD=p@ss word\n"), "{outcome}");
    assert!(!outcome.stderr.contains("word") && !outcome.stderr.contains("p%40"), "{outcome}");
    assert!(!scene.run("staging --dry-run psql").to_string().contains("p%40"));
}

#[test]
fn the_heroku_cli_gets_into_private_spaces() {
    let scene = Scene::quiet();
    record(&scene);
    install_script(&scene.folder().join("tools/heroku"), "printf '<%s>' heroku \"$@\"; echo");
    let plan = json!({ "plan": "heroku-postgresql:private-4", "attachment": { "name": "VAULT" } });
    scene.ask("POST", "/apps/playhouse-staging/addons", plan);
    insta::assert_snapshot!(scene.run("staging psql VAULT -f x.sql"), @"<heroku><pg:psql><--app=playhouse-staging><VAULT><-f><x.sql>");
    insta::assert_snapshot!(scene.run("staging psql VAULT --read-only"), @"
    ------- stderr -------
    error: --read-only is not supported: only the Heroku CLI can connect, as the database is in a private space
    [exit status: 2]
    ");
    insta::assert_snapshot!(scene.run("staging psql --credential reporting"), @"<heroku><pg:psql><--app=playhouse-staging><--credential><reporting>");
    let bastion = json!({ "DATABASE_BASTION_KEY": "x", "DATABASE_BASTIONS": "1.2.3.4" });
    scene.panel("PATCH", "/apps/playhouse-staging/config-vars", bastion);
    insta::assert_snapshot!(scene.run("staging pg:psql"), @"<heroku><pg:psql><--app=playhouse-staging>");
}

#[test]
fn without_psql_it_says_where_there_is_one() {
    let scene = Scene::quiet();
    insta::assert_snapshot!(scene.run("staging psql"), @"
    ------- stderr -------
    error: psql was not found on PATH
    hint: https://devcenter.heroku.com/articles/heroku-postgresql#local-setup
    [exit status: 1]
    ");
}

#[test]
fn a_session_that_reads_cannot_write() {
    let Some(mut scene) = real() else { return };
    scene.put_on_path(rehearsal::postgres::installed()[&15].clone());
    let count = scene.run_words("staging", &["psql", "-c", "select 40 + 2 as answer"]);
    assert!(count.stdout.contains("42") && count.status == Some(0), "{count}");
    let write = ["psql", "--read-only", "-c", "create table curtain ()"];
    let outcome = scene.run_words("staging", &write);
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("cannot execute CREATE TABLE in a read-only transaction"), "{outcome}");
}

/// The same environment and the same arguments as the official CLI gives psql.
#[test]
fn psql_is_given_what_the_official_cli_gives_it() {
    let Some(scene) = with_the_cli() else { return };
    record(&scene);
    for (line, words) in [
        ("-c", &["pg:psql", "-c", "select 'a b'"][..]),
        ("-f", &["pg:psql", "-f", "x.sql"]),
        ("session", &["psql", "DATABASE"]),
    ] {
        let (command, rest) = words.split_first().expect("a command");
        let theirs = scene.run_words("heroku", &[&[*command, "--app=playhouse-staging"], rest].concat());
        let ours = scene.run_words("staging", words);
        assert_eq!(theirs.stdout, ours.stdout, "{line}: {theirs}{ours}");
        assert_eq!((theirs.status, ours.status), (Some(0), Some(0)), "{line}: {theirs}{ours}");
        assert!(ours.stderr.contains("--> Connecting to "), "{ours}");
    }
}

#[test]
fn a_tunnel_to_production_is_no_database_of_this_machine() {
    use rehearsal::postgres::{Server, installed};
    if !installed().contains_key(&15) {
        super::skipped::skip(super::skipped::postgres(15));
        return;
    }
    // Not the shared one: its roles are everybody's.
    let server = Server::start(15).expect("a server");
    let mut scene = Scene::bare();
    scene.put_on_path(server.programs().to_owned());
    link_tool(&scene.folder().join("tools"), "sh");
    server.psql("postgres", "create database app").expect("a database");
    scene.set("DATABASE_URL", server.url("app"));
    let answered = scene.run_words("development", &["psql", "-X", "-c", "select 42"]);
    assert_eq!(answered.status, Some(2), "{answered}");
    let answered = scene.run_words("development", &["psql", "-c", "select current_database(), 42"]);
    assert!(answered.stdout.contains("app") && answered.stdout.contains("42"), "{answered}");
    server.psql("postgres", "create role rds_superuser").expect("a role");
    let refused = scene.run_words("development", &["psql", "-c", "select 42"]);
    assert_eq!(refused.status, Some(5), "{refused}");
    assert!(refused.stderr.contains("rds_superuser") && refused.stdout.is_empty(), "{refused}");
    scene.set("DATABASE_URL", "postgres://localhost:1/app");
    let outcome = scene.run("development psql");
    assert_eq!(outcome.status, Some(1), "{outcome}");
}
