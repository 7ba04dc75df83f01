//! What runs on this machine, and what needs an app.

use super::{Scene, install_script, link_tool};

#[test]
fn what_needs_an_app_names_the_one_in_the_stage() {
    let scene = Scene::quiet();
    insta::assert_snapshot!(scene.run("development ps"), @"
    ------- stderr -------
    error: development is this machine, and ps needs a Heroku app
    hint: prepare ps   # on the app in the pipeline's stage development
    [exit status: 2]
    ");
    insta::assert_snapshot!(scene.run("development --dry-run config:set A=1"), @"
    ------- stderr -------
    error: development is this machine, and config:set needs a Heroku app
    hint: prepare --dry-run config:set A=1   # on the app in the pipeline's stage development
    [exit status: 2]
    ");
    insta::assert_snapshot!(scene.run("development help promote"), @"
    ------- stderr -------
    error: development is this machine, and promote needs a Heroku app
    hint: prepare help promote   # on the app in the pipeline's stage development
    [exit status: 2]
    ");
    insta::assert_snapshot!(scene.run("development pg:info"), @"
    ------- stderr -------
    error: development is this machine, and pg:info needs a Heroku app
    hint: prepare pg:info   # on the app in the pipeline's stage development
    [exit status: 2]
    ");
    assert!(scene.requests().is_empty(), "{:?}", scene.requests());
    insta::assert_snapshot!(scene.run("development --help"), @"
    Run a command on this machine, with its database

    Usage: development [OPTIONS] <COMMAND>

    Commands:
      backup   Dump the database of this machine into a file that is kept
      backups  List kept dumps and replaced databases, or remove them
      console  Open the framework's console on this machine
      migrate  Migrate the database on this machine
      psql     Open psql on this machine's database [alias: pg:psql]
      restore  Replace the database of this machine by a dump; the old one is kept
      run      Run a command on this machine
      which    Print the database of this machine and where that was read
      help     Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help
      -V, --version  Print version

    Global options:
          --dry-run     Print what would be done without doing it
          --json        Print output as JSON, for commands that print data
      -y, --yes         Skip the confirmation for protected environments
      -v, --verbose     Print more detail
          --no-color    Disable color
          --only <APP>  Select one app of an environment that has several

    Commands that need a Heroku app are those of other environments; the app in the pipeline's stage development is `prepare`.
    ");
}

#[test]
fn a_remote_or_configuration_makes_it_an_app() {
    let scene = Scene::quiet();
    scene.write("greenroom.toml", "[environments.development]\nprotected = true\n");
    assert_eq!(scene.run("development ps").status, Some(2));
    scene.write("greenroom.toml", "[environments.development]\nstage = \"development\"\n");
    insta::assert_snapshot!(scene.run("development which"), @"
    playhouse-prepare
    ------- stderr -------
    in stage development of pipeline playhouse, found through git remote prepare
    ");
    scene.write("greenroom.toml", "");
    scene.remote("development", "https://git.heroku.com/playhouse-staging.git");
    insta::assert_snapshot!(scene.run("development which"), @"
    playhouse-staging
    ------- stderr -------
    git remote development is https://git.heroku.com/playhouse-staging.git
    ");
    let outcome = scene.run("development --dry-run console");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert!(scene.run("development --help").stdout.contains("promote"));
}

#[test]
fn the_frameworks_commands_run_here() {
    let mut scene = Scene::bare();
    scene.write("bin/.keep", "");
    install_script(&scene.repository().join("bin/rails"), "echo \"$PWD: $@\"\nexit 3");
    for tool in ["sh", "cat"] {
        link_tool(&scene.folder().join("tools"), tool);
    }
    insta::assert_snapshot!(scene.run("development console --sandbox"), @"
    [SCENE]/playhouse: console --sandbox
    [exit status: 3]
    ");
    insta::assert_snapshot!(scene.run("development migrate VERSION=1"), @"
    [SCENE]/playhouse: db:migrate VERSION=1
    [exit status: 3]
    ");
    insta::assert_snapshot!(scene.run("development --dry-run migrate"), @"bin/rails db:migrate");
    insta::assert_snapshot!(scene.run("development run bin/rails runner a b"), @"
    [SCENE]/playhouse: runner a b
    [exit status: 3]
    ");
    insta::assert_snapshot!(scene.run_words("development", &["run", "echo a | cat"]), @"a");
    scene.set("RAILS_ENV", "production");
    assert_eq!(scene.run("development migrate").status, Some(5));
}

#[test]
fn no_file_starts_a_shell() {
    let scene = Scene::bare();
    scene.write("greenroom.toml", "[commands]\nconsole = \"cd web && bin/console\"\n");
    insta::assert_snapshot!(scene.run("development console -v"), @"
    ------- stderr -------
    error: cannot run what is configured as [commands] console
      caused by: the command is a line of shell, and no file of a repository starts a shell on this machine
    hint: development run 'cd web && bin/console'
    [exit status: 2]
    ");
    scene.write("greenroom.toml", "[commands]\nconsole = \"A=1 no-such-program x\"\n");
    insta::assert_snapshot!(scene.run("development console"), @"
    ------- stderr -------
    error: no-such-program was not found: looked at PATH
    [exit status: 1]
    ");
}
