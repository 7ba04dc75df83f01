//! fish asks greenroom at each Tab.

use std::fs;

use super::cases::{LIVE, ROWS};
use super::prompt::{CLEARS, PROMPT, Prompt, learns_names, set_up, stub};
use super::silence;
use crate::scene::Scene;

/// fish with the stub among its configuration, and `settings` of the user's.
fn fish(scene: &mut Scene, settings: &str) -> Prompt {
    let folder = scene.folder().join("config");
    fs::create_dir_all(folder.join("fish/conf.d")).expect("a folder");
    fs::copy(stub("greenroom.fish"), folder.join("fish/conf.d/greenroom.fish")).expect("a copy");
    let text = format!(
        "set -g fish_greeting\nset -g fish_autosuggestion_enabled 0\nfunction fish_title; end\n\
         function fish_prompt; echo -n '{PROMPT}'; end\n{CLEARS}\n{settings}\n"
    );
    fs::write(folder.join("fish/config.fish"), text).expect("a file");
    scene.set("XDG_CONFIG_HOME", folder);
    let mut command = scene.prepared("fish");
    command.args(["--private", "-i"]);
    Prompt::start(&command)
}

#[test]
fn the_shared_cases_pass() {
    let Some(mut scene) = set_up("fish") else { return };
    fish(&mut scene, "").fills_in("fish", ROWS);
}

#[test]
fn names_from_heroku() {
    let Some(mut scene) = set_up("fish") else { return };
    learns_names(&scene);
    fish(&mut scene, "").fills_in("fish", LIVE);
}

#[test]
fn candidates_have_descriptions() {
    let Some(mut scene) = set_up("fish") else { return };
    let mut prompt = fish(&mut scene, "");
    let line = prompt.tab("staging s", &["(Show what", "(Print the commit", "(Test and"]);
    let at = |word| line.shown.find(word).unwrap_or_else(|| panic!("{word}: {}", line.shown));
    assert!(at("sha ") < at("ship ") && at("ship ") < at("status "), "{}", line.shown);
}

#[test]
fn an_alias_is_completed() {
    let Some(mut scene) = set_up("fish") else { return };
    let mut prompt = fish(&mut scene, "alias s=staging");
    assert_eq!(prompt.tab("s deploy lights-ou", &[]).text, "s deploy lights-out ");
}

#[test]
fn failures_print_nothing() {
    let Some(mut scene) = set_up("fish") else { return };
    let only = scene.folder().join("only");
    fs::create_dir(&only).expect("a folder");
    let no_path =
        format!("set PATH '{}'; function fish_command_not_found; echo HANDLED; end", only.display());
    silence::failures_print_nothing(&mut scene, fish, &no_path);
}

#[test]
fn programs_of_the_repository_are_not_run() {
    let Some(mut scene) = set_up("fish") else { return };
    silence::programs_of_the_repository_are_not_run(&mut scene, fish);
}

#[test]
fn linked_names_are_completed() {
    let Some(mut scene) = set_up("fish") else { return };
    silence::linked_names_are_completed(&mut scene, fish);
}

#[test]
fn loading_the_stub_prints_nothing() {
    let Some(mut scene) = set_up("fish") else { return };
    scene.set("TERM", "xterm-256color");
    for mode in [&["--no-config", "-c"][..], &["--no-config", "--interactive", "-c"]] {
        let line = format!("set PATH; source '{0}'; source '{0}'", stub("greenroom.fish").display());
        assert_eq!(scene.run_words("fish", &[mode, &[line.as_str()]].concat()).to_string(), "", "{mode:?}");
    }
}
