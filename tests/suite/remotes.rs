//! Remotes are read in process; these tests compare them with `git remote -v`.

use std::fs;
use std::path::Path;

use super::scene::Scene;

/// The environments for which `which` finds a remote, against git's own list, seen from `folder`.
fn agrees(scene: &Scene, root: &Path) {
    agrees_in(scene, root, root);
}

/// The same from `folder` in the work tree whose root is `root`.
fn agrees_in(scene: &Scene, root: &Path, folder: &Path) {
    let git = scene.prepared("git").args(["remote", "-v"]).current_dir(folder).output().expect("git");
    let listed = String::from_utf8(git.stdout).expect("UTF-8");
    let mut seen = 0;
    for line in listed.lines().filter(|line| line.ends_with("(fetch)")) {
        let (name, url) = line.trim_end_matches("(fetch)").trim_end().split_once('\t').expect("a remote");
        // As an environment a remote is typed as a command; any name can be configured.
        fs::write(root.join("greenroom.toml"), format!("[environments.probe]\nremote = {name:?}\n"))
            .expect("a file");
        let outcome =
            scene.finish(scene.prepared("greenroom").args(["on", "probe", "which"]).current_dir(folder));
        assert_eq!(outcome.status, Some(0), "{name}: {outcome}");
        assert_eq!(outcome.stderr, format!("git remote {name} is {url}\n"));
        seen += 1;
    }
    assert!(seen > 0, "git lists no remotes: {listed}");
}

#[test]
fn urls_of_every_form() {
    let scene = Scene::bare();
    scene.remote("https", "https://git.heroku.com/one-app.git");
    scene.remote("bare-https", "https://git.heroku.com/one-app");
    scene.remote("scp", "git@heroku.com:two-app.git");
    scene.remote("ssh", "ssh://git@heroku.com/three-app.git");
    agrees(&scene, scene.repository());
}

#[test]
fn urls_are_rewritten_by_instead_of() {
    let scene = Scene::bare();
    scene.git(&["config", "url.https://git.heroku.com/.insteadOf", "h:"]);
    scene.git(&["config", "url.https://git.heroku.com/long-.insteadOf", "h:l-"]);
    scene.git(&["config", "--add", "url.https://git.heroku.com/.insteadOf", "heroku:"]);
    scene.git(&["config", "url.ssh://elsewhere/.pushInsteadOf", "https://git.heroku.com/"]);
    scene.remote("short", "h:one-app.git");
    scene.remote("longest", "h:l-app.git");
    scene.remote("second", "heroku:two-app.git");
    scene.remote("pushed", "https://git.heroku.com/three-app.git");
    scene.git(&["config", "remote.pushed.pushurl", "h:other-app.git"]);
    agrees(&scene, scene.repository());
}

#[test]
fn urls_are_rewritten_by_the_users_configuration() {
    let scene = Scene::bare();
    let home = scene.folder().join("home");
    fs::write(home.join(".gitconfig"), "[url \"https://git.heroku.com/\"]\n\tinsteadOf = mine:\n")
        .expect("a file");
    scene.remote("mine", "mine:one-app.git");
    agrees(&scene, scene.repository());
}

#[test]
fn configuration_from_the_environment() {
    let mut scene = Scene::bare();
    scene.set("GIT_CONFIG_COUNT", "1");
    scene.set("GIT_CONFIG_KEY_0", "remote.extra.url");
    scene.set("GIT_CONFIG_VALUE_0", "https://git.heroku.com/one-app.git");
    agrees(&scene, scene.repository());
}

#[test]
fn included_files() {
    let scene = Scene::bare();
    let remote =
        |name: &str, app: &str| format!("[remote \"{name}\"]\n\turl = https://git.heroku.com/{app}.git\n");
    let write = |name: &str, text: String| fs::write(scene.folder().join(name), text).expect("a file");
    write("included", remote("included", "one-app"));
    write("by-folder", remote("by-folder", "two-app"));
    write("by-branch", remote("by-branch", "three-app"));
    write("by-url", remote("by-url", "four-app"));
    write("elsewhere", remote("elsewhere", "five-app"));
    let folder = fs::canonicalize(scene.folder()).expect("a path");
    let folder = folder.display();
    scene.git(&["config", "include.path", &format!("{folder}/included")]);
    scene.git(&["config", &format!("includeIf.gitdir:{folder}/.path"), &format!("{folder}/by-folder")]);
    scene.git(&["config", "includeIf.onbranch:main.path", &format!("{folder}/by-branch")]);
    scene.git(&["config", "includeIf.gitdir:/nowhere/.path", &format!("{folder}/elsewhere")]);
    agrees(&scene, scene.repository());
}

#[test]
fn a_subfolder_of_the_work_tree() {
    let scene = committed();
    agrees_in(&scene, scene.repository(), &scene.repository().join("lib/deep"));
}

#[test]
fn a_linked_worktree() {
    let scene = committed();
    scene.git(&["worktree", "add", "--quiet", "../linked"]);
    agrees(&scene, &scene.folder().join("linked"));
}

#[test]
fn a_submodule_has_remotes_of_its_own() {
    let scene = committed();
    let inner = scene.folder().join("inner");
    let of = scene.repository().display().to_string();
    scene.git(&["clone", "--quiet", &of, &inner.display().to_string()]);
    scene.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../inner", "sub"]);
    let sub = scene.repository().join("sub");
    assert!(sub.join(".git").is_file(), "a submodule's .git is a file");
    let add = ["remote", "add", "production", "https://git.heroku.com/two-app.git"];
    assert!(scene.prepared("git").args(add).current_dir(&sub).status().expect("git").success());
    let outcome = scene.finish(scene.prepared("production").arg("which").current_dir(&sub));
    assert_eq!(outcome.stdout, "two-app\n", "{outcome}");
    let outcome = scene.finish(scene.prepared("staging").arg("which").current_dir(&sub));
    assert_eq!(outcome.status, Some(4), "the outer repository's remote does not count: {outcome}");
}

#[test]
fn a_git_file_that_points_elsewhere() {
    let scene = committed();
    let there = scene.folder().join("there");
    scene.git(&[
        "init",
        "--quiet",
        "--separate-git-dir",
        &scene.folder().join("store").display().to_string(),
        &there.display().to_string(),
    ]);
    let add = ["remote", "add", "staging", "git@heroku.com:one-app.git"];
    assert!(scene.prepared("git").args(add).current_dir(&there).status().expect("git").success());
    agrees(&scene, &there);
}

#[test]
fn remotes_with_odd_names() {
    let scene = Scene::bare();
    for name in ["with/slash", "UPPER", "dots.in.it", "ünïcode", "with space", "-dash"] {
        scene.git(&["config", &format!("remote.{name}.url"), "https://git.heroku.com/one-app.git"]);
    }
    agrees(&scene, scene.repository());
}

#[test]
fn a_remote_with_several_urls_is_fetched_from_the_first() {
    let scene = Scene::bare();
    scene.remote("several", "https://git.heroku.com/one-app.git");
    scene.git(&["config", "--add", "remote.several.url", "https://git.heroku.com/two-app.git"]);
    agrees(&scene, scene.repository());
}

#[test]
fn another_git_host() {
    let mut scene = Scene::bare();
    scene.set("HEROKU_GIT_HOST", "git.example.com");
    scene.remote("staging", "https://git.example.com/one-app.git");
    scene.remote("production", "https://git.heroku.com/two-app.git");
    assert_eq!(scene.run("staging which").stdout, "one-app\n");
    assert_eq!(scene.run("production which").status, Some(4));
}

#[test]
fn hostile_app_names_are_not_used() {
    for name in ["--upload-pack=touch pwned", "..", "a/../../b", "play\u{1b}[2Jhouse", "Playhouse", ""] {
        let scene = Scene::bare();
        scene.git(&["config", "remote.staging.url", &format!("https://git.heroku.com/{name}.git")]);
        let outcome = scene.run("staging --dry-run features");
        assert_eq!(outcome.status, Some(3), "{name:?}: {outcome}");
        assert_eq!(outcome.stdout, "", "{name:?}");
        assert!(outcome.stderr.contains("is not a valid app name"), "{outcome}");
        assert!(!outcome.stderr.contains('\u{1b}'), "{outcome}");
    }
}

#[test]
fn an_oversized_git_configuration_is_refused() {
    let scene = Scene::bare();
    scene.remote("staging", "https://git.heroku.com/one-app.git");
    let config = scene.repository().join(".git/config");
    let mut text = fs::read_to_string(&config).expect("a file");
    text.push_str(&"# all work and no play\n".repeat(500_000));
    fs::write(&config, text).expect("a file");
    insta::assert_snapshot!(scene.run("staging which"), @"
    ------- stderr -------
    error: cannot read [SCENE]/playhouse/.git/config
      caused by: it is larger than 1 MiB
    hint: git config --file [SCENE]/playhouse/.git/config --list | head
    [exit status: 2]
    ");
}

#[test]
fn an_oversized_greenroom_toml_is_refused() {
    let scene = Scene::bare();
    scene.write("greenroom.toml", "# all work and no play\n".repeat(500_000));
    insta::assert_snapshot!(scene.run("staging which"), @"
    ------- stderr -------
    error: [SCENE]/playhouse/greenroom.toml is larger than 1 MiB and was not read
    [exit status: 2]
    ");
}

/// A repository with one commit.
fn committed() -> Scene {
    let scene = Scene::bare();
    scene.git(&["config", "user.name", "Ada"]);
    scene.git(&["config", "user.email", "ada@example.com"]);
    scene.write("lib/deep/file", "text");
    scene.git(&["add", "."]);
    scene.git(&["commit", "--quiet", "--message", "first"]);
    scene.remote("staging", "https://git.heroku.com/one-app.git");
    scene
}
