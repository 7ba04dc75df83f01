//! `ship` and signals: no process may outlive it.

use std::fs;
use std::process::{Child, Stdio};

use rehearsal::{Fault, history};

use super::{
    alive, endless, gate, git_that_signs, last_words, nothing_moved, prepared, redacted, ship, theatre,
};
use crate::scene::{Outcome, Scene, end, heed_hangups, signal, until};

fn started(scene: &Scene, words: &[&str]) -> Child {
    prepared(scene, words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("production")
}

#[test]
fn a_signal_leaves_no_process_behind() {
    heed_hangups();
    for (name, code) in [("-TERM", 143), ("-INT", 130), ("-HUP", 129)] {
        let mut scene = theatre();
        let id = scene.commit("Raise the curtain");
        let gits = git_that_signs(&mut scene);
        scene.heroku().inject(Fault::StallBuild { app: "playhouse-prepare".to_owned() });
        let (test, ids) = endless(&scene);
        let mut child = started(&scene, &["--test", &test, "--yes"]);
        until("both lanes", || alive(&ids).len() == 2 && scene.pushes() > 0);
        signal(name, &child.id().to_string());
        assert_eq!(end(&mut child).code(), Some(code), "{name}");
        assert_eq!((alive(&ids), alive(&gits)), (Vec::new(), Vec::new()), "{name}");
        let outcome = Outcome::new(&child.wait_with_output().expect("output"), scene.folder());
        let told = redacted(&last_words(&outcome), &id);
        assert!(told.contains("the build of [commit] on playhouse-prepare continues at Heroku"), "{told}");
        assert!(told.contains("\nhint: production ship"), "{told}");
        assert!(nothing_moved(&scene));
        assert_eq!(fs::read_dir(scene.temporary()).expect("a folder").count(), 0, "it leaves no file behind");
    }
}

#[test]
fn a_signal_during_a_promotion_reports_its_state() {
    let scene = theatre();
    scene.heroku().inject(Fault::StallPromotion { app: "playhouse-production".to_owned() });
    let mut child = started(&scene, &["--test", "true", "--yes"]);
    until("the second promotion", || scene.promotions() == 2);
    signal("-TERM", &child.id().to_string());
    assert_eq!(end(&mut child).code(), Some(143));
    let outcome = Outcome::new(&child.wait_with_output().expect("output"), scene.folder());
    insta::assert_snapshot!(last_words(&outcome), @"
    staging runs 77978f9 (v12), production still runs b293934 (v18), the promotion to production continues at Heroku
    hint: production ship --test true
    ");
}

#[test]
fn no_promotion_starts_after_a_signal() {
    let scene = theatre();
    let production = scene.look("/apps/playhouse-production");
    let releases = format!("GET /apps/{}/releases", production["id"].as_str().expect("an id"));
    let (gate, smoke) = gate(&scene);
    let mut child = started(&scene, &["--test", "true", "--smoke", &smoke, "--yes"]);
    until("staging", || scene.runs("playhouse-staging").1 == history::MAIN[4]);
    // Both the look before the promotion and the one after the signal take longer than the way from one to the other.
    scene.heroku().inject(Fault::Slow { route: releases.clone(), delay_ms: 700, times: Some(2) });
    let before = scene.count(&releases);
    fs::write(&gate, "").expect("a file");
    until("the look before the promotion", || scene.count(&releases) > before);
    signal("-INT", &child.id().to_string());
    assert_eq!(end(&mut child).code(), Some(130));
    let outcome = Outcome::new(&child.wait_with_output().expect("output"), scene.folder());
    let told = "staging runs 77978f9 (v12), production still runs b293934 (v18)\nhint: ";
    assert!(last_words(&outcome).starts_with(told), "{outcome}");
    assert_eq!((scene.promotions(), scene.runs("playhouse-production").0), (1, 18));
}

#[test]
fn programs_that_ignore_signals_are_killed() {
    let scene = theatre();
    let ids = scene.folder().join("ids");
    let test = format!("trap '' TERM; echo $$ > {}; while :; do sleep 0.05; done", ids.display());
    let mut child = started(&scene, &["--test", &test, "--yes"]);
    until("the tests", || alive(&ids).len() == 1);
    signal("-TERM", &child.id().to_string());
    assert_eq!(end(&mut child).code(), Some(143));
    assert_eq!(alive(&ids), Vec::<String>::new());
}

#[test]
fn background_processes_of_a_command_are_ended() {
    for code in [0, 3] {
        let scene = theatre();
        let ids = scene.folder().join("ids");
        let test = format!("sleep 300 >/dev/null 2>&1 & echo $! > {}; exit {code}", ids.display());
        let outcome = ship(&scene, "staging", &["--test", &test]);
        assert_eq!(outcome.status, Some(code.min(1)), "{outcome}");
        assert!(fs::read_to_string(&ids).is_ok_and(|ids| !ids.is_empty()), "it was started");
        assert_eq!(alive(&ids), Vec::<String>::new());
    }
}

#[test]
fn interrupted_commands_have_time_to_clean_up() {
    let scene = theatre();
    let (ids, notes) = (scene.folder().join("ids"), scene.folder().join("notes"));
    let inner = format!(
        "trap \"sleep 0.2; echo tidy > {}; exit\" TERM; echo $$ > {}; while :; do sleep 0.05; done",
        notes.display(),
        ids.display()
    );
    let test = format!("sh -c '{inner}'; true");
    let mut child = started(&scene, &["--test", &test, "--yes"]);
    until("the tests", || alive(&ids).len() == 1);
    signal("-TERM", &child.id().to_string());
    assert_eq!(end(&mut child).code(), Some(143));
    assert_eq!(fs::read_to_string(&notes).ok().as_deref(), Some("tidy\n"));
    assert_eq!(alive(&ids), Vec::<String>::new());
}
