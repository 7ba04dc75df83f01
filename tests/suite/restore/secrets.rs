//! A password is in no argument, no output and no file.

use std::fs;
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt as _;

use super::{NEW, Project, scene_of};
use crate::scene::{install_script, link_tool};

#[test]
fn a_password_is_in_no_argument_and_no_output() {
    let Some(project) = Project::new() else { return };
    let (server, name) = (project.server, project.database.clone());
    let dump = project.dump(NEW);
    server
        .psql(
            "postgres",
            "do $$ begin create role with_password; exception when duplicate_object then end $$",
        )
        .unwrap();
    server.psql("postgres", &format!("create role {name}_dev login createdb password 'hunter2' in role with_password; alter database {name} owner to {name}_dev; alter database {name} set app.secret to 'swordfish'")).unwrap();
    let url = format!("postgres://{name}_dev:hunter2@127.0.0.1:{}/{name}", server.port());
    let mut scene = scene_of(server, &url);
    // Programs that note their arguments.
    let (folder, notes) = (scene.folder().join("noted"), scene.folder().join("notes"));
    fs::create_dir(&folder).unwrap();
    for program in ["psql", "pg_dump", "pg_restore"] {
        let real = server.programs().join(program);
        install_script(
            &folder.join(program),
            &format!("#!/bin/sh\necho \"$0 $*\" >> {}\nexec {} \"$@\"\n", notes.display(), real.display()),
        );
        fs::set_permissions(folder.join(program), fs::Permissions::from_mode(0o755)).unwrap();
    }
    link_tool(&scene.folder().join("tools"), "sh");
    scene.set("GREENROOM_PG_BIN", folder);
    let file = dump.to_str().unwrap();
    for line in [
        &["--verbose", "restore", file][..],
        &["--dry-run", "restore", file],
        &["backup", "one", "--verbose"],
        &["backups", "--json"],
        &["restore", "--undo", "--json"],
        &["restore", "missing.dump"],
    ] {
        let outcome = scene.run_words("development", line);
        let said = outcome.to_string();
        assert!(!said.contains("hunter2") && !said.contains("swordfish"), "{said}");
    }
    let arguments = fs::read_to_string(&notes).unwrap();
    assert!(
        arguments.contains("pg_restore") && arguments.contains("pg_dump") && arguments.contains("psql"),
        "{arguments}"
    );
    assert!(!arguments.contains("hunter2") && !arguments.contains("swordfish"), "{arguments}");
    server.psql("postgres", &format!("alter database {name} owner to postgres")).unwrap();
}
