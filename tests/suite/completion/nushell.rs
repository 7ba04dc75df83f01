//! nushell asks greenroom at each Tab.

use std::fs;

use super::cases::{LIVE, ROWS, Row, choice, row};
use super::prompt::{PROMPT, Prompt, home, learns_names, set_up, stub};
use crate::scene::Scene;

/// Lines that nushell quotes differently.
const QUOTED: &[Row] = &[
    row("staging deploy it", "staging deploy \"it's\" "),
    row("staging deploy \"it", "staging deploy \"it's\" "),
    row("staging deploy fi", "staging deploy fix#7 "),
    row("staging deploy co", "staging deploy 'cost$5' "),
    row("staging deploy 'cost", "staging deploy 'cost$5' "),
    row("staging deploy '(", "staging deploy '(draft)' "),
    row("staging deploy 'a;", "staging deploy 'a;b' "),
    row("staging deploy \"p&", "staging deploy 'p&q' "),
    row("staging deploy 'x|", "staging deploy 'x|y' "),
    row("staging deploy q", "staging deploy 'q\"q' "),
    row("staging deploy to", "staging deploy 'to`tick' "),
    row("staging deploy 'lt<", "staging deploy 'lt<gt' "),
    row("staging deploy cut", "staging deploy cut,here "),
    row("staging deploy ün", "staging deploy ünder "),
    row("staging deploy 'lights-ou", "staging deploy lights-out "),
    row("staging 'tail' --sou", "staging 'tail' --source "),
    row("greenroom rehearse -- cat tw", "greenroom rehearse -- cat 'two words.txt' "),
    row("greenroom rehearse -- cat `two w", "greenroom rehearse -- cat 'two words.txt' "),
    row("greenroom rehearse -- cat stage/le", "greenroom rehearse -- cat 'stage/left wing.txt' "),
    row("greenroom rehearse -- cat ~/curt", "greenroom rehearse -- cat `~/curtain call.txt` "),
    row("greenroom rehearse -- cat quo", "greenroom rehearse -- cat \"quote'file.txt\" "),
    row("greenroom rehearse -- cat doll", "greenroom rehearse -- cat 'dollar$file.txt' "),
    row("greenroom rehearse -- cat brack", "greenroom rehearse -- cat 'brack[et].txt' "),
    row("greenroom rehearse -- cat star", "greenroom rehearse -- cat 'star*file.txt' "),
    choice("staging tail --source '", &["app", "heroku"], "staging tail --source '"),
];

/// nushell with the stub in its autoload folder, and `settings` of the user's.
fn nushell(scene: &mut Scene, settings: &str) -> Prompt {
    let folder = scene.folder().join("config/nushell");
    fs::create_dir_all(folder.join("autoload")).expect("a folder");
    fs::copy(stub("greenroom.nu"), folder.join("autoload/greenroom.nu")).expect("a copy");
    let text = format!(
        "$env.config.show_banner = false\n$env.PROMPT_COMMAND = {{|| '' }}\n$env.PROMPT_COMMAND_RIGHT = {{|| '' }}\n\
         $env.PROMPT_INDICATOR = '{PROMPT}'\n\
         $env.config.menus = [{{name: completion_menu, only_buffer_difference: false, marker: '{PROMPT}',\n\
         type: {{layout: columnar}}, style: {{}}}}]\n{settings}\n"
    );
    fs::write(folder.join("config.nu"), text).expect("a file");
    scene.set("XDG_CONFIG_HOME", scene.folder().join("config"));
    let mut command = scene.prepared("nu");
    command.arg("--no-history");
    Prompt::start(&command)
}

#[test]
fn the_shared_cases_pass() {
    let Some(mut scene) = set_up("nu") else { return };
    let mut prompt = nushell(&mut scene, "");
    let rows: Vec<_> = ROWS.iter().filter(|row| row.is_plain()).chain(QUOTED).collect();
    assert!(rows.len() >= 60, "{}", rows.len());
    prompt.fills_in("nushell", rows);
}

#[test]
fn names_from_heroku() {
    let Some(mut scene) = set_up("nu") else { return };
    learns_names(&scene);
    nushell(&mut scene, "").fills_in("nushell", LIVE);
}

#[test]
fn other_commands_keep_the_users_completer() {
    let Some(mut scene) = set_up("nu") else { return };
    // Read twice, the stub does not wrap itself.
    let other = "$env.config.completions.external.completer = {|spans| [{value: 'others-word'}] }";
    let mut prompt = nushell(&mut scene, &format!("{other}\nsource '{}'", stub("greenroom.nu").display()));
    assert_eq!(prompt.tab("other ", &[]).text, "other others-word");
    assert_eq!(prompt.tab("staging ta", &[]).text, "staging tail ");
    assert_eq!(prompt.tab("other ", &[]).text, "other others-word");
}

#[test]
fn an_alias_is_completed_as_the_documentation_says() {
    let Some(mut scene) = set_up("nu") else { return };
    assert_eq!(nushell(&mut scene, "alias s = staging").tab("s ta", &[]).text, "s tail ");
}

#[test]
fn linked_environments_complete() {
    let Some(mut scene) = set_up("nu") else { return };
    let list = home(&scene).join(".local/share/greenroom/links");
    fs::create_dir_all(list.parent().expect("a folder")).expect("a folder");
    fs::write(list, "qa\n").expect("a file");
    let mut prompt = nushell(&mut scene, "");
    assert_eq!(prompt.tab("qa ta", &[]).text, "qa tail ");
}

#[test]
fn without_greenroom_nothing_is_offered() {
    let Some(mut scene) = set_up("nu") else { return };
    scene.hide_binaries();
    let mut prompt = nushell(&mut scene, "");
    let line = prompt.tab("staging st", &[]);
    assert_eq!(line.text, "staging st", "no files either: {}", line.shown);
    assert!(!line.shown.contains("rror"), "{}", line.shown);
}

#[test]
fn loading_the_stub_prints_nothing() {
    let Some(scene) = set_up("nu") else { return };
    let line = format!("source '{0}'; source '{0}'", stub("greenroom.nu").display());
    let outcome = scene.run_words("nu", &["--no-config-file", "--no-std-lib", "-c", &line]);
    assert_eq!(outcome.to_string(), "");
}
