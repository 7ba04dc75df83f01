//! elvish asks greenroom at each Tab.

use super::cases::{LIVE, ROWS, Row, choice, row};
use super::prompt::{PROMPT, Prompt, home, learns_names, set_up, stub};
use crate::pty::Pty;
use crate::scene::Scene;

/// Lines that elvish quotes differently.
const QUOTED: &[Row] = &[
    row("staging deploy it", "staging deploy 'it''s' "),
    row("staging deploy 'it", "staging deploy 'it''s' "),
    row("staging deploy \"it", "staging deploy \"it's\" "),
    row("staging deploy fi", "staging deploy 'fix#7' "),
    row("staging deploy co", "staging deploy 'cost$5' "),
    row("staging deploy \"cost", "staging deploy \"cost$5\" "),
    row("staging deploy '(", "staging deploy '(draft)' "),
    row("staging deploy 'a;", "staging deploy 'a;b' "),
    row("staging deploy \"p&", "staging deploy \"p&q\" "),
    row("staging deploy 'x|", "staging deploy 'x|y' "),
    row("staging deploy q", "staging deploy 'q\"q' "),
    row("staging deploy to", "staging deploy 'to`tick' "),
    row("staging deploy 'lt<", "staging deploy 'lt<gt' "),
    row("staging deploy cut", "staging deploy cut,here "),
    row("staging deploy ün", "staging deploy ünder "),
    row("staging deploy 'lights-ou", "staging deploy 'lights-out' "),
    row("staging 'tail' --sou", "staging 'tail' --source "),
    row("greenroom rehearse -- cat tw", "greenroom rehearse -- cat 'two words.txt' "),
    row("greenroom rehearse -- cat 'two w", "greenroom rehearse -- cat 'two words.txt' "),
    row("greenroom rehearse -- cat stage/le", "greenroom rehearse -- cat 'stage/left wing.txt' "),
    row("greenroom rehearse -- cat quo", "greenroom rehearse -- cat 'quote''file.txt' "),
    row("greenroom rehearse -- cat doll", "greenroom rehearse -- cat 'dollar$file.txt' "),
    row("greenroom rehearse -- cat brack", "greenroom rehearse -- cat 'brack[et].txt' "),
    row("greenroom rehearse -- cat star", "greenroom rehearse -- cat 'star*file.txt' "),
    row("greenroom rehearse -- cat has", "greenroom rehearse -- cat 'hash#file.txt' "),
    row("staging tail --source=a", "staging tail --source=app "),
    choice("staging tail --source=", &["--source=app", "--source=heroku"], "staging tail --source="),
    row("staging deploy act=o", "staging deploy act=one "),
    row("greenroom rehearse -- cat equal=", "greenroom rehearse -- cat equal=file.txt "),
    choice("staging tail --source '", &["app", "heroku"], "staging tail --source '"),
];

/// elvish with the stub as a module, and `settings` of the user's.
fn elvish(scene: &mut Scene, settings: &str) -> Prompt {
    let folder = scene.folder().join("config/elvish");
    std::fs::create_dir_all(folder.join("lib")).expect("a folder");
    std::fs::copy(stub("greenroom.elv"), folder.join("lib/greenroom.elv")).expect("a copy");
    let keys = "set edit:insert:binding[Ctrl-L] = $edit:clear~\n\
                set edit:insert:binding[Ctrl-E] = $edit:move-dot-eol~\n\
                set edit:insert:binding[Ctrl-B] = $edit:move-dot-left~\n\
                set edit:insert:binding[Ctrl-G] = { }\n\
                set edit:insert:binding[Ctrl-T] = { }\n\
                set edit:completion:binding[Ctrl-G] = $edit:close-mode~\n\
                set edit:completion:binding[Ctrl-T] = $edit:completion:accept~\n";
    let text = format!(
        "{settings}\nuse greenroom\n{keys}set edit:prompt = {{ put '{PROMPT}' }}\nset edit:rprompt = {{ }}\n"
    );
    std::fs::write(folder.join("rc.elv"), text).expect("a file");
    scene.set("XDG_CONFIG_HOME", scene.folder().join("config"));
    Prompt::start(&scene.prepared("elvish")).has_menu("\x14", "\x07")
}

#[test]
fn the_shared_cases_pass() {
    let Some(mut scene) = set_up("elvish") else { return };
    let mut prompt = elvish(&mut scene, "");
    // Where nothing can be filled in, its menu proposes the first.
    let has_choice = |row: &Row| row.typed == row.line && row.offers.is_empty();
    let is_plain = |row: &&Row| row.is_plain() && !has_choice(row);
    let rows: Vec<_> = ROWS.iter().filter(is_plain).chain(QUOTED).collect();
    assert!(rows.len() >= 60, "{}", rows.len());
    prompt.fills_in("elvish", rows);
}

#[test]
fn names_from_heroku() {
    let Some(mut scene) = set_up("elvish") else { return };
    learns_names(&scene);
    elvish(&mut scene, "").fills_in("elvish", LIVE);
}

#[test]
fn other_commands_keep_the_users_matchers() {
    let Some(mut scene) = set_up("elvish") else { return };
    let other = "set edit:completion:arg-completer[other] = {|@_| put others-word }";
    let anywhere = "set edit:completion:matcher[argument] = $edit:match-substr~";
    for settings in [format!("{other}; {anywhere}"), format!("{other}\nuse greenroom\n{anywhere}")] {
        let mut prompt = elvish(&mut scene, &settings);
        assert_eq!(prompt.tab("other word", &[]).text, "other others-word");
        assert_eq!(prompt.tab("staging ta", &[]).text, "staging tail ");
        assert_eq!(prompt.tab("other word", &[]).text, "other others-word");
        // Where the person's matcher came last, elvish quotes as it always does.
        let line = prompt.tab("staging tail --source=a", &[]).text;
        assert!(line == "staging tail --source=app " || line == "staging tail '--source=app' ", "{line}");
    }
}

#[test]
fn an_alias_is_completed_as_the_documentation_says() {
    let Some(mut scene) = set_up("elvish") else { return };
    let lines = "fn s {|@words| staging $@words }\n\
                 set edit:completion:arg-completer[s] = {|_ @words| $edit:completion:arg-completer[staging] staging $@words }";
    assert_eq!(elvish(&mut scene, lines).tab("s deploy lights-ou", &[]).text, "s deploy lights-out ");
}

#[test]
fn linked_environments_complete() {
    let Some(mut scene) = set_up("elvish") else { return };
    let list = home(&scene).join(".local/share/greenroom/links");
    std::fs::create_dir_all(list.parent().expect("a folder")).expect("a folder");
    std::fs::write(list, "qa\n").expect("a file");
    assert_eq!(elvish(&mut scene, "").tab("qa ta", &[]).text, "qa tail ");
}

#[test]
fn loading_the_stub_prints_nothing() {
    let Some(mut scene) = set_up("elvish") else { return };
    drop(elvish(&mut scene, "use greenroom"));
    let mut pty = Pty::start(&scene.prepared("elvish"));
    pty.sees(PROMPT, 1).types("exit\r");
    // What is wrong in a file of its own is said before the first prompt.
    let said = pty.end().raw();
    let before = said.split(PROMPT).next().expect("what came first");
    assert!(
        !before.contains(|c: char| c.is_alphabetic() && c.is_lowercase() && !"hlm".contains(c)),
        "{before:?}"
    );
}

#[test]
fn without_greenroom_nothing_is_offered() {
    let Some(mut scene) = set_up("elvish") else { return };
    scene.hide_binaries();
    let mut prompt = elvish(&mut scene, "");
    let line = prompt.tab("staging ta", &[]);
    assert_eq!(line.text, "staging ta");
    // elvish says so itself, of any command.
    assert!(
        line.shown
            .lines()
            .all(|line| line.trim().is_empty() || line.contains(">>>") || line.contains("no candidates")),
        "{}",
        line.shown
    );
}
