//! A disk that is full, played by a limit on the size of files: while a backup is downloaded, a dump is written, and the
//! server's tables grow.

use std::fs;
use std::path::Path;
use std::process::Command;

use rehearsal::Settings;
use rehearsal::postgres::{Server, installed};

use super::{MAJOR, OLD, Project, dump, scene_of};
use crate::scene::{Outcome, Scene};

/// Runs a command that can write files of this many kilobytes.
fn with_limit(scene: &Scene, kilobytes: u32, words: &[&str]) -> Outcome {
    let prepared = scene.prepared("development");
    let mut command = Command::new("/bin/bash");
    // A program that ignores the signal gets an error instead, as from a full disk.
    let script = format!("trap '' XFSZ; ulimit -f {kilobytes}; exec \"$0\" \"$@\"");
    command.args(["-c", &script]).arg(prepared.get_program()).args(words);
    command.env_clear().current_dir(prepared.get_current_dir().expect("a folder"));
    command.envs(prepared.get_envs().filter_map(|(name, value)| Some((name, value?))));
    scene.finish(&mut command)
}

fn dumps_in(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            found.extend(dumps_in(&entry.path()));
        } else if entry.path().extension().is_some_and(|end| end == "dump") {
            found.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    found
}

#[test]
fn a_download_that_does_not_fit_is_told_at_once() {
    let Some(mut project) = Project::new() else { return };
    let mut scene = Scene::playhouse_with(Settings { postgres: Some(MAJOR), ..Settings::default() });
    scene.set("DATABASE_URL", project.server.url(&project.database));
    scene.set("GREENROOM_PG_BIN", project.server.programs());
    project.scene = scene;
    let full = with_limit(&project.scene, 4, &["restore", "production"]);
    assert_eq!(full.status, Some(1), "{full}");
    for said in ["was not downloaded", "cannot write ", "File too large", "hint: development backups --prune"]
    {
        assert!(full.stderr.contains(said), "{said}: {full}");
    }
    project.assert_untouched();
    let again = project.restore(&["production"]);
    assert_eq!(again.status, Some(0), "{again}");
}

#[test]
fn a_backup_that_does_not_fit_is_not_kept() {
    let Some(project) = Project::new() else { return };
    let rows = "insert into notes select md5(random()::text) from generate_series(1, 20000)";
    project.server.psql(&project.database, rows).unwrap();
    let full = with_limit(&project.scene, 64, &["backup", "big"]);
    assert_eq!(full.status, Some(1), "{full}");
    assert!(full.stderr.contains("File too large"), "{full}");
    assert_eq!(dumps_in(project.scene.folder()), [""; 0]);
    let again = project.scene.run("development backup big");
    assert_eq!(again.status, Some(0), "{again}");
}

/// Limits the files of a server, from its next session on. Only its own user may do that, or root where it has the right.
#[cfg(target_os = "linux")]
fn limit(server: &Server, bytes: &str) {
    let process = fs::metadata(format!("/proc/{}", server.id())).expect("a server");
    let user = std::os::linux::fs::MetadataExt::st_uid(&process);
    let mine = std::os::linux::fs::MetadataExt::st_uid(&fs::metadata("/proc/self").expect("this process"));
    let mut command = Command::new(if user == mine { "prlimit" } else { "setpriv" });
    if user != mine {
        let group = std::os::linux::fs::MetadataExt::st_gid(&process);
        command.arg(format!("--reuid={user}")).arg(format!("--regid={group}"));
        command.args(["--clear-groups", "prlimit"]);
    }
    let status = command.args(["--pid", &server.id().to_string()]).arg(format!("--fsize={bytes}:")).status();
    assert!(status.is_ok_and(|status| status.success()), "prlimit {bytes}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_without_room_keeps_the_old_database() {
    if !installed().contains_key(&MAJOR) {
        crate::skipped::skip(crate::skipped::postgres(MAJOR));
        return;
    }
    let server = Server::start(MAJOR).expect("a server");
    server.psql("postgres", "create database app").unwrap();
    server.psql("app", OLD).unwrap();
    let scene = scene_of(&server, &server.url("app"));
    let script = "create table big (t text); alter table big alter t set storage external; \
        insert into big select repeat(md5(i::text), 200) from generate_series(1, 6000) i;";
    let file = dump(&server, server.programs(), script, scene.folder());
    // Room for a segment of its log, of 16 MB, and no table of 38 MB.
    limit(&server, "20000000");
    let full = scene.run_words("development", &["restore", file.to_str().unwrap()]);
    assert_eq!(full.status, Some(1), "{full}");
    for said in ["app was not replaced", "could not extend file", "hint: development backups --prune"] {
        assert!(full.stderr.contains(said), "{said}: {full}");
    }
    assert_eq!(server.psql("app", "select text from notes").unwrap(), "old");
    let names = "select string_agg(datname, ',' order by datname) from pg_database where not datistemplate";
    assert_eq!(server.psql("postgres", names).unwrap(), "app,postgres");
    limit(&server, "unlimited");
    let again = scene.run_words("development", &["restore", file.to_str().unwrap()]);
    assert_eq!(again.status, Some(0), "{again}");
    assert_eq!(server.psql("app", "select count(*) from big").unwrap(), "6000");
}
