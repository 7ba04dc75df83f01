//! The command line: help, versions, names, links, several environments.

use std::fs;

use greenroom::commands;

use super::scene::{Scene, binaries, install_program, install_script};

#[test]
fn every_binary_has_help_and_a_version() {
    let scene = Scene::bare();
    for name in ["production", "staging", "prepare", "development", "review", "greenroom"] {
        let help = scene.run(&format!("{name} --help"));
        assert_eq!(help.status, Some(0), "{help}");
        assert!(help.stdout.contains(&format!("Usage: {name}")), "{help}");
        let version = scene.run(&format!("{name} --version"));
        assert_eq!(version.to_string(), format!("{name} {}\n", env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn every_command_has_an_example_and_help() {
    let scene = Scene::bare();
    let tables = ["staging", "prepare", "development"].map(|name| (name, commands::of(name)));
    for (name, table) in tables.into_iter().chain([("greenroom", commands::of_the_suite())]) {
        for command in table {
            for word in std::iter::once(&command.name).chain(command.aliases) {
                let help = scene.run(&format!("{name} {word} --help"));
                assert_eq!(help.status, Some(0), "{help}");
                assert!(help.stdout.starts_with(command.about), "{help}");
                assert!(help.stdout.contains("Examples:\n"), "{help}");
                assert!(help.stdout.contains(command.examples), "{help}");
            }
        }
    }
}

#[test]
fn no_arguments_are_bad_usage() {
    let scene = Scene::bare();
    assert_eq!(scene.run("staging").status, Some(2));
    assert_eq!(scene.run("greenroom").status, Some(2));
    insta::assert_snapshot!(scene.run("greenroom lnik qa"), @r#"
    ------- stderr -------
    error: unknown command `lnik`
    hint: did you mean link?
    [exit status: 2]
    "#);
    assert_eq!(scene.run("staging --nonsense ps").status, Some(2));
}

#[test]
fn unknown_environments_are_exit_3() {
    let scene = Scene::bare();
    insta::assert_snapshot!(scene.run("production which"), @"
    ------- stderr -------
    error: no app found for production
      caused by: looked at: no greenroom.toml; no git remotes
    hint: git remote add production https://git.heroku.com/APP.git
    [exit status: 3]
    ");
    scene.remote("heroku", "https://git.heroku.com/playhouse.git");
    insta::assert_snapshot!(scene.run("greenroom on qa which"), @"
    ------- stderr -------
    error: no app found for qa
      caused by: looked at: no greenroom.toml; git remotes heroku (none is a Heroku remote named qa); pipeline stages (none is named qa)
    hint: git remote rename heroku qa   # if playhouse is qa
    hint: git remote add qa https://git.heroku.com/APP.git
    [exit status: 3]
    ");
}

#[test]
fn commands_outside_a_repository() {
    let scene = Scene::bare();
    let outcome =
        scene.finish(scene.prepared("staging").arg("which").current_dir(scene.folder().join("home")));
    insta::assert_snapshot!(outcome, @"
    ------- stderr -------
    error: no app found for staging
      caused by: looked at: no greenroom.toml; no git repository here
    hint: run this inside the app's git repository, or name the app in greenroom.toml
    [exit status: 3]
    ");
}

#[test]
fn configuration_names_apps() {
    let scene = Scene::bare();
    scene.write(
        "greenroom.toml",
        "[environments.staging]\napps = [\"one-app\", \"two-app\"]\n[environments.qa]\napp = \"qa-app\"\n",
    );
    insta::assert_snapshot!(scene.run("staging which"), @"
    one-app
    two-app
    ------- stderr -------
    configured in [SCENE]/playhouse/greenroom.toml
    ");
    insta::assert_snapshot!(scene.run("greenroom on qa which --json"), @r#"
    {
      "environment": "qa",
      "apps": [
        "qa-app"
      ],
      "source": "configuration",
      "reason": "configured in [SCENE]/playhouse/greenroom.toml"
    }
    "#);
    insta::assert_snapshot!(scene.run("staging --dry-run features"), @"
    ------- stderr -------
    error: staging has 2 apps (one-app, two-app), and this command works on one
    hint: staging --only one-app COMMAND
    hint: staging --only two-app COMMAND
    [exit status: 3]
    ");
}

#[test]
fn configuration_errors_name_file_and_line() {
    let scene = Scene::bare();
    scene.write("greenroom.toml", "[environments.staging]\nap = \"one-app\"\n");
    insta::assert_snapshot!(scene.run("staging which"), @"
    ------- stderr -------
    error: [SCENE]/playhouse/greenroom.toml:2: unknown field `ap`, expected one of `app`, `apps`, `remote`, `pipeline`, `stage`, `protected`, `branch`
    hint: did you mean `app`?
    [exit status: 2]
    ");
}

#[test]
fn a_link_to_greenroom_is_an_environment() {
    let scene = Scene::bare();
    let folder = scene.folder().join("own");
    fs::create_dir_all(&folder).expect("a folder");
    install_program(&binaries().join("greenroom"), &folder.join("greenroom"));
    let mut scene = scene;
    scene.put_on_path(folder.clone());
    scene.remote("qa", "https://git.heroku.com/playhouse-qa.git");
    let linked = scene.run("greenroom link qa");
    assert_eq!(linked.stdout, "[SCENE]/own/qa\n", "{linked}");
    assert_eq!(scene.run("qa which").stdout, "playhouse-qa\n");
    // The shells read it.
    let list = scene.folder().join("home/.local/share/greenroom/links");
    assert_eq!(fs::read_to_string(&list).expect("a file"), "qa\n");
    insta::assert_snapshot!(scene.run("greenroom link qa"), @"
    ------- stderr -------
    [SCENE]/own/qa already exists
    ");
    install_script(&scene.folder().join("tools/opera"), "exit 0");
    insta::assert_snapshot!(scene.run("greenroom link opera"), @"
    ------- stderr -------
    error: opera is already another program: [SCENE]/tools/opera
    hint: greenroom link opera-app   # a name that is still free
    [exit status: 5]
    ");
    insta::assert_snapshot!(scene.run("greenroom link ../qa"), @r#"
    ------- stderr -------
    error: "../qa" is not a valid environment name (a-z, 0-9, - and _, starting with a letter)
    hint: greenroom link qa
    [exit status: 2]
    "#);
    assert_eq!(fs::read_to_string(&list).expect("a file"), "qa\n");
    fs::remove_file(&list).and_then(|()| fs::create_dir(&list)).expect("a folder in its place");
    insta::assert_snapshot!(scene.run("greenroom link qa-2"), @"
    [SCENE]/own/qa-2
    ------- stderr -------
    warning: Tab will not complete qa-2: [SCENE]/home/.local/share/greenroom/links: it is not a regular file
    ");
    fs::write(folder.join("other"), "mine").expect("a file");
    insta::assert_snapshot!(scene.run("greenroom link other"), @"
    ------- stderr -------
    error: [SCENE]/own/other exists, and is not greenroom's
    hint: ls -l [SCENE]/own/other
    [exit status: 5]
    ");
}

#[test]
fn links_are_made_beside_greenroom() {
    let mut scene = Scene::bare();
    // As Homebrew does it: the release's own folder, and a link to it on PATH.
    let (cellar, bin) = (scene.folder().join("cellar/0.1.0"), scene.folder().join("my bin"));
    for folder in [&cellar, &bin] {
        fs::create_dir_all(folder).expect("a folder");
    }
    install_program(&binaries().join("greenroom"), &cellar.join("greenroom"));
    std::os::unix::fs::symlink("../cellar/0.1.0/greenroom", bin.join("greenroom")).expect("a link");
    std::os::unix::fs::symlink("../cellar/0.1.0/greenroom", bin.join("greenroom-0.1.0")).expect("a link");
    scene.put_on_path(bin.clone());
    insta::assert_snapshot!(scene.run("greenroom --dry-run link qa"), @"
    ln -s greenroom '[SCENE]/my bin/qa'
    mkdir -p [SCENE]/home/.local/share/greenroom && echo qa >>[SCENE]/home/.local/share/greenroom/links
    ");
    // The shell may give the name alone, or a way to it that is not on PATH.
    let by_name = |path: &std::path::Path, name: &str| {
        let mut command = scene.prepared("greenroom");
        std::os::unix::process::CommandExt::arg0(&mut command, name);
        scene.finish(command.env("PATH", path).args(["link", "qa"]))
    };
    insta::assert_snapshot!(by_name(&bin, "greenroom"), @"[SCENE]/my bin/qa");
    assert_eq!(fs::read_link(bin.join("qa")).expect("a link").to_str(), Some("greenroom"));
    assert_eq!(scene.run("greenroom link qa").stderr, "[SCENE]/my bin/qa already exists\n");
    fs::remove_file(bin.join("qa")).expect("a link");
    insta::assert_snapshot!(by_name(scene.folder(), "../my bin/greenroom"), @r#"
    [SCENE]/playhouse/../my bin/qa
    ------- stderr -------
    warning: [SCENE]/playhouse/../my bin is not on PATH
    hint: export PATH='[SCENE]/playhouse/../my bin':"$PATH"
    "#);
    fs::remove_file(bin.join("qa")).expect("a link");
    assert!(!cellar.join("qa").exists());
    // A name says nothing: what counts is the file.
    install_program(&binaries().join("staging"), &bin.join("staging"));
    assert_eq!(scene.run("greenroom link staging").status, Some(0));
    install_script(&bin.join("production"), "exec other greenroom.toml");
    insta::assert_snapshot!(scene.run("greenroom link production"), @"
    ------- stderr -------
    error: [SCENE]/my bin/production exists, and is not greenroom's
    hint: ls -l '[SCENE]/my bin/production'
    [exit status: 5]
    ");
    // A release's name is the suite's too.
    assert_eq!(scene.run("greenroom-0.1.0 --version").stdout, scene.run("greenroom --version").stdout);
    std::os::unix::fs::symlink("greenroom", bin.join("qa.eu")).expect("a link");
    insta::assert_snapshot!(scene.run("qa.eu which"), @r#"
    ------- stderr -------
    error: "qa.eu" is not a valid environment name (a-z, 0-9, - and _, starting with a letter)
    hint: greenroom link qa
    [exit status: 2]
    "#);
}

#[test]
fn json_of_several_environments_is_one_object_per_line() {
    let scene = Scene::bare();
    scene.remote("staging", "https://git.heroku.com/playhouse-staging.git");
    scene.remote("qa", "https://git.heroku.com/playhouse-qa.git");
    for line in ["greenroom on staging,qa which --json", "greenroom --json on staging,qa which"] {
        let outcome = scene.run(line);
        let mut lines: Vec<&str> = outcome.stdout.lines().collect();
        lines.sort_unstable();
        let app =
            |line: &str| serde_json::from_str::<serde_json::Value>(line).expect(line)["apps"][0].clone();
        let apps: Vec<_> = lines.into_iter().map(app).collect();
        assert_eq!(apps, ["playhouse-qa", "playhouse-staging"], "{outcome}");
    }
}

#[test]
fn on_runs_a_command_in_several_environments() {
    let scene = Scene::bare();
    scene.remote("staging", "https://git.heroku.com/playhouse-staging.git");
    scene.remote("qa-1", "https://git.heroku.com/playhouse-qa-1.git");
    scene.remote("qa-2", "https://git.heroku.com/playhouse-qa-2.git");
    let outcome = scene.run("greenroom --dry-run on staging,qa-* features -x");
    let mut lines: Vec<&str> = outcome.stdout.lines().collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "qa-1    | heroku features --app=playhouse-qa-1 -x",
            "qa-2    | heroku features --app=playhouse-qa-2 -x",
            "staging | heroku features --app=playhouse-staging -x",
        ]
    );
    assert_eq!(scene.run("greenroom on staging,nowhere which").status, Some(3), "the worst counts");
    insta::assert_snapshot!(scene.run("greenroom on ci-* ps"), @r#"
    ------- stderr -------
    error: no known environment matches "ci-*"
    hint: known here: qa-1, qa-2, staging
    [exit status: 3]
    "#);
}

#[test]
fn review_takes_a_selector_first() {
    let scene = Scene::bare();
    for line in
        ["review 42 --dry-run features", "review --dry-run 42 features", "review #42 which", "review which"]
    {
        let outcome = scene.run(line);
        assert_eq!(outcome.status, Some(4), "it wants the API: {outcome}");
    }
    let words = ["https://github.com/o/r/pull/42", "which"];
    assert_eq!(scene.run_words("review", &words).status, Some(4));
}
