//! Arguments on their way to the dyno.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::*;

/// Writes its arguments in hexadecimal, each with a null byte behind it.
const TELL: &str = r#"printf '%s\0' "$@" | od -An -v -tx1"#;

/// Between two vectors.
const BETWEEN: &str = "-- next";

/// What the dyno got: the arguments that [`TELL`] wrote.
fn told(text: &str) -> Vec<Vec<u8>> {
    let bytes = text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).expect("a byte"));
    let bytes: Vec<u8> = bytes.collect();
    let mut words: Vec<_> = bytes.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
    assert_eq!(words.pop(), Some(Vec::new()), "{text}");
    words
}

#[test]
fn five_hundred_vectors_arrive_as_they_were_typed() {
    let scene = Scene::quiet();
    let odd =
        prop_oneof![Just(b'\''), Just(b'"'), Just(b'\\'), Just(b'$'), Just(b'\n'), Just(b'-'), 1..=255_u8];
    let word = proptest::collection::vec(odd, 0..8);
    let vector = proptest::collection::vec(word, 1..6);
    let mut runner = TestRunner::deterministic();
    // Twenty vectors at a time: a dyno takes longer than a vector.
    for _ in 0..25 {
        let mut sent = Vec::new();
        for _ in 0..20 {
            sent.extend(vector.new_tree(&mut runner).expect("a vector").current());
            sent.push(BETWEEN.as_bytes().to_vec());
        }
        let mut command = scene.prepared("staging");
        command.args(["run", "sh", "-c", TELL, "sh"]);
        command.args(sent.iter().cloned().map(OsString::from_vec));
        let outcome = scene.finish(&mut command);
        assert_eq!(outcome.status, Some(0), "{outcome}");
        assert_eq!(told(&outcome.stdout), sent, "{outcome}");
    }
}

#[test]
fn what_follows_the_first_word_is_the_commands() {
    let scene = Scene::quiet();
    for words in [
        &["-a", "--app=x", "--json", "--dry-run", "-x", "--help"] as &[&str],
        &["--", "x", "--", "-s"],
        &["", " ", "*", "~", "#", "!", "{a,b}", "a=b", "$(id)", "`id`", "a\tb", "é￿"],
    ] {
        let line = [&["run", "sh", "-c", TELL, "sh"], words].concat();
        let outcome = scene.run_words("staging", &line);
        let sent: Vec<_> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
        assert_eq!(told(&outcome.stdout), sent, "{outcome}");
    }
    let outcome = scene.run_words("staging", &["run", "--", "echo", "-s"]);
    assert_eq!(outcome.stdout, "-s\n", "{outcome}");
}

#[test]
fn a_process_type_stays_bare() {
    let scene = Scene::quiet();
    scene.change_slug(APP, json!({ "process_types": { "web": "node server.js", "greet": "echo hello" } }));
    assert_eq!(scene.run("staging run greet").stdout, "hello\n");
    assert_eq!(scene.run_words("staging", &["run", "greet", "two  words"]).stdout, "hello two  words\n");
}

#[test]
fn a_container_image_has_sh() {
    let scene = Scene::quiet();
    scene.panel("PATCH", &format!("/apps/{APP}"), json!({ "stack": "container" }));
    let outcome = scene.run_words("staging", &["run", "exit 4"]);
    assert_eq!(outcome.status, Some(4), "{outcome}");
    assert!(
        made(&scene)[0]["command"].as_str().is_some_and(|command| command.starts_with("sh -c 'exit 4' ;"))
    );
}

#[test]
fn an_unknown_flag_goes_to_the_cli() {
    let scene = Scene::quiet();
    let outcome = scene.run_words("staging", &["--dry-run", "run", "--listen", "bash"]);
    assert_eq!(outcome.stdout, "heroku run --app=playhouse-staging --listen bash\n", "{outcome}");
}
