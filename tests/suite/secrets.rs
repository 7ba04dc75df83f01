//! The token goes to Heroku only: not into output, errors or requests to other hosts.

use std::thread;

use rehearsal::{Exchange, Fault, Rehearsal, Settings};
use serde_json::json;

use super::scene::{Outcome, Scene, until};

const TOKEN: &str = "sekret-token";

/// Every command that talks to Heroku, or says what it would do there.
const LINES: [&str; 16] = [
    "staging which",
    "staging which --json",
    "staging logs -n 3",
    "staging --dry-run logs",
    "staging --dry-run tail",
    "production promote --yes",
    "production --dry-run promote",
    "production promote --yes --json",
    "review 42 which",
    "review curtain-call logs -n 3",
    "greenroom on staging,production logs -n 3",
    "staging --dry-run features",
    "staging features",
    "staging ps",
    "staging restart",
    "staging --dry-run restart",
];

fn playhouse() -> Scene {
    Scene::playhouse_with(Settings { token: TOKEN.to_owned(), ..Settings::default() })
}

/// Runs a line, and again with `--verbose`.
fn run(scene: &Scene, line: &str) -> Vec<Outcome> {
    let (program, rest) = line.split_once(' ').expect("a command");
    let outcomes = vec![scene.run(line), scene.run(&format!("{program} --verbose {rest}"))];
    for outcome in &outcomes {
        assert!(!outcome.to_string().contains(TOKEN), "{line}: {outcome}");
        assert!(!outcome.stderr.contains("panicked"), "{line}: {outcome}");
    }
    outcomes
}

/// Gives prepare's slug a release command, whose output is a stream.
fn with_release_phase(scene: &Scene) {
    let command = json!({ "release_phase_command": "echo The curtain rises" });
    scene.release("playhouse-prepare", command);
    let released = || scene.look("/apps/playhouse-prepare/releases/10");
    until("it is released", || released()["status"] != "pending");
}

fn is_stream(exchange: &Exchange) -> bool {
    exchange.path.starts_with("/logs/") || exchange.path.starts_with("/streams/")
}

/// Asserts that the token is in the authorization of API requests (which the rehearsal records as present only) and nowhere
/// else. The secret in a stream's URL is as good as a token, and must not be printed either.
fn assert_kept(exchanges: &[Exchange]) {
    for exchange in exchanges {
        let headers = format!("{:?}", exchange.headers);
        assert!(!headers.contains(TOKEN), "{}: {headers}", exchange.line());
        assert!(
            !exchange.path.contains(TOKEN) && !exchange.body.to_string().contains(TOKEN),
            "{}",
            exchange.path
        );
        assert_eq!(
            exchange.headers.contains_key("authorization"),
            !is_stream(exchange),
            "{}",
            exchange.line()
        );
    }
}

#[test]
fn the_token_is_in_no_output() {
    let scene = playhouse();
    with_release_phase(&scene);
    for line in LINES {
        for outcome in run(&scene, line) {
            let streams = scene.heroku().exchanges();
            let streams = streams.iter().filter(|exchange| is_stream(exchange));
            for secret in streams.filter_map(|exchange| exchange.path.split(['/', '?']).nth(2)) {
                assert!(!outcome.to_string().contains(secret), "{line}: {outcome}");
            }
        }
    }
    let exchanges = scene.heroku().exchanges();
    for streams in ["/logs/", "/streams/"] {
        assert!(exchanges.iter().any(|exchange| exchange.path.starts_with(streams)), "{streams}");
    }
    assert_kept(&exchanges);
}

#[test]
fn the_token_is_in_no_failure() {
    let page = |status| Fault::answer("* /**", status).body(json!("<h1>No</h1>"));
    let faults = [
        Fault::answer("* /**", 401),
        Fault::answer("* /**", 403),
        Fault::answer("* /**", 404),
        Fault::answer("* /**", 422),
        Fault::answer("* /**", 500),
        page(503),
        Fault::truncate("* /**"),
        Fault::garble("* /**"),
        Fault::reset("* /**"),
        Fault::two_factor("* /**", "123456", true),
    ];
    thread::scope(|scope| {
        for fault in faults {
            scope.spawn(move || {
                let scene = playhouse();
                scene.heroku().inject(fault.clone());
                for line in ["staging logs", "production promote --yes", "review 42 which"] {
                    for outcome in run(&scene, line) {
                        assert_ne!(outcome.status, Some(0), "{fault:?}, {line}: {outcome}");
                        assert!(outcome.stderr.contains("error: "), "{fault:?}, {line}: {outcome}");
                    }
                }
                assert_kept(&scene.heroku().exchanges());
            });
        }
    });
}

#[test]
fn a_redirect_to_another_host_gets_no_token() {
    for status in [301, 302, 303, 307, 308] {
        let scene = playhouse();
        let other = Rehearsal::start_with(Settings { token: TOKEN.to_owned(), ..Settings::default() })
            .expect("another");
        let away = |route: &str, path: &str| {
            Fault::answer(route, status).header("Location", &format!("{}{path}", other.url()))
        };
        scene.heroku().inject(away("GET /pipelines/**", "/pipelines/playhouse/latest-releases"));
        scene.heroku().inject(away("POST /apps/**", "/apps/playhouse-staging/log-sessions"));
        scene.heroku().inject(away("POST /pipeline-promotions", "/pipeline-promotions"));
        for line in ["production promote --yes", "staging logs"] {
            for outcome in run(&scene, line) {
                assert_ne!(outcome.status, Some(0), "{line}: {outcome}");
            }
        }
        let there = other.exchanges();
        assert!(!there.is_empty(), "a GET may be taken elsewhere");
        for exchange in there {
            assert_eq!(exchange.method, "GET", "what changes something is taken nowhere");
            assert!(!exchange.headers.contains_key("authorization"), "{:?}", exchange.headers);
            assert!(!format!("{:?}", exchange.headers).contains(TOKEN));
        }
    }
}

#[test]
fn a_redirected_stream_gets_no_token() {
    let scene = playhouse();
    let other = Rehearsal::start().expect("another");
    scene.heroku().inject(
        Fault::answer("GET /logs/*", 302)
            .header("Location", &format!("{}/logs/elsewhere", other.url()))
            .times(1),
    );
    let outcome = scene.run("staging logs -n 3");
    assert!(!outcome.to_string().contains(TOKEN), "{outcome}");
    let there = other.exchanges();
    assert_eq!(there.len(), 1, "{outcome}");
    assert!(!there[0].headers.contains_key("authorization"));
}

#[test]
fn other_hosts_get_no_token() {
    let mut scene = playhouse();
    let url = scene.heroku().url();
    for host in [
        "https://heroku.com.example".to_owned(),
        "https://evilheroku.com".to_owned(),
        "http://api.heroku.com".to_owned(),
        "https://api.heroku.com@example.com".to_owned(),
        "example.com".to_owned(),
        url.replace("127.0.0.1", "127.0.0.1.example"),
        url.replace("http://", "http://user:password@"),
    ] {
        scene.set("HEROKU_HOST", &host);
        for line in ["staging logs", "production promote --yes", "production --dry-run promote"] {
            for outcome in run(&scene, line) {
                assert_eq!(outcome.status, Some(2), "{host}, {line}: {outcome}");
            }
        }
    }
    // Nobody listens there.
    scene.set("HEROKU_HOST", "http://127.0.0.1:9");
    for outcome in run(&scene, "staging logs") {
        assert_eq!(outcome.status, Some(1), "{outcome}");
    }
    assert_eq!(scene.requests(), [""; 0]);
}

#[test]
fn a_token_that_cannot_be_sent_is_not_shown() {
    let mut scene = playhouse();
    for key in [format!("{TOKEN}\n{TOKEN}"), format!("{TOKEN}\u{1}"), format!("caf\u{e9}-{TOKEN}")] {
        scene.set("HEROKU_API_KEY", key);
        for line in ["staging logs", "production promote --yes"] {
            for outcome in run(&scene, line) {
                assert_ne!(outcome.status, Some(0), "{line}: {outcome}");
            }
        }
    }
}

#[test]
fn a_password_in_a_remotes_url_is_not_shown() {
    let scene = playhouse();
    scene.git(&[
        "remote",
        "set-url",
        "staging",
        &format!("https://x:{TOKEN}@git.heroku.com/playhouse-staging.git"),
    ]);
    scene.remote("qa", &format!("https://x:{TOKEN}@git.heroku.com/playhouse-staging.git"));
    for line in ["staging which", "staging logs -n 1", "greenroom on qa which", "greenroom on * which"] {
        _ = run(&scene, line).len();
    }
}

#[test]
fn extra_headers_go_to_heroku_only() {
    let mut scene = playhouse();
    let other = Rehearsal::start().expect("another");
    scene.set("HEROKU_HEADERS", format!(r#"{{"X-Secret":"{TOKEN}-2"}}"#));
    for line in ["staging logs -n 1", "production --dry-run promote"] {
        for outcome in run(&scene, line) {
            assert_eq!(outcome.status, Some(0), "{line}: {outcome}");
        }
    }
    let exchanges = scene.heroku().exchanges();
    for exchange in &exchanges {
        assert_eq!(
            exchange.headers.contains_key("x-secret"),
            !exchange.path.starts_with("/logs/"),
            "{}",
            exchange.path
        );
    }
    let location = format!("{}/pipelines", other.url());
    scene.heroku().inject(Fault::answer("GET /pipelines/**", 302).header("Location", &location));
    _ = run(&scene, "production --dry-run promote").len();
    assert!(other.exchanges().iter().all(|exchange| !exchange.headers.contains_key("x-secret")));
}
