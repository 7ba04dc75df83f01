//! The output of `prepare setup --json`.

use serde_json::{Value, json};

use super::{SECRET, assert_set_up, opera};

/// The states of the plan's lines, each once.
fn states(answer: &Value) -> Vec<&str> {
    let lines = answer["plan"].as_array().expect("a list").iter();
    let mut states: Vec<&str> = lines.map(|line| line["state"].as_str().expect("a word")).collect();
    states.sort_unstable();
    states.dedup();
    states
}

#[test]
fn json_holds_the_plan_and_the_result() {
    let scene = opera();
    let read = |line: &str| -> Value {
        let outcome = scene.run(line);
        assert_eq!(outcome.status, Some(0), "{outcome}");
        assert!(!outcome.to_string().contains(SECRET), "{outcome}");
        serde_json::from_str(&outcome.stdout).expect("one value")
    };
    let plan = read("prepare --dry-run setup --config NPM_TOKEN --json");
    assert_eq!((&plan["app"], states(&plan).contains(&"done")), (&json!("opera-prepare"), false), "{plan}");
    let lines = plan["plan"].as_array().expect("a list");
    assert!(lines.iter().all(|line| (line["state"] == "to do") == line["line"].is_string()), "{plan}");
    let scale = lines.last().expect("a line");
    assert!(scale["what"] == "scale web to 0" && scale["line"].to_string().contains("/formation"), "{plan}");
    let done = read("prepare setup --config NPM_TOKEN --json --yes");
    assert_set_up(&scene);
    assert!(states(&done).contains(&"done") && !states(&done).contains(&"to do"), "{done}");
    assert_eq!(done["plan"].as_array().map(Vec::len), Some(lines.len()), "{done}");
    assert_eq!(states(&read("prepare setup --json")), ["there"]);
}
