//! `deploy` from an archive in place of a push.

use crate::scene::Scene;

#[test]
fn a_partial_clone_is_built_from_an_archive() {
    let mut scene = Scene::playhouse();
    for line in ["one", "two", "three"] {
        scene.write("lines.txt", line);
        scene.git(&["add", "lines.txt"]);
        scene.commit(line);
    }
    let id = scene.git(&["rev-parse", "HEAD"]).trim().to_owned();
    let origin = scene.git(&["remote", "get-url", "origin"]).trim().to_owned();
    scene.git(&["-C", &origin, "config", "uploadpack.allowFilter", "true"]);
    let clone = scene.folder().join("partial");
    let at = clone.display().to_string();
    scene.git(&["clone", "--quiet", "--filter=blob:none", &format!("file://{origin}"), &at]);
    scene.git(&["-C", &at, "remote", "add", "prepare", "https://git.heroku.com/playhouse-prepare.git"]);
    scene.stand_in(clone);
    let outcome = scene.run("prepare deploy");
    assert!(outcome.stderr.contains("this clone does not hold all files"), "{outcome}");
    assert_eq!((outcome.status, scene.runs("playhouse-prepare").1), (Some(0), id), "{outcome}");
}

#[test]
fn missing_objects_of_a_partial_clone_are_named_with_a_fetch_line() {
    for files in [2, 14] {
        let mut scene = Scene::playhouse();
        for number in 0..files {
            scene.write(&format!("old-{number}.txt"), format!("line {number}\n"));
        }
        scene.git(&["add", "."]);
        let old = scene.commit("Write it down");
        scene.git(&["rm", "--quiet", "old-*.txt"]);
        scene.commit("Forget it");
        let origin = scene.git(&["remote", "get-url", "origin"]).trim().to_owned();
        scene.git(&["-C", &origin, "config", "uploadpack.allowFilter", "true"]);
        let clone = scene.folder().join("partial");
        let at = clone.display().to_string();
        scene.git(&["clone", "--quiet", "--filter=blob:none", &format!("file://{origin}"), &at]);
        scene.git(&["-C", &at, "remote", "add", "prepare", "https://git.heroku.com/playhouse-prepare.git"]);
        scene.stand_in(clone);
        let outcome = scene.run(&format!("prepare deploy {old}"));
        assert_eq!((outcome.status, scene.count("POST /sources")), (Some(1), 0), "{outcome}");
        let lacks = format!("error: this partial clone does not hold all of {}: old-0.txt, old-1", &old[..7]);
        assert!(outcome.stderr.contains(&lacks), "{outcome}");
        assert_eq!(outcome.stderr.contains(" and 4 more\n"), files == 14, "{outcome}");
        let hint = outcome.stderr.lines().find_map(|line| line.strip_prefix("hint: git fetch "));
        let words: Vec<&str> = hint.expect("a line to paste").split(' ').collect();
        scene.git(&[&["fetch", "--quiet"], &words[..]].concat());
        let outcome = scene.run(&format!("prepare deploy {old}"));
        assert_eq!((outcome.status, scene.runs("playhouse-prepare").1), (Some(0), old), "{outcome}");
    }
}

#[test]
fn the_archive_holds_the_files_of_the_commit() {
    let scene = Scene::playhouse();
    scene.write("notes.txt", "not for git push to leave out\n");
    scene.write("left-out.txt", "$Format:%H$\n");
    scene.write(".gitattributes", "left-out.txt export-ignore export-subst\n* text=auto\n");
    scene.git(&["config", "--global", "core.autocrlf", "true"]);
    scene.git(&["add", "notes.txt", "left-out.txt", ".gitattributes"]);
    let id = scene.commit("Take notes");
    scene.write("notes.txt", "changed since\n");
    let outcome = scene.run("staging deploy --source");
    assert_eq!((outcome.status, scene.runs("playhouse-staging")), (Some(0), (12, id)), "{outcome}");
    assert_eq!(scene.pushes(), 0);
    let archive = unpacked(&scene);
    let file = |name: &str| std::fs::read_to_string(archive.join(name)).unwrap_or_default();
    assert_eq!(file("notes.txt"), "not for git push to leave out\n");
    assert_eq!(file("left-out.txt"), "$Format:%H$\n", "attributes change nothing");
    let put =
        scene.heroku().exchanges().into_iter().find(|exchange| exchange.method == "PUT").expect("an upload");
    assert!(!put.headers.contains_key("authorization"), "{:?}", put.headers);
    assert!(put.headers.contains_key("content-length"), "{:?}", put.headers);
}

/// The files of the archive that was sent.
fn unpacked(scene: &Scene) -> std::path::PathBuf {
    let put =
        scene.heroku().exchanges().into_iter().find(|exchange| exchange.method == "PUT").expect("an upload");
    let folder = scene.folder().join("unpacked");
    std::fs::create_dir(&folder).expect("a folder");
    let url = format!("{}{}", scene.heroku().url(), put.path);
    let line = format!("curl --silent --fail '{url}' | tar -xz -C '{}'", folder.display());
    assert!(std::process::Command::new("sh").args(["-c", &line]).status().expect("a shell").success());
    folder
}

#[test]
fn a_shallow_clone_is_built_from_an_archive() {
    let mut scene = Scene::playhouse();
    let id = scene.commit("Raise the curtain");
    let origin = scene.git(&["remote", "get-url", "origin"]).trim().to_owned();
    let clone = scene.folder().join("shallow");
    let at = clone.display().to_string();
    scene.git(&["clone", "--quiet", "--depth=1", &format!("file://{origin}"), &at]);
    for (name, url) in [("prepare", "playhouse-prepare"), ("production", "playhouse-production")] {
        scene.git(&["-C", &at, "remote", "add", name, &format!("https://git.heroku.com/{url}.git")]);
    }
    scene.stand_in(clone);
    let outcome = scene.run("prepare deploy");
    assert!(outcome.stderr.contains("this clone is shallow"), "{outcome}");
    assert_eq!((scene.pushes(), scene.runs("playhouse-prepare").1), (0, id.clone()));
    let outcome = scene.run("production deploy --yes");
    assert_eq!((outcome.status, scene.runs("playhouse-production").1), (Some(0), id), "{outcome}");
}
