//! A restore that a person ends, or that cannot finish: the old database is whole, and nothing is left at work.

use std::process::{Command, Stdio};

use super::{NEW, Project};
use crate::pty::Pty;
use crate::scene::{signal, until};

/// What a dump holds whose restore takes a while: an index over a function that is slow only while it is restored.
fn slow(seconds: u32) -> String {
    format!(
        "{NEW} create function slow(text) returns text immutable language plpgsql as $$ begin \
         if current_database() like '%\\_restore\\_%' then perform pg_sleep({seconds}); end if; return $1; end $$; \
         create index on notes (slow(text));"
    )
}

impl Project {
    /// Waits until the index is being made.
    fn is_at_work(&self) {
        let query = format!(
            "select count(*) from pg_stat_activity where datname like '{}\\_restore\\_%' and query ilike 'create index%'",
            self.database
        );
        until("the index", || self.server.psql("postgres", &query).is_ok_and(|count| count == "1"));
    }
}

/// Whether a program runs whose environment leads to this database.
fn children(project: &Project) -> usize {
    let all = Command::new("ps").args(["-eo", "args"]).output().expect("ps").stdout;
    let name = format!("{}_restore_", project.database);
    String::from_utf8_lossy(&all)
        .lines()
        .filter(|line| line.contains("pg_restore") && line.contains(&name))
        .count()
}

#[test]
fn a_signal_ends_everything_and_leaves_nothing() {
    for (name, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let Some(project) = Project::new() else { return };
        let dump = project.dump(&slow(60));
        let mut command = project.scene.prepared("development");
        command.arg("restore").arg(&dump).stderr(Stdio::piped()).stdout(Stdio::null());
        let child = command.spawn().expect("a start");
        project.is_at_work();
        assert!(children(&project) > 0);
        signal(name, &child.id().to_string());
        let output = child.wait_with_output().expect("an end");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{name}: {said}");
        assert!(said.contains(&format!("interrupted; {} is as it was", project.database)), "{said}");
        assert_eq!(children(&project), 0);
        project.assert_untouched();
        let again = project.restore(&[project.dump(NEW).to_str().unwrap()]);
        assert_eq!((again.status, project.note().as_str()), (Some(0), "new"), "{again}");
    }
}

#[test]
fn ctrl_c_at_the_terminal_does_the_same() {
    let Some(project) = Project::new() else { return };
    let dump = project.dump(&slow(60));
    let mut command = project.scene.prepared("development");
    let mut pty = Pty::start(command.arg("restore").arg(&dump));
    project.is_at_work();
    pty.types("\u{3}");
    pty.ends(130).has("is as it was");
    assert_eq!(children(&project), 0);
    project.assert_untouched();
}

#[test]
fn a_swap_that_fails_replaces_nothing_and_the_next_one_succeeds() {
    let Some(mut project) = Project::new() else { return };
    let (server, name) = (project.server, project.database.clone());
    let role = format!("{name}_dev");
    server
        .psql(
            "postgres",
            &format!("create role {role} login createdb; alter database {name} owner to {role}"),
        )
        .unwrap();
    project.scene.set("DATABASE_URL", format!("postgres://{role}@127.0.0.1:{}/{name}", server.port()));
    let dump = project.dump(&slow(3));
    let child =
        project.scene.prepared("development").arg("restore").arg(&dump).stderr(Stdio::piped()).spawn();
    let child = child.expect("a start");
    project.is_at_work();
    // Somebody comes meanwhile whom this role may not send away.
    let mut psql = server.program("psql");
    psql.args(["-X", "-q", "-d", &name, "-c", "select pg_sleep(60)"]);
    let mut session = psql.spawn().expect("psql");
    let output = child.wait_with_output().expect("an end");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(5), "{said}");
    assert!(said.contains("was not replaced") && said.contains("role postgres"), "{said}");
    project.assert_untouched();
    session.kill().unwrap();
    session.wait().unwrap();
    let end = format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'");
    server.psql("postgres", &end).unwrap();
    let again = project.restore(&[project.dump(NEW).to_str().unwrap()]);
    assert_eq!((again.status, project.note().as_str()), (Some(0), "new"), "{again}");
    for database in [vec![name], project.beside("before")].concat() {
        server.psql("postgres", &format!("alter database {database} owner to postgres")).unwrap();
    }
}
