//! What goes wrong between a one-off dyno and its client.

use std::time::{Duration, Instant};

use rehearsal::Fault;

use super::*;
use crate::scene::until;

const SAID: &str = "ended without an exit status";

#[test]
fn a_marker_is_found_across_packets() {
    let scene = Scene::quiet();
    for at in [1, 3, 4, 20, 33, 34, 35, 36] {
        scene.heroku().inject(Fault::split_exit_marker(APP, at).times(1));
        let outcome = scene.run_words("staging", &["run", "printf 'last words'; exit 42"]);
        assert_eq!((outcome.stdout.as_str(), outcome.status), ("last words", Some(42)), "{at}: {outcome}");
    }
}

#[test]
fn output_behind_the_handshake_is_kept() {
    let scene = Scene::quiet();
    scene.heroku().inject(Fault::hasty_output(APP));
    let outcome = scene.run("staging run echo first");
    assert_eq!((outcome.stdout.as_str(), outcome.status), ("first\n", Some(0)), "{outcome}");
}

#[test]
fn a_session_without_a_status_is_a_failure() {
    let scene = Scene::quiet();
    for fault in [Fault::cut_one_off(APP, 5), Fault::half_close_one_off(APP, 5)] {
        scene.heroku().inject(fault.times(1));
        let outcome = scene.run_words("staging", &["run", "echo hello; sleep 1; exit 3"]);
        assert_eq!((outcome.stdout.trim_end(), outcome.status), ("hello", Some(1)), "{outcome}");
        assert!(outcome.stderr.contains(SAID), "{outcome}");
        for hint in ["hint: staging logs --dyno-name run.", "hint: staging ps ", "hint: staging ps:stop run."]
        {
            assert!(outcome.stderr.contains(hint), "{hint}: {outcome}");
        }
    }
}

#[test]
fn a_slow_start_is_waited_for_and_a_silent_one_is_stopped() {
    let mut scene = Scene::quiet();
    scene.heroku().inject(Fault::slow_rendezvous(APP, Duration::from_millis(1500)).times(1));
    let outcome = scene.run("staging run echo late");
    assert_eq!((outcome.stdout.as_str(), outcome.status), ("late\n", Some(0)), "{outcome}");
    scene.heroku().inject(Fault::silent_rendezvous(APP));
    scene.set("GREENROOM_DYNO_START", "0.5");
    let outcome = scene.run("staging run echo never");
    assert_eq!((outcome.stdout.as_str(), outcome.status), ("", Some(6)), "{outcome}");
    assert!(outcome.stderr.contains("did not start within 0.5 seconds"), "{outcome}");
    until("the dyno is gone", || running(&scene) == 0);
}

#[test]
fn a_connection_that_fails_is_tried_again() {
    let scene = Scene::quiet();
    scene.heroku().inject(Fault::refuse_tls().times(1));
    let outcome = scene.run("staging run echo at last");
    assert_eq!((outcome.stdout.as_str(), outcome.status), ("at last\n", Some(0)), "{outcome}");
    assert!(outcome.stderr.contains("trying again"), "{outcome}");
    scene.heroku().inject(Fault::refuse_tls());
    let outcome = scene.run("staging run echo never");
    assert_eq!((outcome.stdout.as_str(), outcome.status), ("", Some(1)), "{outcome}");
    assert!(outcome.stderr.contains("cannot connect to the dyno"), "{outcome}");
    until("the dyno is gone", || running(&scene) == 0);
}

#[test]
fn an_untrusted_certificate_ends_it() {
    let mut scene = Scene::quiet();
    scene.set("NODE_EXTRA_CA_CERTS", "").set("SSL_CERT_FILE", "/dev/null");
    let outcome = scene.run("staging run echo never");
    assert_eq!((outcome.stdout.as_str(), outcome.status), ("", Some(1)), "{outcome}");
    assert!(outcome.stderr.contains("cannot connect to the dyno"), "{outcome}");
    until("the dyno is gone", || running(&scene) == 0);
}

#[test]
fn a_release_under_way_is_waited_for() {
    let scene = Scene::quiet();
    let conflict = json!({ "id": "conflict", "message": "The release is not ready." });
    scene.heroku().inject(Fault::answer("POST /apps/*/dynos", 409).body(conflict).times(3));
    let outcome = scene.run("staging run echo ready");
    assert_eq!((outcome.stdout.as_str(), outcome.status), ("ready\n", Some(0)), "{outcome}");
    let said = "playhouse-staging cannot run a command just now, waiting: The release is not ready.\n";
    assert!(outcome.stderr.starts_with(said), "{outcome}");
    assert_eq!(made(&scene).len(), 4);
}

#[test]
fn a_lost_answer_is_not_asked_for_again() {
    let scene = Scene::quiet();
    scene.heroku().inject(Fault::truncate("POST /apps/*/dynos"));
    let outcome = scene.run("staging run true");
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert!(
        outcome.stderr.contains("hint: staging ps   # whether a dyno was started all the same"),
        "{outcome}"
    );
    assert_eq!(made(&scene).len(), 1);
}

#[test]
fn a_reader_that_has_enough_ends_it() {
    let scene = Scene::quiet();
    let mut command = scene.prepared("staging");
    let line = ["run", "while echo again; do :; done"];
    let mut child = command.args(line).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("staging");
    let mut first = [0; 6];
    let mut stdout = child.stdout.take().expect("a pipe");
    std::io::Read::read_exact(&mut stdout, &mut first).expect("output");
    drop(stdout);
    let begun = Instant::now();
    assert_eq!(child.wait().expect("an end").code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    until("the dyno is gone", || running(&scene) == 0);
}
