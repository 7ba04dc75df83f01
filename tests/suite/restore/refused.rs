//! What cannot be restored is refused before anything is touched, with the reason and a way out.

use std::fs;

use rehearsal::postgres::Server;

use super::{HEROKUS, MAJOR, NEW, Project, scene_of, server};
use crate::scene::Outcome;

#[track_caller]
fn assert_said(outcome: &Outcome, code: i32, said: &[&str]) {
    assert_eq!(outcome.status, Some(code), "{outcome}");
    for part in said {
        assert!(outcome.stderr.contains(part), "{part:?} is missing:\n{outcome}");
    }
}

#[test]
fn files_that_are_no_whole_archive() {
    let Some(project) = Project::new() else { return };
    let whole = fs::read(
        project
            .dump(&format!("{NEW} insert into notes select md5(i::text) from generate_series(1, 2000) i;")),
    )
    .unwrap();
    let mut flipped = whole.clone();
    let middle = whole.len() / 2 + 3000;
    flipped[middle] ^= 0x55;
    for (bytes, said) in [
        (&whole[..whole.len() - 5000], "is damaged or incomplete"),
        (&whole[..60], "is incomplete"),
        (&flipped, "is damaged or incomplete"),
        (b"", "is empty"),
        (b"<html>Request has expired</html>", "is a web page or XML, not a dump"),
        (b"--\n-- PostgreSQL database dump\n--\n", "is a dump in plain SQL"),
        (b"hello", "is not an archive of pg_dump"),
    ] {
        project.scene.write("bad.dump", bytes);
        assert_said(&project.restore(&["bad.dump"]), 1, &[said]);
    }
    assert_said(&project.restore(&["missing.dump"]), 2, &["is neither a file nor the name of a backup"]);
    project.assert_untouched();
}

#[test]
fn a_wrong_password_and_a_server_that_is_not_there() {
    let Some(server) = server(MAJOR) else { return };
    let Some(project) = Project::new() else { return };
    let dump = project.dump(NEW);
    let role = format!("{}_login", project.database);
    server
        .psql(
            "postgres",
            "do $$ begin create role with_password; exception when duplicate_object then end $$",
        )
        .unwrap();
    server
        .psql("postgres", &format!("create role {role} login password 'right' in role with_password"))
        .unwrap();
    let url = format!("postgres://{role}:hunter2@127.0.0.1:{}/{}", server.port(), project.database);
    let refused = scene_of(server, &url).run_words("development", &["restore", dump.to_str().unwrap()]);
    assert_said(&refused, 1, &["cannot connect to", "password authentication failed"]);
    assert!(!refused.stderr.contains("hunter2"), "{refused}");
    let down = scene_of(server, "postgres://postgres@127.0.0.1:1/app")
        .run_words("development", &["restore", dump.to_str().unwrap()]);
    assert_said(&down, 1, &["cannot connect to", "Connection refused", "hint: pg_isready"]);
    project.assert_untouched();
    server.psql("postgres", &format!("drop role {role}")).unwrap();
}

#[test]
fn rights_that_are_missing() {
    let Some(mut project) = Project::new() else { return };
    let (server, name) = (project.server, project.database.clone());
    let dump = project.dump(NEW);
    let file = dump.to_str().unwrap();
    let role = format!("{name}_dev");
    server.psql("postgres", &format!("create role {role} login")).unwrap();
    project.scene.set("DATABASE_URL", format!("postgres://{role}@127.0.0.1:{}/{name}", server.port()));
    assert_said(&project.restore(&[file]), 5, &["belongs to postgres", "may not replace it", "owner to"]);
    server.psql("postgres", &format!("alter database {name} owner to {role}")).unwrap();
    assert_said(&project.restore(&[file]), 5, &["may not make databases", "createdb;"]);
    server.psql("postgres", &format!("alter role {role} createdb")).unwrap();
    // A superuser's session cannot be ended by others.
    let mut psql = server.program("psql");
    psql.env("PGAPPNAME", "admin console").args(["-X", "-q", "-d", &name, "-c", "select pg_sleep(60)"]);
    let mut session = psql.spawn().unwrap();
    let is_there = || {
        server
            .psql(
                "postgres",
                "select count(*) from pg_stat_activity where application_name = 'admin console'",
            )
            .unwrap()
            == "1"
    };
    crate::scene::until("the session", is_there);
    assert_said(
        &project.restore(&[file]),
        5,
        &["is in use by 1 session that this role may not end", "role postgres"],
    );
    project.assert_untouched();
    session.kill().unwrap();
    session.wait().unwrap();
    server
        .psql(
            "postgres",
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'admin console'",
        )
        .unwrap();
    crate::scene::until("the session's end", || !is_there());
    let done = project.restore(&[file]);
    assert_eq!((done.status, project.note().as_str()), (Some(0), "new"), "{done}");
    server.psql("postgres", &format!("alter database {name} owner to postgres")).unwrap();
}

#[test]
fn an_extension_that_is_not_there() {
    let Some(project) = Project::with(16) else { return };
    let Some(other) = server(MAJOR) else { return };
    let dump = super::dump(other, other.programs(), HEROKUS, project.scene.folder());
    let refused = project.restore(&[dump.to_str().unwrap()]);
    assert_said(
        &refused,
        5,
        &["the dump needs an extension that this server (PostgreSQL 16) does not have: citext"],
    );
    project.assert_untouched();
}

#[test]
fn a_managed_server_behind_a_port_of_this_machine() {
    if super::server(MAJOR).is_none() {
        return;
    }
    // Roles are the server's: others must not see this one.
    let server = Server::start(MAJOR).unwrap();
    server.psql("postgres", "create role rds_superuser; create database app").unwrap();
    let dump = super::dump(&server, server.programs(), NEW, server.socket_folder().parent().unwrap());
    let refused =
        scene_of(&server, &server.url("app")).run_words("development", &["restore", dump.to_str().unwrap()]);
    assert_said(&refused, 5, &["leads to a managed server", "rds_superuser"]);
}

#[test]
fn rows_that_others_refer_to_cannot_be_left_out_alone() {
    let Some(project) = Project::new() else { return };
    let dump = project.dump(HEROKUS);
    let failed = project.restore(&[dump.to_str().unwrap(), "--exclude-table-data", "notes"]);
    assert_said(&failed, 1, &["was not replaced", "foreign key constraint", "have to be left out as well"]);
    project.assert_untouched();
}
