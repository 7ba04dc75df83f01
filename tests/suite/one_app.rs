//! One app of an environment that has several: `--only APP`, and `NAME@APP` behind `greenroom on`.

use super::scene::Scene;

/// `both` is staging's app and production's.
fn with_two_apps() -> Scene {
    let scene = Scene::playhouse();
    scene.write(
        "greenroom.toml",
        "[environments.staging]\napps = [\"playhouse-staging\", \"playhouse-production\"]\n",
    );
    scene
}

#[test]
fn commands_for_one_app_suggest_only() {
    let scene = with_two_apps();
    insta::assert_snapshot!(scene.run("staging features"), @"
    ------- stderr -------
    error: staging has 2 apps (playhouse-staging, playhouse-production), and this command works on one
    hint: staging --only playhouse-staging COMMAND
    hint: staging --only playhouse-production COMMAND
    [exit status: 3]
    ");
}

#[test]
fn only_is_accepted_before_and_after_the_command() {
    let scene = with_two_apps();
    for line in [
        "staging --only playhouse-staging which",
        "staging --only=playhouse-staging which",
        "staging which --only playhouse-staging",
        "staging --dry-run --only playhouse-staging which",
    ] {
        assert_eq!(scene.run(line).stdout, "playhouse-staging\n", "{line}");
    }
    insta::assert_snapshot!(scene.run("staging --dry-run --only playhouse-staging features -x"), @"heroku features --app=playhouse-staging -x");
    insta::assert_snapshot!(scene.run("staging logs --only playhouse-staging --dry-run --prompt"), @"heroku logs --app=playhouse-staging --prompt");
}

#[test]
fn an_app_of_another_environment_is_refused() {
    let scene = with_two_apps();
    insta::assert_snapshot!(scene.run("staging --only playhouse-prepare which"), @"
    ------- stderr -------
    error: playhouse-prepare is not an app of staging (playhouse-staging, playhouse-production)
    hint: staging which
    [exit status: 3]
    ");
    assert_eq!(scene.run("staging --only Play which").status, Some(2));
    assert_eq!(scene.run("staging --only").status, Some(2));
    assert_eq!(scene.run("greenroom --only playhouse-staging doctor").status, Some(2));
}

#[test]
fn several_environments_may_hold_one_app_each_and_review_apps() {
    let scene = with_two_apps();
    let outcome = scene.run("greenroom on staging@playhouse-staging,42 which");
    let mut lines: Vec<&str> = outcome.stdout.lines().collect();
    lines.sort_unstable();
    insta::assert_snapshot!(lines.join("\n"), @"
    42                        | playhouse-pr-42-x7k2
    staging@playhouse-staging | playhouse-staging
    ");
    insta::assert_snapshot!(scene.run("greenroom on #42 which"), @"
    playhouse-pr-42-x7k2
    ------- stderr -------
    review app of pull request 42 (branch curtain-call) in pipeline playhouse
    ");
}

#[test]
fn a_promotion_is_not_run_in_several_environments_side_by_side() {
    let scene = Scene::playhouse();
    insta::assert_snapshot!(scene.run("greenroom on production,staging promote --yes"), @"
    ------- stderr -------
    error: promote cannot run in several environments side by side
    hint: staging promote --yes
    hint: production promote --yes
    [exit status: 2]
    ");
    let outcome = scene.run("greenroom on production,staging --only playhouse-staging promote --yes");
    assert_eq!((outcome.status, scene.promotions()), (Some(2), 0), "{outcome}");
}

#[test]
fn hints_are_typed_as_the_environment_is() {
    let scene = Scene::playhouse();
    scene.write(
        "greenroom.toml",
        "[environments.qa]\napps = [\"playhouse-staging\", \"playhouse-production\"]\n",
    );
    let hints = |line: &str| {
        let outcome = scene.run(line);
        assert_ne!(outcome.status, Some(0), "{outcome}");
        outcome
            .stderr
            .lines()
            .filter(|line| line.starts_with("hint: "))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        hints("greenroom on qa features"),
        [
            "hint: greenroom on qa --only playhouse-staging COMMAND",
            "hint: greenroom on qa --only playhouse-production COMMAND"
        ]
    );
    assert_eq!(hints("greenroom on qa --only playhouse-prepare which"), ["hint: greenroom on qa which"]);
    assert_eq!(hints("greenroom on qa features --app other"), ["hint: greenroom on qa which"]);
    let outcome = scene.run("greenroom on qa --only playhouse-staging --dry-run features");
    assert_eq!(outcome.stdout, "heroku features --app=playhouse-staging\n", "{outcome}");
}
