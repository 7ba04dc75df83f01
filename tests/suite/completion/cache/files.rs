//! The files of the cache: their permissions and size, and what is done with damaged ones.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use super::{VARS, below, config, count, folder, list, now, offered, offered_soon, playhouse, soon};
use crate::scene::until;

#[test]
fn cache_files_are_private_and_hold_no_secrets() {
    let mut scene = playhouse();
    scene.set("HEROKU_DATA_HOST", "127.0.0.1");
    let lines =
        ["config:get ", "ps:stop ", "addons:info ", "releases:info ", "pg:backups:url ", "access:remove "];
    for line in lines {
        offered_soon(&scene, &format!("production {line}"));
    }
    let drains =
        ["drains:remove ", "webhooks:info "].map(|line| offered_soon(&scene, &format!("production {line}")));
    assert!(drains[0].contains("logs.playhouse.example") && drains[1].contains("hooks.playhouse.example"));
    let token = scene.heroku().token();
    let secrets = [token, "nobodys-business", "p4ss", "https://logs", "https://hooks", "https://backups"];
    let all = folder(&scene);
    let files = below(all.parent().expect("a folder"));
    assert!(files.len() > 16);
    for path in files {
        let found = fs::symlink_metadata(&path).expect("a file");
        let mode = found.mode() & 0o777;
        assert_eq!(mode, if found.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        let text = if found.is_dir() { String::new() } else { fs::read_to_string(&path).expect("text") };
        for secret in &secrets {
            assert!(!text.contains(secret), "{secret} is in {}", path.display());
        }
    }
    assert_eq!(
        fs::metadata(all.parent().expect("a folder")).expect("a folder").permissions().mode() & 0o777,
        0o700
    );
}

#[test]
fn damaged_entries_are_ignored_and_replaced() {
    let scene = playhouse();
    let truth = offered_soon(&scene, "staging config:get ");
    let file = config(&scene);
    let whole = fs::read_to_string(&file).expect("an entry");
    let elsewhere = scene.folder().join("elsewhere");
    fs::write(&elsewhere, whole.replace("DATABASE", "DATABASES")).expect("a file");
    let cut = &whole[..whole.len() / 2];
    let future = whole.replacen(&whole[36..49], &(now() + 3_600_000).to_string(), 1);
    let dynos = list(&scene, "playhouse-staging", "dynos");
    offered_soon(&scene, "staging ps:stop ");
    let dynos = fs::read_to_string(dynos).expect("an entry");
    let bad = [
        cut,
        "",
        "DATABASE_URL\t\n",
        &whole.replace("completion-1", "completion-2"),
        &whole.replace("DATABASE", "DATABASES"),
        &whole.replace("playhouse-staging", "playhouse-production"),
        &future,
        &dynos,
        &format!("{whole}{}", "x".repeat(3 << 20)),
    ];
    for (number, text) in bad.iter().enumerate() {
        fs::write(&file, text).expect("a file");
        let answer = offered_soon(&scene, "staging config:get ");
        assert_eq!(answer, truth, "{number}");
        until("a whole file", || fs::read_to_string(&file).is_ok_and(|text| text.len() == whole.len()));
    }
    fs::remove_file(&file).expect("a file");
    symlink(&elsewhere, &file).expect("a link");
    assert_eq!(offered_soon(&scene, "staging config:get "), truth);
    until("a file again", || fs::symlink_metadata(&file).is_ok_and(|found| found.is_file()));
    assert!(fs::read_to_string(elsewhere).expect("a file").contains("DATABASES"), "left alone");
}

#[test]
fn a_missing_cache_folder_or_login_is_silent() {
    let mut scene = playhouse();
    let file = scene.folder().join("file");
    fs::write(&file, "").expect("a file");
    scene.set("XDG_CACHE_HOME", file.join("below"));
    assert_eq!(offered(&scene, "staging config:get "), "");
    assert_eq!(count(&scene, VARS), 0);
    let mut scene = playhouse();
    scene.set("HEROKU_API_KEY", "");
    assert_eq!(offered(&scene, "staging config:get "), "");
    let reason = soon("a reason", || fs::read_to_string(config(&scene).with_extension("failed")).ok());
    assert!(reason.contains("not logged in"), "{reason}");
    scene.set("HEROKU_HOST", "http://example.com");
    assert_eq!(offered(&scene, "staging config:get "), "");
}

#[test]
fn the_cache_is_limited_in_size() {
    let scene = playhouse();
    for number in 0..450 {
        let file = list(&scene, &format!("app-{number}"), "dynos");
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(&file, "x".repeat(100)).expect("a file");
        fs::write(file.with_extension("lock"), "").expect("a file");
    }
    offered_soon(&scene, "staging config:get ");
    let lists =
        || below(&folder(&scene)).into_iter().filter(|path| path.is_file() && path.extension().is_none());
    until("room", || lists().count() <= 400);
    assert!(config(&scene).exists());
    until("no empty folders", || fs::read_dir(folder(&scene)).is_ok_and(|folders| folders.count() <= 400));
}
