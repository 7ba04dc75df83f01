//! Hints can be pasted into a shell, whatever names a repository contains.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::scene::{Outcome, Scene};

/// The lines behind `hint:`.
fn hints(outcome: &Outcome) -> Vec<String> {
    outcome.stderr.lines().filter_map(|line| line.strip_prefix("hint: ")).map(str::to_owned).collect()
}

/// The words that a shell reads from each line, in a shell whose programs do nothing.
fn pasted(scene: &Scene, outcome: &Outcome) -> Vec<Vec<String>> {
    let folder = scene.folder().join("pasted");
    fs::create_dir_all(&folder).expect("a folder");
    let told =
        "git() { printf '<%s>' git \"$@\"; echo; }; heroku() { :; }; staging() { :; }; production() { :; }";
    let words = hints(outcome).into_iter().map(|hint| {
        let mut shell = Command::new("bash");
        let output =
            shell.args(["-c", &format!("{told}\n{hint}")]).current_dir(&folder).output().expect("bash");
        let said = String::from_utf8_lossy(&output.stdout);
        let words = said.trim_end().strip_prefix('<').and_then(|words| words.strip_suffix('>'));
        words.unwrap_or_default().split("><").map(str::to_owned).collect()
    });
    let words = words.collect();
    let made: Vec<_> = fs::read_dir(&folder).expect("a folder").collect();
    assert!(made.is_empty(), "{outcome}: {made:?}");
    words
}

#[test]
fn branch_names_are_quoted() {
    let scene = Scene::playhouse();
    let branch = "$(touch${IFS}PWN);id>PWN";
    scene.git(&["push", "--quiet", "origin", &format!("HEAD:refs/heads/{branch}")]);
    scene.write(
        "greenroom.toml",
        format!("[environments.staging]\nremote = \"staging\"\nbranch = \"{branch}\"\n"),
    );
    let commit = scene.commit_here("Sell more seats");
    let outcome = scene.run("staging deploy");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    let line = ["git", "push", "origin", &format!("{}:{branch}", &commit[..7])];
    assert_eq!(pasted(&scene, &outcome)[0], line, "{outcome}");
}

#[test]
fn branch_names_are_not_read_as_flags() {
    let scene = Scene::playhouse();
    let branch = "refs/remotes/origin/--upload-pack=touch PWN".replace(' ', "-");
    scene.git(&["symbolic-ref", "refs/remotes/origin/HEAD", &branch]);
    scene.git(&["update-ref", &branch, "HEAD~1"]);
    let outcome = scene.run("production deploy --yes");
    assert_eq!(outcome.status, Some(5), "{outcome}");
    for line in pasted(&scene, &outcome).iter().filter(|line| line[0] == "git") {
        assert!(!line.iter().any(|word| word.starts_with('-')), "{outcome}");
    }
}

#[test]
fn remote_names_are_quoted_and_not_read_as_flags() {
    for (name, shown) in [("qa;id>PWN", "'qa;id>PWN'"), ("--qa", "-- --qa")] {
        let scene = Scene::bare();
        let url = format!("[remote \"{name}\"]\n\turl = https://git.heroku.com/playhouse-qa.git\n");
        let config = fs::read_to_string(scene.repository().join(".git/config")).expect("a configuration");
        scene.write(".git/config", config + &url);
        let outcome = scene.run("greenroom on demo which");
        let line = format!("git remote rename {shown} demo   # if playhouse-qa is demo");
        assert!(hints(&outcome).contains(&line), "{outcome}");
        _ = pasted(&scene, &outcome);

        scene.write("greenroom.toml", format!("[environments.demo]\nremote = \"x{name}\"\n"));
        let outcome = scene.run("greenroom on demo which");
        assert_eq!(outcome.status, Some(3), "{outcome}");
        _ = pasted(&scene, &outcome);
    }
}

#[test]
fn paths_are_quoted() {
    let mut scene = Scene::bare();
    let odd = scene.folder().join("a $(touch PWN); b\nc");
    fs::create_dir_all(&odd).expect("a folder");
    scene.stand_in(odd);
    scene.git(&["init", "--quiet"]);
    let config = scene.repository().join(".git/config");
    fs::write(&config, format!("; {}\n", "x".repeat(1 << 20))).expect("a file");
    let outcome = scene.run("staging which");
    assert_eq!(outcome.status, Some(2), "{outcome}");
    let line = &pasted(&scene, &outcome)[0];
    assert_eq!(line[..3], ["git", "config", "--file"], "{outcome}");
    assert!(line[3].ends_with("a $(touch PWN); b\nc/.git/config"), "{outcome}");
}

#[test]
fn hints_repeat_the_typed_command() {
    let scene = Scene::playhouse();
    let outcome = scene.run("production promote --from $(id);x --commit HEAD");
    assert_eq!(outcome.status, Some(2), "{outcome}");
    _ = pasted(&scene, &outcome);
    scene.write("greenroom.toml", "[environments.review]\nprotected = true\n");
    let outcome = scene.run("review 42 deploy --build");
    assert_eq!(hints(&outcome), ["review 42 deploy --build --force   # to go back on purpose"], "{outcome}");
    let outcome = scene.run("staging rollback");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    scene.write("greenroom.toml", "[environments.qa]\napp = \"playhouse-staging\"\nprotected = true\n");
    let outcome = scene.run("greenroom on qa rollback v9 --wait-timeout 5m");
    // Nobody made a command of this name.
    assert_eq!(hints(&outcome), ["greenroom on qa rollback v9 --wait-timeout 5m --yes"], "{outcome}");
}

#[test]
fn hints_about_the_environments_app_use_our_commands() {
    let scene = Scene::playhouse();
    let outcome = scene.run("production rollback v999 --yes");
    assert_eq!(hints(&outcome), ["production releases"], "{outcome}");
    // Where the environment has several apps, only the name of one says which.
    scene.matinee("production");
    scene.write(
        "greenroom.toml",
        "pipeline = \"playhouse\"\n[environments.production]\nstage = \"production\"\n",
    );
    scene.with_release_phase("playhouse-prepare", "exit 1");
    let outcome = scene.run("production promote --yes");
    let hints = hints(&outcome);
    assert!(hints.iter().all(|hint| hint.starts_with("heroku releases:output v")), "{outcome}");
    assert_eq!(hints.len(), 2, "{outcome}");
}

/// Words that start a command at the beginning of a line.
const COMMANDS: [&str; 18] = [
    "git",
    "heroku",
    "greenroom",
    "production",
    "staging",
    "review",
    "prepare",
    "npm",
    "ls",
    "rm",
    "cd",
    "chmod",
    "export",
    "curl",
    "ssh",
    "gpg",
    "cat",
    "brew",
];

/// Whether a piece of source builds a hint from text instead of words.
fn unquoted(source: &str) -> Option<&str> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let text = code.split("Hint::text(").skip(1).map(str::trim_start).find(|argument| {
        let Some(format) = argument.strip_prefix("format!(").map(str::trim_start) else {
            return !argument.starts_with("curl::line(");
        };
        let words = format.trim_start_matches('"');
        words.starts_with('{') || COMMANDS.iter().any(|name| words.starts_with(&format!("{name} ")))
    });
    let joined = || {
        let hints =
            [".hint(", ".hint_line(", ".hint_about("].into_iter().flat_map(|call| code.split(call).skip(1));
        hints.map(|rest| rest.trim_start().trim_start_matches('&')).find(|rest| rest.starts_with("format!("))
    };
    text.or_else(joined)
}

#[test]
fn hints_with_variable_parts_are_built_from_words() {
    fn look(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                look(&entry, found);
            } else if entry.extension().is_some_and(|name| name == "rs") && !entry.ends_with("src/hint.rs") {
                let source = fs::read_to_string(&entry).expect("a source file");
                let hint = unquoted(&source).map(|rest| rest.chars().take(60).collect::<String>());
                found.extend(hint.map(|hint| format!("{}: {hint}", entry.display())));
            }
        }
    }
    let mut found = Vec::new();
    look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.is_empty(), "made by format!, and not from words:\n{}", found.join("\n"));
    assert!(unquoted(r#"error.hint(Hint::text(format!("git fetch {remote}")))"#).is_some());
    assert!(unquoted(r#"error.hint(Hint::text(format!("{} deploy", name)))"#).is_some());
    assert!(unquoted(r#"error.hint(format!("did you mean {near}?"))"#).is_some());
    assert!(unquoted("error.hint(Hint::text(line))").is_some());
    assert!(unquoted(r#"error.hint(Hint::text(format!("did you mean {near}?")))"#).is_none());
}
