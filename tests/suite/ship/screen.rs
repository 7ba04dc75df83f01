//! `ship` in a terminal: steps drawn in place, questions, Ctrl-C.

use rehearsal::{Fault, history};

use super::{alive, endless, git_that_signs, nothing_moved, prepared, redacted, ship, theatre};
use crate::pty::Pty;
use crate::scene::{Scene, until};

#[test]
fn at_a_terminal_the_steps_are_drawn_in_place() {
    let scene = theatre();
    let mut pty = Pty::start(&prepared(&scene, &["--test", "echo Ready; sleep 0.3", "--smoke", "true"]));
    pty.sees("Ship 77978f9 to playhouse-staging, then playhouse-production? [y/N]", 1).types("y\r");
    let shown = pty.ends(0);
    insta::assert_snapshot!(redacted(&shown.screen(), history::MAIN[4]), @"
    commit [commit] Print tickets at home
    to   playhouse-staging     v11  23280a3 Dim the house lights
         + [commit] Print tickets at home
    to   playhouse-production  v18  b293934 Sell seats by row
         + [commit] Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    branch: origin/main contains [commit]
    Ship [commit] to playhouse-staging, then playhouse-production? [y/N] y
    tests [s]
    build [s]  playhouse-prepare v9
    staging [s]  playhouse-staging v12
    staging smoke [s]
    production [s]  playhouse-production v19
    production smoke [s]
    total [s]  [commit]
    shipped [commit] to staging and production
    https://playhouse-production.herokuapp.com/
    ");
    assert!(shown.raw().contains("waiting") && !shown.raw().contains("begins:"), "{}", shown.raw());
    let scene = theatre();
    let shown =
        Pty::start(&prepared(&scene, &["--test", "echo Four; echo failures; exit 4", "--yes"])).ends(1);
    insta::assert_snapshot!(redacted(&shown.screen(), history::MAIN[4]), @"
    commit [commit] Print tickets at home
    to   playhouse-staging     v11  23280a3 Dim the house lights
         + [commit] Print tickets at home
    to   playhouse-production  v18  b293934 Sell seats by row
         + [commit] Print tickets at home
         + 23280a3 Dim the house lights
         + 2e1c93d Remember the interval
    branch: origin/main contains [commit]
    tests       failed [s]  failures
    build       unchanged [s]  [commit] is prepared already: playhouse-prepare v9
    staging     waiting
    production  waiting
    tests      | Four
    tests      | failures
    staging still runs 23280a3 (v11), production still runs b293934 (v18)
    error: the tests failed: 'echo Four; echo failures; exit 4' ended with exit code 4
    hint: production ship --test 'echo Four; echo failures; exit 4'
    ");
    assert!(nothing_moved(&scene));
}

/// Ships in a terminal with a smoke command that fails on staging, and answers the question about a rollback.
fn answered(scene: &Scene, answer: &str) -> String {
    let words = ["ship", "--test", "true", "--smoke", "echo No seats; exit 7"];
    let mut pty = Pty::start(scene.prepared("staging").args(words));
    pty.sees("Roll staging back to v11, which ran before? [y/N] ", 1).types(answer);
    let shown = pty.ends(1).screen();
    redacted(&shown[shown.find("staging smoke").expect("the steps")..], history::MAIN[4])
}

#[test]
fn a_failed_smoke_command_offers_a_rollback() {
    let scene = theatre();
    insta::assert_snapshot!(answered(&scene, "y\r"), @"
    staging smoke  failed [s]  No seats
    staging smoke | No seats
    staging runs [commit] (v12)
    Roll staging back to v11, which ran before? [y/N] y
    from playhouse-staging  v12  [commit] Print tickets at home
    back to                 v11  23280a3 Dim the house lights
         - [commit] Print tickets at home
         the config vars stay as they are
    playhouse-staging v13 23280a3 (back to v11)
    https://playhouse-staging.herokuapp.com/
    error: the smoke command failed on staging: 'echo No seats; exit 7' ended with exit code 7
    hint: staging ship --test true --smoke 'echo No seats; exit 7'
    ");
    assert_eq!(scene.runs("playhouse-staging"), (13, history::MAIN[3].to_owned()));
    let scene = theatre();
    insta::assert_snapshot!(answered(&scene, "n\r"), @"
    staging smoke  failed [s]  No seats
    staging smoke | No seats
    staging runs [commit] (v12)
    Roll staging back to v11, which ran before? [y/N] n
    error: the smoke command failed on staging: 'echo No seats; exit 7' ended with exit code 7
    hint: staging rollback v11   # which ran before
    hint: staging ship --test true --smoke 'echo No seats; exit 7'
    ");
    assert_eq!(scene.runs("playhouse-staging"), (12, history::MAIN[4].to_owned()));
    // An interrupt at the question ends it, as everywhere.
    let scene = theatre();
    let mut pty = Pty::start(scene.prepared("staging").args(["ship", "--test", "true", "--smoke", "exit 7"]));
    pty.sees("Roll staging back to v11, which ran before? [y/N] ", 1).types("\x03");
    assert!(pty.end().was_interrupted());
    assert_eq!(scene.runs("playhouse-staging").0, 12);
}

#[test]
fn the_last_smoke_output_stays_visible() {
    let scene = theatre();
    let smoke = "for n in 1 2 3 4 5 6 7; do echo \"row $n: 200\"; done";
    let words = ["ship", "--test", "true", "--smoke", smoke];
    let shown = Pty::start(scene.prepared("staging").args(words)).ends(0).screen();
    let shown = redacted(&shown[shown.find("staging smoke").expect("its lines")..], history::MAIN[4]);
    insta::assert_snapshot!(shown, @"
    staging smoke | row 3: 200
    staging smoke | row 4: 200
    staging smoke | row 5: 200
    staging smoke | row 6: 200
    staging smoke | row 7: 200
    tests [s]
    build [s]  playhouse-prepare v9
    staging [s]  playhouse-staging v12
    staging smoke [s]
    total [s]  [commit]
    shipped [commit] to staging
    https://playhouse-staging.herokuapp.com/
    ");
}

#[test]
fn questions_stay_on_the_screen() {
    let scene = theatre();
    let route = "POST /pipeline-promotions".to_owned();
    scene.heroku().inject(Fault::TwoFactor { route, code: "123456".to_owned(), app: false });
    let mut pty = Pty::start(&prepared(&scene, &["--test", "true", "--yes"]));
    pty.sees("Two-factor code: ", 1).types("123456\r").sees("Two-factor code: ", 2).types("123456\r");
    let shown = pty.ends(0);
    assert_eq!(shown.screen().matches("Two-factor code: ").count(), 2, "{}", shown.screen());
    assert_eq!(scene.runs("playhouse-production").1, history::MAIN[4]);
}

#[test]
fn ctrl_c_at_a_terminal_ends_the_lanes() {
    let mut scene = theatre();
    let id = scene.commit("Raise the curtain");
    let gits = git_that_signs(&mut scene);
    scene.heroku().inject(Fault::StallBuild { app: "playhouse-prepare".to_owned() });
    let (test, ids) = endless(&scene);
    let mut pty = Pty::start(&prepared(&scene, &["--test", &test, "--yes"]));
    until("both lanes", || alive(&ids).len() == 2 && scene.pushes() > 0);
    pty.types("\x03");
    let shown = pty.ends(130);
    assert_eq!((alive(&ids), alive(&gits)), (Vec::new(), Vec::new()));
    let told = redacted(&shown.screen(), &id);
    assert!(told.contains("staging still runs 23280a3 (v11), production still runs b293934 (v18)"), "{told}");
    // Lines wrap again, and nothing moves the cursor below what was said.
    assert!(shown.raw().rfind("\u{1b}[?7h") > shown.raw().rfind("\u{1b}[?7l"), "{}", shown.raw());
}

#[test]
fn control_sequences_of_commands_are_escaped() {
    let scene = theatre();
    let shown = Pty::start(&prepared(
        &scene,
        &["--test", "printf '\\033]0;gone\\007\\033[2J\\n'; sleep 0.3", "--yes"],
    ))
    .end();
    let raw = shown.raw();
    assert!(!raw.contains("\u{1b}]0;") && !raw.contains("\u{1b}[2J"), "{raw:?}");
    assert!(raw.contains("\\u{1b}]0;gone\\u{7}"), "{raw:?}");
    let scene = theatre();
    let words = ["--test", "true\ntrue # \u{1b}]0;gone\u{7}", "--smoke", "true"];
    let planned = ship(&scene, "staging", &[&["--dry-run"][..], &words].concat());
    let shipped = ship(&scene, "staging", &words);
    for outcome in [planned, shipped] {
        assert_eq!(outcome.status, Some(0), "{outcome}");
        let told = outcome.to_string();
        assert!(told.contains("\\u{1b}]0;gone\\u{7}") && !told.contains(['\u{1b}', '\u{7}']), "{told:?}");
    }
}
