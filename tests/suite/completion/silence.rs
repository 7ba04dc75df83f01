//! Checks for each shell: Tab prints nothing over the prompt, and runs no program of the repository.

use std::fs;

use super::prompt::{PROMPT, Start, home};
use crate::scene::{Scene, install_script};

/// Asserts that nothing is printed if greenroom is missing or fails. `no_path` empties PATH.
pub fn failures_print_nothing(scene: &mut Scene, start: Start, no_path: &str) {
    let folder = scene.folder().join("broken");
    fs::create_dir(&folder).expect("a folder");
    scene.put_on_path(folder.clone());
    let broken = ["echo over the prompt >&2; echo words; exit 1", "kill -SEGV $$", "kill -KILL $$", ""];
    for script in broken {
        install_script(&folder.join("greenroom"), script);
        stays_as_it_was(scene, start, "");
    }
    stays_as_it_was(scene, start, no_path);
}

fn stays_as_it_was(scene: &mut Scene, start: Start, settings: &str) {
    let mut prompt = start(scene, settings);
    for typed in ["staging ta", "staging pg:"] {
        assert_eq!(prompt.tab(typed, &[]).text, typed);
        let mark = prompt.last_mark();
        assert_eq!(prompt.screen(), format!("{PROMPT}{typed}{mark}"));
    }
}

/// Asserts that only greenroom on PATH runs, even if the line starts with a program of the repository.
pub fn programs_of_the_repository_are_not_run(scene: &mut Scene, start: Start) {
    for name in ["staging", "greenroom"] {
        install_script(&scene.repository().join(name), "echo mine >here");
    }
    let mut prompt = start(scene, "");
    assert_eq!(prompt.tab("./staging ta", &[]).text, "./staging tail ");
    assert_eq!(prompt.tab("staging pg:in", &[]).text, "staging pg:info ");
    assert!(!scene.repository().join("here").exists());
}

/// Asserts that the names of `greenroom link` are completed, and that other content of that file is ignored.
pub fn linked_names_are_completed(scene: &mut Scene, start: Start) {
    // Set to nothing, it is as if it were not set.
    let kept = home(scene).join(".local/share/greenroom/links");
    fs::create_dir_all(kept.parent().expect("a folder")).expect("a folder");
    fs::write(kept, "uat\n").expect("a file");
    scene.set("XDG_DATA_HOME", "");
    assert_eq!(start(scene, "").tab("uat ta", &[]).text, "uat tail ");
    let data = scene.folder().join("data");
    fs::create_dir_all(data.join("greenroom")).expect("a folder");
    let lines = "qa\n\n-f\n../up\n$(touch here)\n*\nUPPER\nqa_2-b";
    fs::write(data.join("greenroom/links"), lines).expect("a file");
    scene.set("XDG_DATA_HOME", data);
    let mut prompt = start(scene, "");
    assert_eq!(prompt.tab("qa ta", &[]).text, "qa tail ");
    assert_eq!(prompt.tab("qa_2-b ta", &[]).text, "qa_2-b tail ");
    assert_eq!(prompt.tab("UPPER ta", &[]).text, "UPPER ta");
    assert_eq!(prompt.tab("staging ta", &[]).text, "staging tail ");
    assert!(!scene.repository().join("here").exists());
}
