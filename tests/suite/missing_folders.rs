//! A missing working directory, HOME or TMPDIR, an empty or damaged repository, and files of other users.

use std::fs;
use std::os::unix::fs::{chown, symlink};
use std::path::PathBuf;

use super::scene::{Outcome, Scene};

/// Another user's id.
const STRANGER: u32 = 12_345;

/// Only root can give a file away.
fn may_give_away(scene: &Scene) -> bool {
    let file = scene.folder().join("given");
    fs::write(&file, "").expect("a file");
    chown(file, Some(STRANGER), None).is_ok()
}

/// Runs a command in a folder that is deleted before it starts.
fn in_a_removed_folder(scene: &Scene, line: &str) -> Outcome {
    let folder = scene.folder().join("gone");
    fs::create_dir(&folder).expect("a folder");
    let mut shell = std::process::Command::new("sh");
    shell
        .env_clear()
        .envs(scene.prepared("staging").get_envs().filter_map(|(name, value)| Some((name, value?))));
    scene.finish(shell.current_dir(&folder).args(["-c", &format!("rmdir \"$PWD\" && exec {line}")]))
}

#[test]
fn a_deleted_working_directory_is_reported() {
    let mut scene = Scene::bare();
    scene.put_on_path("/usr/bin".into()).put_on_path("/bin".into());
    let scene = scene;
    let outcome =
        in_a_removed_folder(&scene, &super::scene::binaries().join("staging").display().to_string())
            .stderr
            .lines()
            .count();
    assert!(outcome > 0);
    let staging = super::scene::binaries().join("staging");
    insta::assert_snapshot!(in_a_removed_folder(&scene, &format!("{} which", staging.display())), @"
    ------- stderr -------
    error: cannot tell which folder this is: it was removed, or may not be read
      caused by: No such file or directory (os error 2)
    hint: cd
    [exit status: 1]
    ");
}

#[test]
fn a_missing_tmpdir_is_reported() {
    let mut scene = Scene::playhouse();
    let absent = scene.folder().join("absent");
    scene.set("TMPDIR", absent.as_os_str());
    for line in ["staging deploy --build", "review 42 deploy --build"] {
        let outcome = scene.run(line);
        assert_eq!(outcome.status, Some(1), "{outcome}");
        let cause = "cannot make a temporary file in [SCENE]/absent (TMPDIR)";
        assert!(outcome.stderr.contains(cause), "{outcome}");
    }
}

#[test]
fn a_missing_home_is_reported() {
    let mut scene = Scene::playhouse();
    let absent = scene.folder().join("absent");
    scene.set("HEROKU_API_KEY", "").set("HOME", absent.as_os_str());
    insta::assert_snapshot!(scene.run("staging status"), @"
    ------- stderr -------
    error: not logged in to [HEROKU]
    hint: HOME is [SCENE]/absent, and there is no such folder
    [exit status: 4]
    ");
}

#[test]
fn a_repository_without_commits_is_reported() {
    let mut scene = Scene::playhouse();
    let empty = scene.folder().join("empty");
    fs::create_dir(&empty).expect("a folder");
    scene.stand_in(empty);
    scene.git(&["init", "--quiet"]);
    scene.remote("staging", "https://git.heroku.com/playhouse-staging.git");
    for line in ["staging deploy", "staging diff HEAD", "staging deploy HEAD"] {
        let outcome = scene.run(line);
        assert_eq!(outcome.status, Some(2), "{line}: {outcome}");
        assert!(outcome.stderr.contains("error: this repository has no commit yet\n"), "{line}: {outcome}");
    }
}

#[test]
fn a_damaged_repository_is_reported() {
    let scene = Scene::playhouse();
    let git = scene.repository().join(".git");
    for kind in ["objects", "objects/pack"] {
        for entry in fs::read_dir(git.join(kind)).expect("a folder").flatten() {
            if entry.file_name() == "info" || entry.file_name() == "pack" {
                continue;
            }
            let path = entry.path();
            if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.expect("removed");
        }
    }
    _ = fs::remove_file(git.join("objects/info/alternates"));
    let outcome = scene.run("staging deploy");
    assert_eq!(outcome.status, Some(1), "{outcome}");
    let told = "error: HEAD names no commit that can be read: the git repository is damaged\n";
    assert!(outcome.stderr.contains(told), "{outcome}");
    assert!(outcome.stderr.ends_with("hint: git fsck\n"), "{outcome}");
}

#[test]
fn configuration_of_other_users_is_refused_outside_a_repository() {
    let mut scene = Scene::bare();
    let shared = scene.folder().join("shared");
    fs::create_dir(&shared).expect("a folder");
    scene.stand_in(shared);
    scene.write("greenroom.toml", "[environments.staging]\napp = \"one-app\"\n");
    assert_eq!(scene.run("staging which").status, Some(0), "one's own is");
    if !may_give_away(&scene) {
        return;
    }
    chown(scene.repository().join("greenroom.toml"), Some(STRANGER), None).expect("an owner");
    insta::assert_snapshot!(scene.run("staging which"), @r#"
    ------- stderr -------
    error: [SCENE]/shared/greenroom.toml belongs to another user (uid 12345)
    hint: sudo chown "$USER" [SCENE]/shared/greenroom.toml   # if you trust its contents
    [exit status: 2]
    "#);
}

#[test]
fn configuration_of_other_users_is_refused_in_a_repository() {
    let scene = Scene::bare();
    scene.remote("staging", "https://git.heroku.com/one-app.git");
    if !may_give_away(&scene) {
        return;
    }
    chown(scene.repository().join(".git/config"), Some(STRANGER), None).expect("an owner");
    insta::assert_snapshot!(scene.run("staging which"), @r#"
    ------- stderr -------
    error: cannot trust the git repository
      caused by: [SCENE]/playhouse/.git/config belongs to another user (uid 12345)
    hint: sudo chown "$USER" [SCENE]/playhouse/.git/config   # if you trust its contents
    [exit status: 2]
    "#);
    let begin = scene.git(&["config", "--file", ".git/config", "--get", "core.bare"]);
    assert_eq!(begin, "false\n");
}

#[test]
fn a_symlinked_cache_folder_is_not_followed() {
    let scene = Scene::playhouse();
    let elsewhere = scene.folder().join("elsewhere");
    let cache = PathBuf::from(scene.variable("XDG_CACHE_HOME").expect("a folder for caches"));
    fs::create_dir_all(&elsewhere).expect("a folder");
    fs::create_dir_all(&cache).expect("a folder");
    symlink(&elsewhere, cache.join("greenroom")).expect("a link");
    for line in ["staging which", "staging status", "staging releases", "staging --dry-run features"] {
        assert_eq!(scene.run(line).status, Some(0), "{line}");
    }
    _ = scene.run("greenroom __refresh config");
    let left: Vec<_> =
        fs::read_dir(elsewhere).expect("a folder").flatten().map(|entry| entry.path()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn link_refuses_names_of_required_programs() {
    let scene = Scene::bare();
    for name in ["heroku", "git", "sudo", "ssh", "sh", "cd", "test", "if"] {
        let outcome = scene.run(&format!("greenroom link {name}"));
        assert_eq!(outcome.status, Some(5), "{outcome}");
        assert!(!super::scene::binaries().join(name).exists(), "{name}");
    }
    insta::assert_snapshot!(scene.run("greenroom link test"), @"
    ------- stderr -------
    error: a command called test would hide another program
    hint: greenroom on test which
    [exit status: 5]
    ");
}

#[test]
fn unknown_commands_are_not_attributed_to_the_cli() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("staging frobnicate"), @r#"
    ------- stderr -------
    error: unknown command `frobnicate`, and the Heroku CLI, which may have it, was not found on PATH
    hint: staging --help
    hint: npm install --global heroku   # or see https://devcenter.heroku.com/articles/heroku-cli
    [exit status: 2]
    "#);
    let outcome = scene.run("staging features");
    assert!(
        outcome.stderr.contains("features requires the Heroku CLI, and `heroku` was not found on PATH"),
        "{outcome}"
    );
}

#[test]
fn passwords_in_remote_urls_are_ignored_and_not_shown() {
    let scene = Scene::bare();
    for url in [
        "https://me:secret@git.heroku.com/one-app.git",
        "ssh://git@heroku.com:22/one-app.git",
        "https://git.heroku.com/one-app.git/",
    ] {
        _ = scene.git(&["config", "--replace-all", "remote.staging.url", url]);
        for line in ["staging which", "staging --json which"] {
            let outcome = scene.run(line);
            assert_eq!(outcome.status, Some(0), "{outcome}");
            assert!(outcome.to_string().contains("one-app"), "{outcome}");
            assert!(!outcome.to_string().contains("secret"), "{outcome}");
        }
    }
}
