//! Control and deceptive characters are escaped: in JSON with the same value, in text visibly.

use serde_json::{Value, json};

use super::pty::Pty;
use super::scene::Scene;

/// C1, DEL, an override of direction, a mark of one, zero-width, tag, separator, byte order mark; and an emoji.
const EVIL: &str = "\u{9b}2J\u{7f}\u{202e}\u{200e}\u{61c}\u{200b}\u{e0041}\u{2028}\u{feff} 👩\u{200d}🎤";

/// Whether a terminal interprets a character or shows nothing for it.
fn is_evil(c: char) -> bool {
    c.is_control() && c != '\n' || EVIL.contains(c) && !" 2J👩🎤".contains(c)
}

fn scene() -> Scene {
    let scene = Scene::quiet();
    let commit = scene.commit_here(EVIL);
    let release = json!({ "status": "succeeded", "description": format!("Deploy {EVIL}"), "commit": commit });
    scene.release("playhouse-staging", release);
    scene.panel("PATCH", "/apps/playhouse-prepare", json!({ "stack": format!("heroku-{EVIL}") }));
    let review = json!({ "branch": EVIL, "pr_number": 77, "status": "created", "app": "understudy" });
    scene.panel("POST", "/review-apps", review);
    scene.panel("POST", "/apps/playhouse-staging/logs", json!({ "lines": [EVIL] }));
    let attachment = json!({ "addon": "postgresql-curved-12346", "app": "understudy", "name": EVIL });
    scene.ask("POST", "/addon-attachments", attachment);
    scene
}

/// All strings of a JSON value, with the keys.
fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().flat_map(strings).collect(),
        Value::Object(entries) => {
            entries.iter().flat_map(|(key, v)| [vec![key.as_str()], strings(v)].concat()).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn json_escapes_control_characters_and_keeps_the_value() {
    let scene = scene();
    for line in [
        "production status --json",
        "staging releases -n 1 --json",
        "staging releases:info --json",
        "staging addons --json",
        "prepare info --json",
        "review 77 which --json",
        "prepare check --json",
        "staging logs -n 1 --json",
        "greenroom on staging,staging logs -n 1 --json",
    ] {
        let outcome = scene.run(line);
        let mut words = line.split(' ');
        let mut command = scene.prepared(words.next().expect("a program"));
        let shown = Pty::start(command.args(words).env("NO_COLOR", "1")).end();
        for text in [&outcome.stdout, &shown.raw()] {
            assert!(!text.contains(is_evil), "{line}: {text:?}");
        }
        let values = serde_json::Deserializer::from_str(&outcome.stdout).into_iter::<Value>();
        let values: Vec<Value> = values.collect::<Result<_, _>>().expect(line);
        let found = values.iter().flat_map(strings).any(|text| text.contains(EVIL));
        assert!(found, "{line}: {}", outcome.stdout);
    }
}

#[test]
fn text_shows_control_characters_as_escapes() {
    let scene = scene();
    for line in [
        "production status",
        "staging releases -n 1",
        "staging releases:info",
        "staging addons",
        "prepare info",
        "prepare info --shell",
        "review 77 which",
        "prepare check",
    ] {
        let mut words = line.split(' ');
        let mut command = scene.prepared(words.next().expect("a program"));
        let shown = Pty::start(command.args(words)).end().raw();
        assert!(!shown.contains(|c| is_evil(c) && !"\u{1b}\u{200d}".contains(c)), "{line}: {shown:?}");
    }
    let shown = scene.run("staging releases -n 1").stdout;
    let escapes = r"\u{9b}2J\u{7f}\u{202e}\u{200e}\u{61c}\u{200b}\u{e0041}\u{2028}\u{feff}";
    assert!(shown.contains(&format!("Deploy {escapes} 👩\u{200d}🎤")), "{shown}");
}

#[test]
fn control_characters_in_commit_subjects_are_escaped() {
    let scene = Scene::quiet();
    let evil = "\u{9b}2J\u{202e}abc";
    scene.release("playhouse-staging", json!({ "status": "succeeded", "commit": evil }));
    for line in [
        "production --dry-run promote --from staging --any-branch",
        "production promote --from staging --any-branch --yes",
    ] {
        let outcome = scene.run(line);
        assert_eq!(outcome.status, Some(0), "{line}: {outcome}");
        for text in [&outcome.stdout, &outcome.stderr] {
            assert!(!text.contains(is_evil), "{line}: {text:?}");
        }
    }
}

#[test]
fn long_and_multi_line_text_fits_a_table_cell() {
    let scene = Scene::quiet();
    let long = "curtain ".repeat(9_000);
    let commit = scene.commit_here(&long);
    let description = format!("Deploy\nhint: rm -r /\t{}", "a".repeat(100_000));
    let release = json!({ "status": "succeeded", "description": description, "commit": commit });
    scene.release("playhouse-staging", release);
    scene.write("greenroom.toml", "[environments.both]\napps = [\"playhouse-staging\", \"understudy\"]\n");
    for line in [
        "production status",
        "staging releases",
        "production diff",
        "staging diff HEAD~1",
        "staging rollback --dry-run",
        "production --dry-run promote --from staging",
        "greenroom on staging,both releases",
    ] {
        let outcome = scene.run(line);
        assert!(matches!(outcome.status, Some(0 | 1 | 5)), "{line}: {:?}", outcome.status);
        assert!(!outcome.stdout.lines().any(|line| line.starts_with("hint:")), "{line}: {}", outcome.stdout);
    }
    let status = scene.run("production status").stdout;
    let staging = status.lines().find(|line| line.contains("playhouse-staging ")).expect("a line");
    assert!(
        staging.contains("curtain curtain") && staging.contains('…') && staging.ends_with("worker 1/1 up"),
        "{staging}"
    );
    let releases = scene.run("staging releases").stdout;
    assert!(releases.contains("v12   Deploy hint: rm -r / aaa"), "{releases}");
}
