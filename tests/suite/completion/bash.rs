//! bash asks greenroom at each Tab. It is the one that PATH has: 3.2, as macOS has it, passes as well.

use std::env;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use super::cases::{LIVE, ROWS, Row};
use super::prompt::{PROMPT, Prompt, learns_names, set_up, stub};
use super::silence;
use crate::scene::Scene;

/// bash with the stub. Lists are shown at the first Tab unless `settings` change that.
fn bash(scene: &mut Scene, settings: &str) -> Prompt {
    let rc = scene.folder().join("bashrc");
    let text = format!(
        "PS1='{PROMPT}'\n\
         for setting in 'enable-bracketed-paste off' 'bell-style none' 'page-completions off' \\\n\
         'completion-query-items 0' 'show-all-if-ambiguous on'; do bind \"set $setting\"; done 2>/dev/null\n\
         {settings}\n. '{}'\n",
        stub("greenroom.bash").display()
    );
    fs::write(&rc, text).expect("a file");
    let mut command = scene.prepared("bash");
    command.args(["--noprofile", "--rcfile"]).arg(rc).arg("-i");
    Prompt::start(&command)
}

/// Checks the shared cases with settings, in the installed bash, which may be an old one.
fn fills_in(settings: &str, has_compopt: bool) {
    let Some(mut scene) = set_up("bash") else { return };
    let is_old = is_old(&scene);
    bash(&mut scene, settings).fills("bash", ROWS, |row| without(row, is_old, is_old || !has_compopt));
}

/// Whether it is older than 4.0, as on macOS.
fn is_old(scene: &Scene) -> bool {
    scene.run_words("bash", &["--norc", "-c", "echo $BASH_VERSINFO"]).stdout.starts_with('3')
}

/// The line that an old bash gives: it adds no blank after a quote that it closes, and before 4.0 it does not complete a command
/// behind an assignment.
fn without(row: &Row, assignments: bool, blank: bool) -> String {
    let line = row.line_in("bash");
    let end_of_quote = |line: &&str| line.ends_with(['"', '\'']) && !line.ends_with("\\'");
    match line.strip_suffix(' ').filter(end_of_quote) {
        _ if assignments && row.typed.starts_with("FOO=") => row.typed.to_owned(),
        Some(closed) if blank => closed.to_owned(),
        _ => line.to_owned(),
    }
}

#[test]
fn the_shared_cases_pass() {
    fills_in("", true);
}

#[test]
fn names_from_heroku() {
    let Some(mut scene) = set_up("bash") else { return };
    learns_names(&scene);
    bash(&mut scene, "").fills_in("bash", LIVE);
}

/// Words that can come before a command.
const BEFORE: &[&str] = &[
    "",
    "A=1 ",
    "true && ",
    "for x in a; do ",
    "if ",
    "if true; then ",
    "while ",
    "! ",
    "time ",
    "{ ",
    "(",
    "echo $(",
    "sudo ",
    "env A=1 ",
    "command ",
    "exec ",
    "nohup ",
    "xargs ",
];

/// Those of [`BEFORE`] behind which bash, with `settings`, completes the arguments of a command. Asserts that our commands are
/// completed behind the same ones as others.
fn completes_behind(settings: &str) -> Vec<&'static str> {
    let Some(mut scene) = set_up("bash") else { return Vec::new() };
    let other = "mine() { COMPREPLY=(bravo); }; complete -F mine other";
    let mut prompt = bash(&mut scene, &format!("{settings}\n{other}"));
    let mut completed = Vec::new();
    for before in BEFORE {
        let measure = prompt.tab(&format!("{before}other br"), &[]).text;
        let does = measure == format!("{before}other bravo ");
        for (typed, word) in [("staging ta", "staging tail "), ("staging pg:psq", "staging pg:psql ")] {
            let expected = if does { word } else { typed };
            assert_eq!(prompt.tab(&format!("{before}{typed}"), &[]).text, format!("{before}{expected}"));
        }
        completed.extend(does.then_some(*before));
    }
    completed
}

#[test]
fn commands_behind_assignments_and_operators_are_completed() {
    let Some(scene) = set_up("bash") else { return };
    if is_old(&scene) {
        return;
    }
    assert_eq!(completes_behind(""), ["", "A=1 ", "true && ", "{ ", "("]);
}

#[test]
fn commands_behind_other_commands_are_completed_with_bash_completion() {
    let package = Path::new("/usr/share/bash-completion/bash_completion");
    if !package.exists() {
        assert!(env::var_os("CI").is_none(), "bash-completion must be installed in CI");
        _ = writeln!(std::io::stderr(), "\nSKIPPED: bash-completion, which is not installed\n");
        return;
    }
    let completed = completes_behind(&format!(". {}", package.display()));
    for before in
        ["for x in a; do ", "if true; then ", "time ", "sudo ", "command ", "exec ", "nohup ", "xargs "]
    {
        assert!(completed.contains(&before), "{before:?} is not among {completed:?}");
    }
}

#[test]
fn an_alias_is_completed_as_the_documentation_says() {
    let Some(mut scene) = set_up("bash") else { return };
    let line = "alias s=staging; complete -o nospace -F _greenroom s";
    let more = "alias sq='staging --dry-run' review='review --json'; complete -o nospace -F _greenroom sq";
    let mut prompt = bash(&mut scene, &format!("{line}\n{more}"));
    assert_eq!(prompt.tab("s deploy lights-ou", &[]).text, "s deploy lights-out ");
    assert_eq!(prompt.tab("s pg:in", &[]).text, "s pg:info ");
    assert_eq!(prompt.tab("true && s ta x\x02\x02", &[]).text, "true && s tail‸ x");
    // The flag that the alias has is not offered again.
    assert_eq!(prompt.tab("sq --dr", &[]).text, "sq --dr");
    assert_eq!(prompt.tab("review ta", &[]).text, "review tail ");
}

#[test]
fn the_shared_cases_pass_with_strict_shell_options() {
    fills_in("set -uf; IFS=aeiou; shopt -s nullglob failglob dotglob nocaseglob; GLOBIGNORE='*'", true);
}

#[test]
fn the_shared_cases_pass_in_posix_mode() {
    fills_in("set -o posix", true);
}

#[test]
fn the_shared_cases_pass_without_builtins_that_macos_lacks() {
    fills_in("enable -n mapfile readarray compopt 2>/dev/null; shopt -s compat32 2>/dev/null", false);
}

#[test]
fn shell_options_are_left_unchanged() {
    let Some(mut scene) = set_up("bash") else { return };
    let mut prompt = bash(&mut scene, "");
    prompt.tab("staging ta", &[]);
    prompt.runs("is=is; case $- in *f*) ;; *) echo globbing $is on ;; esac", "globbing is on");
    prompt.runs("set -f; echo noglob $is on", "noglob is on");
    prompt.tab("staging ta", &[]);
    prompt.runs("case $- in *f*) echo noglob $is still on ;; esac", "noglob is still on");
}

#[test]
fn help_is_listed_at_the_second_tab() {
    let Some(mut scene) = set_up("bash") else { return };
    if is_old(&scene) {
        // It does not say whether it will list the words.
        return;
    }
    let mut prompt = bash(&mut scene, "bind 'set show-all-if-ambiguous off'");
    let line = prompt.tab("staging r\t", &["releases  (List the app's", "rollback  (Roll back "]);
    assert_eq!(line.text, "staging r");
    let line = prompt.tab("staging pg:\t", &["pg:info     (show database information)", "pg:psql"]);
    assert_eq!(line.text, "staging pg:");
    // In the table's order, not in the alphabet's.
    let line = prompt.tab("staging deploy --wait-timeout \t", &["1h"]);
    let at = |word| line.shown.find(word).unwrap_or_else(|| panic!("{word}: {}", line.shown));
    assert!(at("5m") < at("30m") && at("30m") < at("1h"), "{}", line.shown);
}

#[test]
fn failures_print_nothing() {
    let Some(mut scene) = set_up("bash") else { return };
    let no_path = "PATH=; command_not_found_handle() { echo HANDLED; }";
    silence::failures_print_nothing(&mut scene, bash, no_path);
}

#[test]
fn programs_of_the_repository_are_not_run() {
    let Some(mut scene) = set_up("bash") else { return };
    silence::programs_of_the_repository_are_not_run(&mut scene, bash);
}

#[test]
fn linked_names_are_completed() {
    let Some(mut scene) = set_up("bash") else { return };
    silence::linked_names_are_completed(&mut scene, bash);
}

#[test]
fn loading_the_stub_prints_nothing() {
    let Some(scene) = set_up("bash") else { return };
    for settings in ["set -euo pipefail", "set -euo pipefail; set -o posix", "set -eu; unset HOME; IFS=abc"] {
        let line = format!("{settings}; PATH=; . '{0}'; . '{0}'", stub("greenroom.bash").display());
        let outcome = scene.run_words("bash", &["--norc", "-c", &line]);
        assert_eq!(outcome.to_string(), "", "{settings}");
    }
}

#[test]
fn the_stub_is_valid_bash_3() {
    let text = fs::read_to_string(stub("greenroom.bash")).expect("a file");
    let newer = [
        "mapfile",
        "readarray",
        "declare -A",
        "local -A",
        "local -n",
        "declare -n",
        "declare -g",
        "coproc",
        "|&",
        "&>>",
        ";&",
        ",,}",
        "^^}",
        "@Q}",
        "printf -v",
        "%(",
        "**",
        "${!",
        "[-1]",
        "[[",
        "BASHPID",
        "EPOCH",
        "local -",
    ];
    for construct in newer {
        assert!(!text.contains(construct), "{construct} in {text}");
    }
    let uses = text.lines().filter(|line| line.contains("compopt"));
    assert!(uses.into_iter().all(|line| line.contains("type compopt >/dev/null 2>&1 && compopt")));
    if which::which("shellcheck").is_ok() {
        let checked = Command::new("shellcheck").arg(stub("greenroom.bash")).output().expect("shellcheck");
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    }
}
