//! `greenroom doctor completion`, with each fault that it finds.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::completion::prompt::home;
use crate::pty::Pty;
use crate::scene::{Scene, install_program, install_script, link_tool};

mod startup_files;

/// A scene with bash and its completion installed, a Heroku CLI, and a login.
pub(crate) fn healthy() -> Scene {
    let mut scene = Scene::playhouse();
    let tools = scene.folder().join("more");
    let package = scene.folder().join("lib/heroku");
    fs::create_dir_all(&tools).expect("a folder");
    fs::create_dir_all(package.join("bin")).expect("a folder");
    link_tool(&tools, "bash");
    for tool in ["sleep", "mv", "sh"] {
        link_tool(&tools, tool);
    }
    install_script(&package.join("bin/run.js"), "exit 0");
    fs::write(
        package.join("oclif.manifest.json"),
        r#"{"commands": {"ps": {"flags": {}}, "apps": {"flags": {}}}}"#,
    )
    .expect("a file");
    std::os::unix::fs::symlink("../lib/heroku/bin/run.js", tools.join("heroku")).expect("a link");
    scene.put_on_path(tools).set("SHELL", "/bin/bash");
    assert_eq!(scene.run("greenroom completions --install").status, Some(0));
    scene
}

/// The lines that are not `ok`, without the binaries' folder.
fn findings(scene: &Scene) -> String {
    let outcome = scene.run("greenroom doctor programs completion");
    let binaries = crate::scene::binaries().display().to_string();
    let lines = outcome.stdout.lines().filter(|line| !line.starts_with("ok "));
    let lines: Vec<_> = lines.map(|line| line.replace(&binaries, "[BINARIES]")).collect();
    let has_problem = lines.iter().any(|line| line.starts_with("problem "));
    assert_eq!(outcome.status, Some(i32::from(has_problem)), "{outcome}");
    let is_expected =
        |line: &str| line.starts_with("hint: greenroom doctor --fix") || line.starts_with("waiting for ");
    assert!(outcome.stderr.lines().all(is_expected), "{outcome}");
    lines.join("\n")
}

#[test]
fn a_working_set_up_has_no_findings() {
    let scene = healthy();
    let outcome = scene.run("greenroom doctor programs completion");
    assert_eq!((outcome.status, outcome.stderr.as_str()), (Some(0), ""), "{outcome}");
    assert!(outcome.stdout.lines().all(|line| line.starts_with("ok ")), "{outcome}");
    assert!(outcome.stdout.contains(" has loaded the completion\n"), "{outcome}");
    let json = scene.run("greenroom doctor completion --json");
    let found: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(found[0]["level"], "ok");
    assert_eq!(found[0]["examination"], "completion");
    assert!(found[0]["hint"].is_null());
    assert_eq!(scene.run("greenroom doctor nonsense").status, Some(2));
    assert_eq!(scene.run("greenroom doctor --shell tcsh").status, Some(2));
}

#[test]
fn completion_that_is_not_installed() {
    let scene = healthy();
    assert_eq!(scene.run("greenroom completions bash --uninstall").status, Some(0));
    let found = findings(&scene);
    assert!(found.contains(" has not loaded the completion\n"), "{found}");
    assert!(found.contains("hint: greenroom completions bash --install"), "{found}");
    let json = scene.run("greenroom doctor completion --json");
    assert_eq!(json.status, Some(1), "{json}");
    assert!(json.stdout.contains(r#""level": "problem""#), "{json}");
}

#[test]
fn files_of_another_release() {
    let scene = healthy();
    let stub = home(&scene).join(".local/share/greenroom/completions/greenroom.bash");
    let text = fs::read_to_string(&stub).expect("a file");
    fs::write(&stub, text + "\n# older\n").expect("a file");
    let rc = home(&scene).join(".bashrc");
    let text = fs::read_to_string(&rc).expect("a file");
    fs::write(&rc, text.replace("# <<<", "true\n# <<<")).expect("a file");
    insta::assert_snapshot!(findings(&scene).replace(&*scene.folder().to_string_lossy(), "[SCENE]"), @"
    warning  [SCENE]/home/.local/share/greenroom/completions/greenroom.bash is from another release
             hint: greenroom completions bash --install
    warning  greenroom's block in [SCENE]/home/.bashrc is from another release
             hint: greenroom completions bash --install
    ");
    fs::write(&rc, "# >>> greenroom completions >>>\n").expect("a file");
    let found = findings(&scene);
    assert!(found.contains(".bashrc:1: the greenroom block has no end marker"), "{found}");
}

#[test]
fn missing_and_unknown_shells() {
    let mut scene = healthy();
    scene.set("SHELL", "/bin/dash");
    insta::assert_snapshot!(findings(&scene), @"
    problem  unknown shell `dash`
             hint: greenroom doctor completion --shell bash
    ");
    scene.set("SHELL", "");
    insta::assert_snapshot!(findings(&scene), @"
    problem  $SHELL is not set
             hint: greenroom doctor completion --shell bash
    ");
    scene.set("SHELL", "/usr/bin/pwsh");
    let found = findings(&scene);
    let missing = "problem  pwsh is not on PATH\n         hint: greenroom doctor completion --shell bash\n";
    assert!(found.contains(missing), "{found}");
    assert_eq!(scene.run("greenroom doctor completion --shell bash").status, Some(0));
}

#[test]
fn other_programs_of_the_same_name() {
    let mut scene = healthy();
    let folder = scene.folder().join("own");
    fs::create_dir(&folder).expect("a folder");
    install_script(&folder.join("staging"), "exit 0");
    install_program(&crate::scene::binaries().join("review"), &folder.join("review"));
    scene.put_on_path(folder);
    let list = home(&scene).join(".local/share/greenroom/links");
    fs::write(list, "qa\n").expect("a file");
    insta::assert_snapshot!(findings(&scene).replace(&*scene.folder().to_string_lossy(), "[SCENE]"), @r#"
    problem  staging on PATH is another program: [SCENE]/own/staging
             hint: export PATH=[BINARIES]:"$PATH"
    warning  review on PATH is another installation's: [SCENE]/own/review
             hint: export PATH=[BINARIES]:"$PATH"
    warning  qa is not on PATH
             hint: greenroom link qa
    "#);
}

#[test]
fn a_missing_heroku_cli_and_login() {
    let mut scene = healthy();
    fs::remove_file(scene.folder().join("lib/heroku/oclif.manifest.json")).expect("a file");
    let found = findings(&scene);
    assert!(found.contains("warning  the Heroku CLI's manifest cannot be read"), "{found}");
    fs::remove_file(scene.folder().join("more/heroku")).expect("a link");
    scene.set("HEROKU_API_KEY", "");
    insta::assert_snapshot!(findings(&scene), @"
    problem  the Heroku CLI is not on PATH: none of its commands are offered
             hint: npm install --global heroku
    warning  not logged in to [HEROKU]: no names from Heroku are offered
             hint: heroku login
    ");
}

#[test]
fn other_shells_are_checked() {
    for (name, program) in [("fish", "fish"), ("nushell", "nu"), ("elvish", "elvish")] {
        if which::which(program).is_err() {
            continue;
        }
        let scene = healthy();
        link_tool(&scene.folder().join("more"), program);
        let examine = format!("greenroom doctor --shell {name}");
        let outcome = scene.run(&examine);
        assert_eq!(outcome.status, Some(1), "{outcome}");
        assert!(
            outcome.stdout.contains(&format!("hint: greenroom completions {name} --install\n")),
            "{outcome}"
        );
        assert_eq!(scene.run(&format!("greenroom completions {name} --install")).status, Some(0));
        let outcome = scene.run(&examine);
        assert_eq!(outcome.status, Some(0), "{outcome}");
        let asked = if name == "elvish" { "elvish was not checked" } else { " has loaded the completion\n" };
        assert!(outcome.stdout.contains(asked), "{outcome}");
    }
}

#[test]
fn the_checked_shell_does_not_take_the_terminal() {
    let scene = healthy();
    let mut command = scene.prepared("greenroom");
    command.args(["doctor", "completion"]);
    let shown = Pty::start(&command).end();
    assert_eq!(shown.code(), 0, "{}", shown.raw());
    assert!(shown.raw().contains(" has loaded the completion\n"), "{}", shown.raw());
}

#[test]
fn unusable_caches() {
    let mut scene = healthy();
    let cache = scene.folder().join("cache");
    scene.set("XDG_CACHE_HOME", &cache);
    let lists = cache.join("greenroom/completion");
    fs::create_dir_all(lists.join("api.heroku.com/playhouse-staging")).expect("a folder");
    fs::write(lists.join("api.heroku.com/playhouse-staging/dynos"), "web.1").expect("a file");
    fs::set_permissions(&lists, fs::Permissions::from_mode(0o755)).expect("a mode");
    let shown = |text: &str| text.replace(&*scene.folder().to_string_lossy(), "[SCENE]");
    insta::assert_snapshot!(shown(&findings(&scene)), @"
    problem  [SCENE]/cache/greenroom/completion is readable by other users
             hint: chmod go-rwx [SCENE]/cache/greenroom/completion
    ");
    fs::set_permissions(&lists, fs::Permissions::from_mode(0o700)).expect("a mode");
    let outcome = scene.run("greenroom doctor");
    assert!(
        outcome
            .stdout
            .contains("ok       [SCENE]/cache/greenroom/completion holds 1 kB; lists of names: 1\n"),
        "{outcome}"
    );
    let failed = lists.join("api.heroku.com/playhouse-staging/config-vars.failed");
    fs::write(failed, "1000 HTTP 503\u{1b}[2J\n").expect("a file");
    let found = findings(&scene);
    assert!(
        found.starts_with("warning  refreshing api.heroku.com/playhouse-staging/config-vars failed "),
        "{found}"
    );
    assert!(found.contains(" days ago: HTTP 503") && !found.contains('\u{1b}'), "{found}");
    fs::remove_dir_all(&cache).expect("a folder");
    fs::write(&cache, "").expect("a file");
    let found = shown(&findings(&scene));
    assert!(
        found.starts_with("problem  cannot write to the cache folder [SCENE]/cache/greenroom/completion: "),
        "{found}"
    );
}
