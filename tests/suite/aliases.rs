//! `[aliases]` of the configuration.

use super::forwarding::{TELL, with_recorder};
use super::scene::{Outcome, Scene};

/// A recorder of the Heroku CLI in a project with these aliases.
fn with_aliases(aliases: &str) -> Scene {
    let scene = with_recorder(TELL);
    scene.write("greenroom.toml", format!("[aliases]\n{aliases}\n"));
    scene
}

/// fish's candidates at the end of a line, each with its description.
fn offered(scene: &Scene, line: &str) -> Vec<String> {
    let outcome = scene.run_words("greenroom", &["__complete", "fish", line]);
    outcome.stdout.lines().skip(1).map(str::to_owned).collect()
}

/// The message of a configuration error.
fn refused(outcome: &Outcome) -> &str {
    assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(2), ""), "{outcome}");
    outcome.stderr.lines().next().unwrap_or_default()
}

#[test]
fn an_alias_stands_for_its_words() {
    let scene = with_aliases(r#"task = "run:inside 'bin/rails runner' $HOME *""#);
    insta::assert_snapshot!(scene.run_words("staging", &["task", "db:seed", "a b", "--", "-x"]), @"<run:inside><--app=playhouse-staging><bin/rails runner><$HOME><*><db:seed><a b><--><-x> app=playhouse-staging");
    insta::assert_snapshot!(scene.run("staging --verbose --no-color task"), @"
    <run:inside><--app=playhouse-staging><bin/rails runner><$HOME><*> app=playhouse-staging
    ------- stderr -------
    exec heroku run:inside --app=playhouse-staging 'bin/rails runner' '$HOME' '*'
    ");
}

#[test]
fn an_alias_may_stand_for_one_of_our_commands() {
    let scene = with_aliases(r#"where = "which --json""#);
    let plain = scene.run("staging which --json");
    assert_eq!(plain.status, Some(0), "{plain}");
    assert_eq!(scene.run("staging where").to_string(), plain.to_string());
    assert_eq!(scene.run("staging where --bogus").status, Some(2));
}

#[test]
fn a_dry_run_of_an_alias_is_one() {
    let scene = with_aliases(r#"feats = "features --json""#);
    insta::assert_snapshot!(scene.run("staging --dry-run feats -x"), @"heroku features --app=playhouse-staging --json -x");
}

#[test]
fn a_review_app_takes_an_alias() {
    let scene = Scene::playhouse();
    scene.write("greenroom.toml", "[aliases]\nwhere = \"which\"\n");
    scene.git(&["checkout", "--quiet", "-B", "curtain-call"]);
    let expected = scene.run("review 42 which");
    assert_eq!(expected.status, Some(0), "{expected}");
    assert_eq!(scene.run("review 42 where").to_string(), expected.to_string());
    assert_eq!(scene.run("review curtain-call where").stdout, expected.stdout);
    // Two words: the first is the alias, and no branch.
    let of_this_branch = scene.run("review which --json");
    assert_eq!(of_this_branch.status, Some(0), "{of_this_branch}");
    assert_eq!(scene.run("review where --json").to_string(), of_this_branch.to_string());
}

#[test]
fn several_environments_take_an_alias() {
    let scene = Scene::playhouse();
    scene.write("greenroom.toml", "[aliases]\nwhere = \"which\"\n");
    // The lines come in the order in which the environments answer.
    let lines = |outcome: Outcome| {
        assert_eq!(outcome.status, Some(0), "{outcome}");
        outcome.stdout.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>()
    };
    let expected = lines(scene.run("greenroom on staging,production which"));
    assert_eq!(lines(scene.run("greenroom on staging,production where")), expected);
}

#[test]
fn an_alias_with_the_name_of_a_command_is_an_error() {
    let scene = with_aliases("which = \"url\"\nlog = \"url\"\nregions = \"url\"");
    insta::assert_snapshot!(refused(&scene.run("staging which")), @"error: [SCENE]/playhouse/greenroom.toml: [aliases]: `which` is the name of greenroom's command `which`");
    insta::assert_snapshot!(refused(&scene.run("staging diff")), @"error: [SCENE]/playhouse/greenroom.toml: [aliases]: `log` is the name of greenroom's command `diff`");
    insta::assert_snapshot!(refused(&scene.run("staging regions")), @"error: [SCENE]/playhouse/greenroom.toml: [aliases]: `regions` is the name of the Heroku CLI's command `regions`");
}

#[test]
fn an_alias_of_an_alias_is_an_error() {
    let scene = with_aliases("a = \"b\"\nb = \"a\"\nc = \"c\"");
    insta::assert_snapshot!(refused(&scene.run("staging a")), @"error: [SCENE]/playhouse/greenroom.toml: [aliases]: `a` stands for `b`, which is an alias too");
    insta::assert_snapshot!(refused(&scene.run("staging c")), @"error: [SCENE]/playhouse/greenroom.toml: [aliases]: `c` stands for `c`, which is an alias too");
}

#[test]
fn what_is_no_alias_is_a_configuration_error() {
    for entry in [
        "task = \"\"",
        "task = \"run 'a\"",
        "task = \"--verbose run\"",
        "task = \"run \\u001b[2J\"",
        "\"a b\" = \"run\"",
        "help = \"run\"",
    ] {
        let scene = with_aliases(entry);
        let outcome = scene.run("staging task");
        let message = refused(&outcome);
        let key = entry.split(" = ").next().unwrap_or_default().trim_matches('"');
        assert!(message.contains("greenroom.toml: [aliases]: "), "{message}");
        assert!(message.contains(&format!("`{key}`")), "{message}");
    }
    insta::assert_snapshot!(refused(&with_aliases("task = \"run 'a\"").run("staging task")), @"error: [SCENE]/playhouse/greenroom.toml: [aliases]: `task` has a quote that is not closed");
}

#[test]
fn an_alias_cannot_answer_a_confirmation() {
    for words in [
        "destroy --confirm x",
        "destroy --confirm=x",
        "destroy -c x",
        "destroy -fcx",
        "scale web=0 --yes",
        "scale web=0 -vy",
    ] {
        let scene = with_aliases(&format!("off = \"{words}\""));
        let outcome = scene.run("production off");
        assert!(refused(&outcome).contains("must not be able to answer a confirmation"), "{outcome}");
    }
    let scene = with_aliases("off = \"run:inside -- rake -y --confirm\"\nq = \"pg:psql -c 'select 1'\"");
    insta::assert_snapshot!(scene.run("staging off"), @"<run:inside><--app=playhouse-staging><--><rake><-y><--confirm> app=playhouse-staging");
    // This `-c` is no confirmation: what is missing is only the command, which this Heroku CLI does not have.
    assert!(refused(&scene.run("staging --dry-run q")).contains("unknown command `pg:psql`"));
}

#[test]
fn a_protected_environment_asks_behind_an_alias() {
    let scene = Scene::playhouse();
    scene.write("greenroom.toml", "[aliases]\noff = \"maintenance:on\"\n");
    let outcome = scene.run("production off");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert_eq!(scene.run("production --yes off").status, Some(0));
}

#[test]
fn a_misspelled_alias_is_suggested() {
    let scene = with_aliases(r#"reseed = "run bin/seed""#);
    let outcome = scene.run("staging resed");
    assert!(outcome.stderr.ends_with("hint: did you mean `staging reseed`?\n"), "{outcome}");
}

#[test]
fn a_command_of_the_cli_needs_no_readable_configuration() {
    let scene = with_aliases("task = \"\"");
    insta::assert_snapshot!(scene.run("staging regions"), @"<regions> app=");
}

#[test]
fn the_teams_alias_wins_over_ones_own() {
    let mut scene = with_aliases(r#"task = "features team""#);
    let own = scene.folder().join("own");
    std::fs::create_dir_all(own.join("greenroom")).expect("a folder");
    std::fs::write(own.join("greenroom/config.toml"), "[aliases]\ntask = \"features\"\nmine = \"regions\"\n")
        .expect("a file");
    scene.set("XDG_CONFIG_HOME", own);
    insta::assert_snapshot!(scene.run("staging task"), @"<features><--app=playhouse-staging><team> app=playhouse-staging");
    insta::assert_snapshot!(scene.run("staging mine"), @"<regions> app=");
}

#[test]
fn the_help_lists_the_aliases() {
    let scene = with_aliases("task = \"run 'bin/rails runner'\"\nq = \"pg\"\nregions = \"url\"");
    for line in ["staging --help", "staging help"] {
        let outcome = scene.run(line);
        assert_eq!(outcome.status, Some(0), "{outcome}");
        let end = "…\n\nAliases:\n  q     pg\n  task  run 'bin/rails runner'\n";
        assert!(outcome.stdout.ends_with(end), "{outcome}");
    }
    assert!(!scene.run("staging which --help").stdout.contains("Aliases:"));
    insta::assert_snapshot!(scene.run("staging help q"), @"<help><pg> app=");
    scene.write("greenroom.toml", "[aliases]\ntask = \"\"\n");
    let outcome = scene.run("staging --help");
    assert!(outcome.status == Some(0) && !outcome.stdout.contains("Aliases:"), "{outcome}");
}

#[test]
fn tab_offers_aliases_and_completes_behind_them() {
    let scene = with_aliases("task = \"run bin/rails\"\nwhere = \"--json\"\n");
    assert_eq!(offered(&scene, "staging tas"), [""; 0], "an error offers nothing");
    scene.write("greenroom.toml", "[aliases]\ntask = \"run 'bin/rails runner'\"\nsince = \"tail --json\"\n");
    assert_eq!(offered(&scene, "staging tas"), ["task\trun 'bin/rails runner'"]);
    assert_eq!(offered(&scene, "review tas"), ["task\trun 'bin/rails runner'"]);
    assert!(offered(&scene, "staging ").iter().any(|line| line.starts_with("since\ttail --json")));
    for (behind, command) in
        [("staging since --", "staging tail --json --"), ("review since --p", "review tail --json --p")]
    {
        let expected = offered(&scene, command);
        assert!(!expected.is_empty(), "{command}");
        assert_eq!(offered(&scene, behind), expected, "{behind}");
    }
}
