//! Every fault of the panel during `logs`, `tail` and `promote`: a clear message, the documented exit code, and no partial
//! change. Details of single commands are in their own files.

use std::time::Duration;

use rehearsal::{Fault, history};
use serde_json::json;

use super::scene::{Outcome, Scene};

/// Runs a command line with a fault and a timeout of one second.
fn meet(fault: Fault, line: &str) -> (Scene, Outcome) {
    let mut scene = Scene::playhouse();
    scene.set("GREENROOM_TIMEOUT", "1").set("GREENROOM_TAIL_IDLE", "1");
    scene.heroku().inject(fault);
    let outcome = scene.run(line);
    (scene, outcome)
}

/// Whether production still runs its first release.
fn is_untouched(scene: &Scene) -> bool {
    let releases = scene.look("/apps/playhouse-production/releases");
    releases.as_array().expect("a list").len() == 18
}

#[test]
fn faults_when_creating_a_log_session() {
    let session = "POST /apps/*/log-sessions";
    for (fault, code, said) in [
        (Fault::answer(session, 401), 4, "HEROKU_API_KEY"),
        (Fault::answer(session, 403), 4, "error: "),
        (Fault::answer(session, 404), 1, "error: "),
        (Fault::answer(session, 422), 1, "error: "),
        (Fault::answer(session, 429), 1, "rate limit"),
        (Fault::answer(session, 500), 1, "error: "),
        (Fault::answer(session, 503), 1, "error: "),
        (Fault::hang(session), 6, "no answer from 127.0.0.1 in 1 s"),
        (Fault::truncate(session), 1, "error: "),
        (Fault::garble(session), 1, "is cut short"),
        (Fault::reset(session), 1, "error: "),
        (Fault::two_factor(session, "123456", false), 4, "two-factor"),
        (Fault::slow(session, Duration::from_millis(100)), 0, ""),
        (Fault::headers(session, "X-Heroku-Warning", "Mind the gap"), 0, "warning: Mind the gap"),
    ] {
        let (_scene, outcome) = meet(fault.clone(), "staging logs --num 5");
        assert_eq!(outcome.status, Some(code), "{fault:?}: {outcome}");
        assert!(outcome.stderr.to_lowercase().contains(&said.to_lowercase()), "{fault:?}: {outcome}");
        assert_eq!(outcome.stdout.lines().count(), if code == 0 { 5 } else { 0 }, "{fault:?}: {outcome}");
    }
}

#[test]
fn every_failure_has_a_hint() {
    let all = "* /**";
    let page = |status| Fault::answer(all, status).body(json!("<html><h1>Sign in</h1>"));
    let away = Fault::answer(all, 302).header("Location", "http://portal.example.com/");
    let faults = [
        (Fault::answer(all, 400), "support wants: https://help.heroku.com"),
        (Fault::answer(all, 401), "unset HEROKU_API_KEY"),
        (Fault::answer(all, 402), "https://dashboard.heroku.com/account/billing"),
        (Fault::answer(all, 403), "heroku auth:whoami"),
        (Fault::answer(all, 404), ""),
        (Fault::answer(all, 418), "support wants: https://help.heroku.com"),
        (Fault::answer(all, 503), "https://status.heroku.com"),
        (Fault::hang(all), "GREENROOM_TIMEOUT=0.4"),
        (Fault::reset(all), "https://status.heroku.com"),
        (Fault::truncate(all), "https://status.heroku.com"),
        (Fault::garble(all), "https://status.heroku.com"),
        (page(403), "a proxy, or the sign-in page of a network"),
        (page(503), "https://status.heroku.com"),
        (away, "a proxy, or the sign-in page of a network"),
    ];
    std::thread::scope(|scope| {
        for (fault, said) in faults {
            scope.spawn(move || {
                let mut scene = Scene::playhouse();
                scene.set("GREENROOM_TIMEOUT", "0.2");
                scene.heroku().inject(fault.clone());
                for line in
                    ["staging logs", "staging releases", "production promote --yes", "review 42 which"]
                {
                    let outcome = scene.run(line);
                    let hint = outcome.stderr.lines().rev().find_map(|line| line.strip_prefix("hint: "));
                    assert!(hint.is_some() && outcome.stderr.contains(said), "{fault:?}: {line}: {outcome}");
                }
            });
        }
    });
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::answer("POST /apps/*/log-sessions", 404));
    scene.heroku().inject(Fault::answer("GET /apps/*/releases", 404));
    let hint = |line: &str| {
        let outcome = scene.run(line);
        outcome.stderr.lines().last().unwrap_or_default().to_owned()
    };
    assert_eq!(hint("staging logs"), "hint: staging which   # check that the app still exists");
    assert_eq!(hint("review 42 releases"), "hint: review 42 which   # check that the app still exists");
}

#[test]
fn huge_timeouts_are_capped() {
    let mut scene = Scene::playhouse();
    scene.set("GREENROOM_TIMEOUT", "1e19").set("GREENROOM_TAIL_IDLE", "1e19");
    let outcome = scene.run("staging logs --num 1");
    assert_eq!((outcome.status, outcome.stdout.lines().count()), (Some(0), 1), "{outcome}");
}

#[test]
fn faults_when_reading_a_log() {
    for fault in [
        Fault::drop_stream("GET /logs/*", 2).times(1),
        Fault::idle_stream("GET /logs/*", 2).times(1),
        Fault::reset("GET /logs/*").times(1),
        Fault::answer("GET /logs/*", 404).times(1),
        Fault::answer("GET /logs/*", 500).times(1),
        Fault::slow("GET /logs/*", Duration::from_millis(100)),
    ] {
        let (scene, outcome) = meet(fault.clone(), "staging logs --num 5");
        assert_eq!(outcome.status, Some(0), "{fault:?}: {outcome}");
        let undisturbed = {
            scene.heroku().heal();
            scene.run("staging logs --num 5")
        };
        assert_eq!(
            outcome.stdout, undisturbed.stdout,
            "{fault:?}: no line twice, none lost: {}",
            outcome.stderr
        );
    }
}

#[test]
fn reading_a_log_is_retried_a_limited_number_of_times() {
    let (_scene, outcome) = meet(Fault::answer("GET /logs/*", 500), "staging tail");
    insta::assert_snapshot!(outcome, @"
    ------- stderr -------
    error: the log stream ended, and 7 attempts to resume it failed
      caused by: HTTP 500 from 127.0.0.1
    hint: https://status.heroku.com says whether Heroku has trouble
    [exit status: 1]
    ");
}

#[test]
fn faults_when_planning_a_promotion() {
    for route in
        ["GET /pipelines/*/pipeline-couplings", "GET /pipelines/*/latest-releases", "POST /filters/apps"]
    {
        for (fault, code) in [
            (Fault::answer(route, 401), 4),
            (Fault::answer(route, 403), 4),
            (Fault::answer(route, 404), 1),
            (Fault::answer(route, 500), 1),
            (Fault::garble(route), 1),
            (Fault::reset(route), 1),
        ] {
            let (scene, outcome) = meet(fault.clone(), "production promote --yes");
            assert_eq!(outcome.status, Some(code), "{fault:?}: {outcome}");
            assert!(outcome.stderr.contains("error: ") && outcome.stdout.is_empty(), "{fault:?}: {outcome}");
            assert!(is_untouched(&scene), "{fault:?}");
        }
    }
}

#[test]
fn faults_when_starting_a_promotion() {
    let promotion = "POST /pipeline-promotions";
    for (fault, code, said) in [
        (Fault::answer(promotion, 401), 4, "HEROKU_API_KEY"),
        (Fault::answer(promotion, 403), 4, "error: "),
        (Fault::answer(promotion, 409), 1, "error: "),
        (Fault::answer(promotion, 422), 1, "error: "),
        (Fault::answer(promotion, 429), 1, "rate limit"),
        (Fault::answer(promotion, 503), 1, "the promotion may have gone through; check before retrying"),
        (Fault::hang(promotion), 6, "the promotion may have gone through; check before retrying"),
        (Fault::reset(promotion), 1, "the promotion may have gone through; check before retrying"),
        (Fault::truncate(promotion), 1, "the promotion may have gone through; check before retrying"),
        (Fault::garble(promotion), 1, "the promotion may have gone through; check before retrying"),
        (Fault::two_factor(promotion, "123456", false), 4, "two-factor"),
        (Fault::two_factor(promotion, "123456", true), 4, "two-factor"),
        (Fault::slow(promotion, Duration::from_millis(100)), 0, ""),
        (Fault::headers(promotion, "X-Heroku-Warning", "Mind the gap"), 0, "warning: Mind the gap"),
    ] {
        let (scene, outcome) = meet(fault.clone(), "production promote --yes");
        assert_eq!(outcome.status, Some(code), "{fault:?}: {outcome}");
        assert!(outcome.stderr.to_lowercase().contains(&said.to_lowercase()), "{fault:?}: {outcome}");
        let sent = scene.requests().iter().filter(|line| *line == promotion).count();
        assert_eq!(sent, 1, "{fault:?}: never twice");
    }
}

#[test]
fn faults_when_polling_a_promotion() {
    let targets = "GET /pipeline-promotions/*/promotion-targets";
    for fault in [
        Fault::answer(targets, 500).times(2),
        Fault::answer(targets, 429).times(2),
        Fault::hang(targets).times(1),
        Fault::truncate(targets).times(2),
        Fault::garble(targets).times(2),
        Fault::reset(targets).times(2),
        Fault::slow(targets, Duration::from_millis(100)),
        Fault::reset("GET /apps/*/releases/*").times(2),
    ] {
        let (scene, outcome) = meet(fault.clone(), "production promote --yes");
        assert_eq!(outcome.status, Some(0), "{fault:?}: {outcome}");
        assert_eq!(
            outcome.stdout,
            format!("playhouse-production v19 {}\n", &history::MAIN[4][..7]),
            "{fault:?}"
        );
        drop(scene);
    }
}

#[test]
fn a_refusal_while_polling_ends_the_wait_only() {
    let targets = "GET /pipeline-promotions/*/promotion-targets";
    let (_scene, outcome) = meet(Fault::answer(targets, 401), "production promote --yes --wait-timeout 2s");
    insta::assert_snapshot!(outcome.without_plan(), @"
    ------- stderr -------
    [plan]
    error: the promotion has begun, but its state cannot be read
      caused by: Invalid credentials provided.
      caused by: GET /pipeline-promotions/dc3c315a-1e33-4095-bdd3-99ad533e80ac/promotion-targets: HTTP 401 unauthorized
    hint: HEROKU_API_KEY is not valid: set another one, or `unset HEROKU_API_KEY`
    hint: production releases
    [exit status: 4]
    ");
}
