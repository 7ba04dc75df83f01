//! zsh asks greenroom at each Tab.

use std::fs;

use super::cases::{LIVE, ROWS};
use super::prompt::{PROMPT, Prompt, learns_names, set_up, stub};
use super::silence;
use crate::scene::Scene;

/// zsh with its completion system, `settings` of the user's, and the stub.
fn zsh(scene: &mut Scene, settings: &str) -> Prompt {
    let source = format!("source '{}'", stub("_greenroom").display());
    zsh_with(scene, &["autoload -Uz compinit", "compinit -u -D", settings, &source])
}

/// zsh with these lines as its only startup file.
fn zsh_with(scene: &mut Scene, lines: &[&str]) -> Prompt {
    let folder = scene.folder().join("zdotdir");
    fs::create_dir_all(&folder).expect("a folder");
    let prompt = format!("PS1='{PROMPT}'\nLISTMAX=10000\nunsetopt auto_menu beep prompt_sp\n");
    fs::write(folder.join(".zshrc"), prompt + &lines.join("\n") + "\n").expect("a file");
    scene.set("ZDOTDIR", folder);
    let mut command = scene.prepared("zsh");
    command.args(["-o", "no_global_rcs", "-i"]);
    Prompt::start(&command)
}

#[test]
fn the_shared_cases_pass() {
    let Some(mut scene) = set_up("zsh") else { return };
    zsh(&mut scene, "setopt warn_create_global").fills_in("zsh", ROWS);
}

#[test]
fn names_from_heroku() {
    let Some(mut scene) = set_up("zsh") else { return };
    learns_names(&scene);
    zsh(&mut scene, "").fills_in("zsh", LIVE);
}

#[test]
fn the_shared_cases_pass_with_options_of_other_shells() {
    let Some(mut scene) = set_up("zsh") else { return };
    let options = "setopt ksh_arrays sh_word_split no_unset warn_create_global no_match complete_in_word";
    zsh(&mut scene, options).fills_in("zsh", ROWS);
}

#[test]
fn a_file_in_fpath_is_autoloaded() {
    let Some(mut scene) = set_up("zsh") else { return };
    let functions = scene.folder().join("functions");
    fs::create_dir(&functions).expect("a folder");
    fs::copy(stub("_greenroom"), functions.join("_greenroom")).expect("a copy");
    let fpath = format!("fpath=('{}' $fpath)", functions.display());
    let mut prompt = zsh_with(&mut scene, &[&fpath, "autoload -Uz compinit", "compinit -u -D"]);
    // It defines itself at the first Tab.
    for _ in 0..2 {
        assert_eq!(prompt.tab("staging ta", &[]).text, "staging tail ");
        assert_eq!(prompt.tab("production ps:sc", &[]).text, "production ps:scale ");
    }
}

#[test]
fn candidates_have_descriptions() {
    let Some(mut scene) = set_up("zsh") else { return };
    let mut prompt = zsh(&mut scene, "");
    let line = prompt.tab("staging s", &["status  -- Show what"]);
    let lines: Vec<_> = line.shown.lines().skip(1).map(|line| &line[..9]).collect();
    assert_eq!(lines, ["scale   -", "sha     -", "ship    -", "status  -", "stop    -"]);
}

#[test]
fn candidates_without_descriptions_keep_their_order() {
    let Some(mut scene) = set_up("zsh") else { return };
    let line = zsh(&mut scene, "").tab("staging pg:", &["pg:psql", "pg:backups:", "pg:info"]);
    let at = |word| line.shown.find(word).unwrap_or_else(|| panic!("{word}: {}", line.shown));
    assert!(at("pg:backups:") < at("pg:info"), "{}", line.shown);
}

#[test]
fn the_users_styles_apply() {
    let Some(mut scene) = set_up("zsh") else { return };
    let styles = "zstyle ':completion:*' format '<%d>'; zstyle ':completion:*' group-name ''\n\
                  zstyle ':completion:*' list-separator '::'";
    zsh(&mut scene, styles).tab("staging s", &["<command>", "sha     :: Print"]);
    let line = zsh(&mut scene, "zstyle ':completion:*' verbose no").tab("staging s", &["status"]);
    assert_eq!(line.shown.lines().nth(1), Some("scale   sha     ship    status  stop"), "{}", line.shown);
}

#[test]
fn the_users_matchers_apply() {
    let Some(mut scene) = set_up("zsh") else { return };
    let matchers = "zstyle ':completion:*' matcher-list '' 'm:{a-zA-Z}={A-Za-z}' 'r:|[-:]=* r:|=*'";
    let mut prompt = zsh(&mut scene, matchers);
    assert_eq!(prompt.tab("staging TA", &[]).text, "staging tail ");
    assert_eq!(prompt.tab("staging pg:IN", &[]).text, "staging pg:info ");
    assert_eq!(prompt.tab("staging deploy --n-b", &[]).text, "staging deploy --no-build ");
    assert_eq!(prompt.tab("staging tail --source=AP", &[]).text, "staging tail --source=app ");
}

#[test]
fn an_alias_is_completed() {
    let Some(mut scene) = set_up("zsh") else { return };
    let mut prompt = zsh(&mut scene, "alias s=staging");
    assert_eq!(prompt.tab("s deploy lights-ou", &[]).text, "s deploy lights-out ");
}

#[test]
fn failures_print_nothing() {
    let Some(mut scene) = set_up("zsh") else { return };
    let no_path = "path=(); command_not_found_handler() { echo HANDLED; }";
    silence::failures_print_nothing(&mut scene, zsh, no_path);
}

#[test]
fn programs_of_the_repository_are_not_run() {
    let Some(mut scene) = set_up("zsh") else { return };
    silence::programs_of_the_repository_are_not_run(&mut scene, zsh);
}

#[test]
fn linked_names_are_completed() {
    let Some(mut scene) = set_up("zsh") else { return };
    silence::linked_names_are_completed(&mut scene, zsh);
}

#[test]
fn loading_the_stub_prints_nothing() {
    let Some(scene) = set_up("zsh") else { return };
    // The completion system may not be there at all.
    for settings in
        ["setopt warn_create_global", "setopt err_exit no_unset ksh_arrays sh_glob warn_create_global"]
    {
        let line = format!("{settings}; path=(); source '{0}'; source '{0}'", stub("_greenroom").display());
        assert_eq!(scene.run_words("zsh", &["-f", "-c", &line]).to_string(), "", "{settings}");
    }
}
