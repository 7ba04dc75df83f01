//! The questions of PowerShell's stub and their answers. PowerShell itself is not installed in CI, so the stub is not run.

use crate::scene::Scene;

/// The encoding of words by the stub: their bytes, separated by zeros.
fn asks(scene: &Scene, words: &[&str]) -> String {
    let bytes: Vec<_> = words.join("\0").bytes().map(|byte| format!("{byte:02X}")).collect();
    let outcome = scene.run_words("greenroom", &["__complete", "powershell", &bytes.join("-")]);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (Some(0), ""), "{outcome}");
    outcome.stdout
}

fn texts(scene: &Scene, words: &[&str]) -> Vec<String> {
    let answer: serde_json::Value = serde_json::from_str(&asks(scene, words)).expect("JSON");
    let text = |candidate: &serde_json::Value| {
        for part in ["text", "word", "help"] {
            assert!(
                candidate[part].as_str().is_some_and(|part| !part.is_empty() && part.is_ascii()),
                "{answer}"
            );
        }
        candidate["text"].as_str().expect("a text").to_owned()
    };
    answer.as_array().expect("a list").iter().map(text).collect()
}

#[test]
fn answers_are_ascii() {
    let scene = Scene::playhouse();
    for branch in ["ünder", "it's", "act=one", "cost$5"] {
        scene.git(&["branch", branch]);
    }
    assert_eq!(texts(&scene, &["staging", "ta"]), ["tail"]);
    assert_eq!(texts(&scene, &["staging.exe", "ta"]), Vec::<String>::new(), "no such name here");
    assert_eq!(texts(&scene, &["staging", "'tail'", "--source", "\"a"]), ["app"]);
    assert_eq!(texts(&scene, &["staging", "deploy", "it"]), ["'it''s'"]);
    assert_eq!(texts(&scene, &["staging", "deploy", "act="]), ["act=one"]);
    assert_eq!(texts(&scene, &["staging", "deploy", "'cost"]), ["'cost$5'"]);
    let answer = asks(&scene, &["staging", "deploy", "ün"]);
    assert!(answer.is_ascii() && answer.contains("\\u00fcnder"), "{answer}");
    assert_eq!(asks(&scene, &["staging", "nonsense", "x"]), "[]\n");
}

#[test]
fn malformed_questions_get_no_answer() {
    let scene = Scene::bare();
    for words in
        [&["__complete", "powershell"][..], &["__complete", "powershell", "x"], &["__complete", "cmd", "x"]]
    {
        let outcome = scene.run_words("greenroom", words);
        assert_eq!(outcome.to_string(), "", "{words:?}");
    }
}
