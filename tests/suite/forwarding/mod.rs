//! Forwarding: commands that are not ours reach the Heroku CLI exactly as typed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};

use super::official_cli::the_cli;
use super::scene::{Scene, install_script};

mod guard;

/// A `heroku` that prints its arguments, laid out as npm installs the real one.
pub fn with_recorder(script: &str) -> Scene {
    let mut scene = Scene::bare();
    put_recorder(&mut scene, script);
    scene.remote("staging", "https://git.heroku.com/playhouse-staging.git");
    scene
}

fn put_recorder(scene: &mut Scene, script: &str) {
    let package = scene.folder().join("node_modules/heroku");
    fs::create_dir_all(package.join("bin")).expect("a folder");
    fs::create_dir_all(scene.folder().join("node_modules/.bin")).expect("a folder");
    let program = package.join("bin/run.js");
    install_script(&program, script);
    let folder = scene.folder().join("node_modules/.bin");
    std::os::unix::fs::symlink(program, folder.join("heroku")).expect("a link");
    fs::write(
        package.join("oclif.manifest.json"),
        r#"{"version": "11.10.0", "commands": {
            "features": {"flags": {"app": {"char": "a", "type": "option"}, "remote": {"char": "r", "type": "option"},
                             "extended": {"char": "x", "type": "boolean"}}},
            "run": {"flags": {"app": {"char": "a", "type": "option"}, "remote": {"char": "r", "type": "option"}}},
            "run:inside": {"flags": {"app": {"char": "a", "type": "option"}, "remote": {"char": "r", "type": "option"}}},
            "logs": {"flags": {"app": {"char": "a", "type": "option"}, "remote": {"char": "r", "type": "option"}}},
            "ps:stop": {"aliases": ["dyno:stop", "ps:kill", "dyno:kill"], "hiddenAliases": ["stop", "kill"],
                        "flags": {"app": {"char": "a", "type": "option"}}},
            "ps:scale": {"aliases": ["dyno:scale"], "flags": {"app": {"char": "a", "type": "option"}}},
            "domains:clear": {"flags": {"app": {"char": "a", "type": "option"}}},
            "apps:destroy": {"hiddenAliases": ["destroy", "apps:delete"],
                             "flags": {"app": {"char": "a", "type": "option"}, "confirm": {"char": "c", "type": "option"}}},
            "releases:rollback": {"hiddenAliases": ["rollback"], "flags": {"app": {"char": "a", "type": "option"}}},
            "pipelines:promote": {"flags": {"app": {"char": "a", "type": "option"}, "to": {"char": "t", "type": "option"}}},
            "pg:info": {"aliases": ["pg"], "flags": {"app": {"char": "a", "type": "option"}}},
            "apps:create": {"hiddenAliases": ["create"], "flags": {"app": {"type": "option"},
                "no-remote": {"char": "n", "type": "boolean"}, "remote": {"char": "r", "type": "option"},
                "team": {"char": "t", "type": "option"}}},
            "apps:rename": {"hiddenAliases": ["rename"], "flags": {"app": {"char": "a", "type": "option"}}},
            "git:remote": {"flags": {"app": {"char": "a", "type": "option"}, "remote": {"char": "r", "type": "option"}}},
            "regions": {"flags": {"json": {"type": "boolean"}}}}}"#,
    )
    .expect("a file");
    scene.put_on_path(folder);
}

pub const TELL: &str = r#"for word in "$@"; do printf '<%s>' "$word"; done; echo " app=$HEROKU_APP""#;

#[test]
fn arguments_arrive_as_typed() {
    let scene = with_recorder(TELL);
    let words = ["run:inside", "-s", "", "two words", "it's", "$HOME", "a\nb", "--", "-a", "x", "--app=y"];
    let outcome = scene.run_words("staging", &words);
    insta::assert_snapshot!(outcome, @"
    <run:inside><--app=playhouse-staging><-s><><two words><it's><$HOME><a
    b><--><-a><x><--app=y> app=playhouse-staging
    ");
}

#[test]
fn global_flags_come_before_the_command() {
    let scene = with_recorder(TELL);
    insta::assert_snapshot!(scene.run("staging --verbose features --json"), @"
    <features><--app=playhouse-staging><--json> app=playhouse-staging
    ------- stderr -------
    exec heroku features --app=playhouse-staging --json
    ");
    insta::assert_snapshot!(scene.run_words("staging", &["--dry-run", "run:inside", "echo $HOME", "--json"]), @"heroku run:inside --app=playhouse-staging 'echo $HOME' --json");
}

#[test]
fn our_flags_are_removed_when_falling_back_to_the_cli() {
    let scene = with_recorder(TELL);
    insta::assert_snapshot!(scene.run("staging logs --dry-run --prompt"), @"heroku logs --app=playhouse-staging --prompt");
    insta::assert_snapshot!(scene.run("staging tail --prompt -v --no-color -y --json -- --dry-run"), @"
    <logs><--app=playhouse-staging><--tail><--prompt><--no-color><--json><--><--dry-run> app=playhouse-staging
    ------- stderr -------
    exec heroku logs --app=playhouse-staging --tail --prompt --no-color --json -- --dry-run
    ");
    insta::assert_snapshot!(scene.run("staging --dry-run logs --prompt --verbose -n 3"), @"heroku logs --app=playhouse-staging --prompt -n 3");
}

#[test]
fn the_flags_of_a_command_on_a_dyno_are_its_own() {
    let scene = with_recorder("echo \"$@\"");
    let outcome = scene.run("staging run --theirs rake --yes -v --only all");
    assert_eq!(
        outcome.stdout, "run --app=playhouse-staging --theirs rake --yes -v --only all\n",
        "{outcome}"
    );
    let outcome = scene.run("staging run --theirs --yes rake");
    assert_eq!(outcome.stdout, "run --app=playhouse-staging --theirs rake\n", "{outcome}");
}

#[test]
fn cli_flags_come_after_the_command() {
    let scene = with_recorder(TELL);
    insta::assert_snapshot!(scene.run("staging --json features"), @r#"
    ------- stderr -------
    {"kind":"usage","exit_code":2,"message":"features is a Heroku CLI command and takes its flags after its name","causes":[],"hints":["staging features --json"]}
    [exit status: 2]
    "#);
}

#[test]
fn help_for_cli_commands_is_forwarded() {
    let scene = with_recorder(TELL);
    insta::assert_snapshot!(scene.run("staging help features"), @"<help><features> app=");
    assert!(scene.run("staging help promote").stdout.contains("Usage: staging promote"));
}

#[test]
fn commands_without_an_app_flag_get_none() {
    let scene = with_recorder(TELL);
    insta::assert_snapshot!(scene.run("staging regions --json"), @"<regions><--json> app=");
    insta::assert_snapshot!(scene.run("production regions"), @"<regions> app=");
}

#[test]
fn an_app_on_the_command_line_is_refused() {
    let scene = with_recorder(TELL);
    for line in [
        "features -a x",
        "features -ax",
        "features -a=x",
        "features --app x",
        "features --app=x",
        "features -xa y",
        "features -r x",
        "features --remote=x",
    ] {
        let outcome = scene.run(&format!("staging {line}"));
        assert_eq!(outcome.status, Some(2), "{line}: {outcome}");
        assert_eq!(outcome.stdout, "", "{line}");
    }
    insta::assert_snapshot!(scene.run_words("staging", &["run:inside", "ls", "-a", "my files"]), @"
    ------- stderr -------
    error: -a is not allowed: staging already selects the app
    hint: staging which
    hint: staging run:inside -- ls -a 'my files'   # if the flag belongs to that command
    [exit status: 2]
    ");
    insta::assert_snapshot!(scene.run("staging features --app=other"), @"
    ------- stderr -------
    error: --app=other is not allowed: staging already selects the app
    hint: staging which
    [exit status: 2]
    ");
}

#[test]
fn the_cli_exit_code_is_passed_on() {
    let scene = with_recorder("exit 117");
    assert_eq!(scene.run("staging features").status, Some(117));
}

#[test]
fn signals_reach_the_cli_and_greenroom_leaves_no_process() {
    let scene = with_recorder("kill -TERM $$");
    let status = scene.prepared("staging").arg("features").status().expect("staging");
    assert_eq!(status.signal(), Some(15), "the process was replaced, so its end is the CLI's");
    let scene = with_recorder("echo $$");
    let mut child = scene
        .prepared("staging")
        .arg("features")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("staging");
    let id = child.id();
    let mut told = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().expect("stdout"), &mut told).expect("a number");
    child.wait().expect("an end");
    assert_eq!(told.trim(), id.to_string());
}

#[test]
fn a_missing_cli_is_reported_with_an_install_line() {
    let scene = Scene::bare();
    scene.remote("staging", "https://git.heroku.com/playhouse-staging.git");
    insta::assert_snapshot!(scene.run("staging features"), @"
    ------- stderr -------
    error: features requires the Heroku CLI, and `heroku` was not found on PATH
    hint: npm install --global heroku   # or see https://devcenter.heroku.com/articles/heroku-cli
    [exit status: 1]
    ");
}

#[test]
fn typos_get_suggestions() {
    let scene = with_recorder(TELL);
    insta::assert_snapshot!(scene.run("staging promot"), @r#"
    ------- stderr -------
    error: unknown command `promot`: not in greenroom or the Heroku CLI
    hint: did you mean `staging promote`?
    [exit status: 2]
    "#);
    insta::assert_snapshot!(scene.run("staging regoins"), @r#"
    ------- stderr -------
    error: unknown command `regoins`: not in greenroom or the Heroku CLI
    hint: did you mean `staging regions`?
    [exit status: 2]
    "#);
    insta::assert_snapshot!(scene.run("staging xyzzy"), @r#"
    ------- stderr -------
    error: unknown command `xyzzy`: not in greenroom or the Heroku CLI
    hint: staging run xyzzy   # on a one-off dyno
    hint: staging --help
    hint: heroku commands
    [exit status: 2]
    "#);
}

/// Writes the list of the user's plugins, and returns their folder.
fn with_plugins(scene: &Scene, package: &str) -> PathBuf {
    let data = scene.folder().join("home/.local/share/heroku");
    fs::create_dir_all(&data).expect("a folder");
    fs::write(data.join("package.json"), package).expect("a file");
    data
}

/// Writes the manifest of a plugin: `repo:gc` takes an app, and a switch; `repo:mirrors` takes none.
fn write_plugin(folder: &Path) {
    fs::create_dir_all(folder).expect("a folder");
    let manifest = r#"{"version": "1.0.0", "commands": {
        "repo:gc": {"aliases": ["gc"], "flags": {"app": {"char": "a", "type": "option"},
                                                 "quiet": {"char": "q", "type": "boolean"}}},
        "repo:mirrors": {"args": [], "flags": {"json": {"type": "boolean"}}}}}"#;
    fs::write(folder.join("package.json"), r#"{"name": "heroku-repo", "version": "1.0.0"}"#).expect("a file");
    fs::write(folder.join("oclif.manifest.json"), manifest).expect("a file");
}

#[test]
fn unknown_commands_are_forwarded_if_a_plugin_has_no_manifest() {
    let scene = with_recorder(TELL);
    with_plugins(&scene, r#"{"dependencies": {"heroku-repo": "1"}}"#);
    insta::assert_snapshot!(scene.run("staging repo:gc"), @"<repo:gc><--app=playhouse-staging> app=playhouse-staging");
}

#[test]
fn plugin_commands_get_an_app_flag_if_their_manifest_has_one() {
    let scene = with_recorder(TELL);
    let data = with_plugins(
        &scene,
        r#"{"oclif": {"plugins": [{"name": "heroku-repo", "type": "user", "tag": "latest"}]}}"#,
    );
    write_plugin(&data.join("node_modules/heroku-repo"));
    insta::assert_snapshot!(scene.run("staging repo:gc -q"), @"<repo:gc><--app=playhouse-staging><-q> app=playhouse-staging");
    insta::assert_snapshot!(scene.run("staging gc"), @"<gc><--app=playhouse-staging> app=playhouse-staging");
    insta::assert_snapshot!(scene.run("staging repo:mirrors --json"), @"<repo:mirrors><--json> app=");
    insta::assert_snapshot!(scene.run("staging repo:gc -qa other"), @"
    ------- stderr -------
    error: -qa is not allowed: staging already selects the app
    hint: staging which
    [exit status: 2]
    ");
    insta::assert_snapshot!(scene.run("staging repo:mirorrs"), @r#"
    ------- stderr -------
    error: unknown command `repo:mirorrs`: not in greenroom or the Heroku CLI
    hint: did you mean `staging repo:mirrors`?
    [exit status: 2]
    "#);
    // The list is empty once it is uninstalled, and what was kept of it counts no more.
    with_plugins(&scene, r#"{"oclif": {"plugins": []}, "dependencies": {}}"#);
    assert_eq!(scene.run("staging repo:gc").status, Some(2));
}

#[test]
fn linked_plugins_are_read_in_place() {
    let scene = with_recorder(TELL);
    let plugin = scene.folder().join("work/heroku-repo");
    let root = plugin.display();
    with_plugins(
        &scene,
        &format!(
            r#"{{"oclif": {{"plugins": [{{"name": "heroku-repo", "type": "link", "root": "{root}"}}]}}}}"#
        ),
    );
    insta::assert_snapshot!(scene.run("staging repo:mirrors"), @"<repo:mirrors><--app=playhouse-staging> app=playhouse-staging");
    write_plugin(&plugin);
    insta::assert_snapshot!(scene.run("staging repo:mirrors"), @"<repo:mirrors> app=");
}

#[test]
fn the_official_cli_and_its_core_plugins_are_read() {
    let Some(cli) = the_cli() else { return };
    let mut scene = Scene::bare();
    scene.remote("staging", "https://git.heroku.com/playhouse-staging.git");
    scene.put_on_path(cli.parent().expect("a folder").to_owned());
    for (line, printed) in [
        ("pg:backups:schedule --at 04:00", "heroku pg:backups:schedule --app=playhouse-staging --at 04:00"),
        ("pg:killall", "heroku pg:killall --app=playhouse-staging"),
        ("regions", "heroku regions"),
        ("plugins:inspect heroku-repo", "heroku plugins:inspect heroku-repo"),
        ("commands --json", "heroku commands --json"),
    ] {
        assert_eq!(scene.run(&format!("staging --dry-run {line}")).stdout, format!("{printed}\n"));
    }
    insta::assert_snapshot!(scene.run("staging plugins:unistall x"), @r#"
    ------- stderr -------
    error: unknown command `plugins:unistall`: not in greenroom or the Heroku CLI
    hint: did you mean `staging plugins:uninstall`?
    [exit status: 2]
    "#);
    insta::assert_snapshot!(scene.run("staging pg:bakups"), @r#"
    ------- stderr -------
    error: unknown command `pg:bakups`: not in greenroom or the Heroku CLI
    hint: did you mean `staging pg:backups`?
    [exit status: 2]
    "#);
    // A plugin of the person's beside them.
    let data = with_plugins(&scene, r#"{"oclif": {"plugins": [{"name": "heroku-repo", "type": "user"}]}}"#);
    write_plugin(&data.join("node_modules/heroku-repo"));
    insta::assert_snapshot!(scene.run("staging --dry-run repo:gc"), @"heroku repo:gc --app=playhouse-staging");
    insta::assert_snapshot!(scene.run("staging --dry-run repo:mirrors"), @"heroku repo:mirrors");
    let kept = scene.folder().join("home/.cache/greenroom/heroku-commands");
    let mode = fs::metadata(kept).expect("a digest").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn the_built_in_list_is_used_if_the_manifest_is_unreadable() {
    let scene = with_recorder(TELL);
    fs::write(scene.folder().join("node_modules/heroku/oclif.manifest.json"), "{ cut").expect("a file");
    insta::assert_snapshot!(scene.run("staging features -x"), @"<features><--app=playhouse-staging><-x> app=playhouse-staging");
    insta::assert_snapshot!(scene.run("staging regions"), @"<regions> app=");
}

#[test]
fn a_changed_manifest_is_read_again() {
    let scene = with_recorder(TELL);
    assert_eq!(scene.run("staging added").status, Some(2));
    let manifest = r#"{"commands": {"added": {"flags": {"app": {"char": "a", "type": "option"}}}}}"#;
    fs::write(scene.folder().join("node_modules/heroku/oclif.manifest.json"), manifest).expect("a file");
    assert_eq!(scene.run("staging added").stdout, "<added><--app=playhouse-staging> app=playhouse-staging\n");
}

#[test]
fn heroku_app_does_not_redirect_a_named_environment() {
    let mut scene = with_recorder(TELL);
    scene.set("HEROKU_APP", "elsewhere");
    insta::assert_snapshot!(scene.run("staging features"), @"<features><--app=playhouse-staging> app=playhouse-staging");
}
