//! What the project runs in a fresh database, and what may not be run.

#[cfg(unix)]
use std::os::unix::fs::PermissionsExt as _;

use super::{NEW, Project};

const SANITIZE: &str = "update notes set text = 'clean';\n";

/// A project that works as a role that is no superuser.
fn plain() -> Option<Project> {
    let mut project = Project::new()?;
    let (server, name) = (project.server, project.database.clone());
    server.psql("postgres", &format!("create role {name}_dev login createdb")).unwrap();
    server.psql("postgres", &format!("alter database {name} owner to {name}_dev")).unwrap();
    project.scene.set("DATABASE_URL", format!("postgres://{name}_dev@127.0.0.1:{}/{name}", server.port()));
    project.scene.write("script/sanitize.sql", SANITIZE);
    project
        .scene
        .write("greenroom.toml", "[restore]\nafter = [\"script/sanitize.sql\"]\nrequire_hook = true\n");
    Some(project)
}

#[test]
fn sql_is_run_before_the_database_has_its_name() {
    let Some(project) = plain() else { return };
    let dump = project.dump(NEW);
    let file = dump.to_str().unwrap();
    let done = project.restore(&[file]);
    assert_eq!((done.status, project.note().as_str()), (Some(0), "clean"), "{done}");
    assert!(done.stderr.contains("running script/sanitize.sql"), "{done}");
    assert_eq!(project.restore(&["--undo"]).status, Some(0));
    for (script, said) in [
        ("update notes set text = 'clean';\nselect 1/0;", "division by zero"),
        ("\\! touch made_by_psql", ""),
        ("update notes set text = 'half'\n\\! touch made_by_psql", ""),
        ("\\copy notes to program 'touch made_by_psql'", ""),
        ("\\unrestrict x", ""),
    ] {
        project.scene.write("script/sanitize.sql", script);
        let failed = project.restore(&[file]);
        assert_eq!(failed.status, Some(1), "{script}: {failed}");
        assert!(failed.stderr.contains("was not replaced") && failed.stderr.contains(said), "{failed}");
        assert_eq!(project.note(), "old");
        assert!(!project.scene.repository().join("made_by_psql").exists());
    }
    assert_eq!(project.beside("restore"), [""; 0]);
}

#[test]
fn a_hook_can_be_demanded_and_must_be_in_the_project() {
    let Some(project) = plain() else { return };
    let dump = project.dump(NEW);
    let file = dump.to_str().unwrap();
    project.scene.write("greenroom.toml", "[restore]\nrequire_hook = true\n");
    let refused = project.restore(&[file]);
    assert_eq!(refused.status, Some(5), "{refused}");
    project.scene.write("greenroom.toml", "[restore]\nafter = [\"../../etc/passwd\"]\n");
    let refused = project.restore(&[file]);
    assert_eq!(refused.status, Some(2), "{refused}");
    project.assert_untouched();
}

#[test]
fn a_superusers_sql_has_to_be_trusted_as_it_is() {
    let Some(mut project) = plain() else { return };
    let dump = project.dump(NEW);
    let file = dump.to_str().unwrap();
    project.scene.set("DATABASE_URL", project.server.url(&project.database));
    let refused = project.restore(&[file]);
    assert_eq!(refused.status, Some(5), "{refused}");
    assert!(
        refused.stderr.contains("could start programs") && refused.stderr.contains("hint: greenroom trust"),
        "{refused}"
    );
    assert_eq!(project.scene.run("greenroom trust").status, Some(5));
    assert_eq!(project.scene.run("greenroom trust --yes").status, Some(0));
    let done = project.restore(&[file]);
    assert_eq!((done.status, project.note().as_str()), (Some(0), "clean"), "{done}");
    project.scene.write("script/sanitize.sql", "update notes set text = 'other'");
    let refused = project.restore(&[file]);
    assert!(
        refused.status == Some(5) && refused.stderr.contains("has changed since it was trusted"),
        "{refused}"
    );
    project.scene.write("script/sanitize.sql", SANITIZE);
    assert_eq!(project.restore(&[file]).status, Some(0));
    assert_eq!(project.scene.run("greenroom trust --revoke").status, Some(0));
    assert_eq!(project.restore(&[file]).status, Some(5));
}

#[test]
fn a_program_is_run_once_it_is_trusted() {
    let Some(project) = plain() else { return };
    let dump = project.dump(NEW);
    let file = dump.to_str().unwrap();
    let psql = project.server.programs().join("psql");
    let script = format!(
        "#!/bin/sh\necho \"cleaning $PGDATABASE\"\nexec {} -X -q -d \"$DATABASE_URL\" -c \"update notes set text = 'by program'\"\n",
        psql.display()
    );
    project.scene.write("script/clean", &script);
    let path = project.scene.repository().join("script/clean");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    project.scene.write("greenroom.toml", "[restore]\nafter = [\"script/clean\"]\n");
    super::super::scene::link_tool(&project.scene.folder().join("tools"), "sh");
    let refused = project.restore(&[file]);
    assert!(
        refused.status == Some(5) && refused.stderr.contains("is not trusted: it is a program"),
        "{refused}"
    );
    project.assert_untouched();
    assert_eq!(project.scene.run("greenroom trust --yes").status, Some(0));
    let done = project.restore(&[file]);
    assert_eq!((done.status, project.note().as_str()), (Some(0), "by program"), "{done}");
    assert!(done.stderr.contains(&format!("cleaning {}_restore_", project.database)), "{done}");
    assert_eq!(project.restore(&["--undo"]).status, Some(0));
    project.scene.write("script/clean", "#!/bin/sh\nexit 3\n");
    assert_eq!(project.scene.run("greenroom trust --yes").status, Some(0));
    let failed = project.restore(&[file]);
    assert!(failed.status == Some(1) && failed.stderr.contains("it exited with 3"), "{failed}");
    assert_eq!(project.note(), "old");
}
