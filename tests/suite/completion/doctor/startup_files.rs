//! Startup files that keep a shell from completing.

use std::path::{Path, PathBuf};
use std::{env, fs};

use super::{findings, healthy};
use crate::completion::prompt::home;
use crate::scene::{Scene, link_tool};

/// A scene with the completion for this shell installed, and the shell's startup file; none if the shell is missing.
fn healthy_in(shell: &str) -> Option<(Scene, PathBuf)> {
    if which::which(shell).is_err() {
        assert!(env::var_os("CI").is_none(), "{shell} must be installed in CI");
        return None;
    }
    let mut scene = healthy();
    let tools = scene.folder().join("more");
    if shell != "bash" {
        link_tool(&tools, shell);
        scene.set("SHELL", format!("/bin/{shell}"));
        assert_eq!(scene.run("greenroom completions --install").status, Some(0));
    }
    let file = match shell {
        "fish" => ".config/fish/config.fish".to_owned(),
        other => format!(".{other}rc"),
    };
    let file = home(&scene).join(file);
    assert_eq!(findings(&scene), "", "{shell}");
    Some((scene, file))
}

/// Adds a line to the end of a startup file.
fn append(file: &Path, line: &str) {
    let text = fs::read_to_string(file).unwrap_or_default();
    fs::write(file, format!("{text}{line}\n")).expect("a file");
}

/// The folder that the home folder is in.
fn above_home(scene: &Scene) -> String {
    home(scene).parent().expect("a folder").display().to_string()
}

/// Asserts that there is one problem, and that its hint solves it; returns the findings.
fn mended(scene: &Scene) -> String {
    let found = findings(scene);
    let (problem, hint) = found.split_once("\n         hint: ").unwrap_or_else(|| panic!("no hint: {found}"));
    assert!(problem.starts_with("problem  ") && !problem.contains('\n') && !hint.contains('\n'), "{found}");
    let binaries = crate::scene::binaries().display().to_string();
    let line = hint.replace("[BINARIES]", &binaries).replace("[SCENE]", &above_home(scene));
    let outcome = scene.run_words("bash", &["--norc", "-c", &line]);
    assert_eq!(outcome.status, Some(0), "{line}: {outcome}");
    assert_eq!(findings(scene), "", "{line}");
    found
}

#[test]
fn a_shell_that_hangs_or_ends_early() {
    let scene = healthy();
    let rc = home(&scene).join(".bashrc");
    fs::write(&rc, "sleep 3600\n").expect("a file");
    let found = findings(&scene);
    assert!(found.contains("problem  an interactive bash does not start within 10 s\n"), "{found}");
    fs::write(&rc, "exit 3\n").expect("a file");
    let found = findings(&scene);
    assert!(found.contains("problem  an interactive bash exited before it answered\n"), "{found}");
}

#[test]
fn a_start_up_file_that_replaces_path() {
    for (shell, line) in
        [("bash", "PATH=/nowhere"), ("zsh", "PATH=/nowhere"), ("fish", "set PATH /usr/bin /bin")]
    {
        let Some((scene, file)) = healthy_in(shell) else { continue };
        append(&file, line);
        let found = mended(&scene);
        let problem = format!("problem  {shell} does not find greenroom: a startup file overwrites PATH\n");
        assert!(found.starts_with(&problem), "{found}");
    }
}

#[test]
fn a_tab_key_bound_to_something_else() {
    for (shell, line, bound) in [
        ("bash", r#"bind '"\t": self-insert'"#, "self-insert"),
        ("bash", r#"bind '"\t": "  "'"#, r#""  ""#),
        ("bash", r#"bind -x '"\t": true'"#, "\"true\""),
        ("bash", r"bind -r '\t'", "nothing"),
        ("zsh", "bindkey '^I' self-insert", "self-insert"),
        ("zsh", "bindkey -r '^I'", "undefined-key"),
        ("fish", r"bind \t 'commandline -i x'", r"bind \t 'commandline -i x'"),
        ("fish", r"bind --erase --preset \t", "nothing"),
    ] {
        let Some((scene, file)) = healthy_in(shell) else { continue };
        append(&file, line);
        let found = mended(&scene);
        let problem = format!("problem  Tab does not complete in {shell}: it is bound to {bound}\n");
        assert!(found.starts_with(&problem), "{line}: {found}");
    }
}

#[test]
fn bash_with_progcomp_turned_off() {
    let Some((scene, file)) = healthy_in("bash") else { return };
    append(&file, "shopt -u progcomp");
    insta::assert_snapshot!(mended(&scene), @"
    problem  programmable completion is off in bash
             hint: echo 'shopt -s progcomp' >>[SCENE]/home/.bashrc
    ");
}

#[test]
fn the_users_own_completions_override_ours() {
    for (shell, line, by) in [
        ("bash", "complete -W mine staging", "complete -W 'mine' staging"),
        ("bash", "complete -r staging", "nothing"),
        ("zsh", "mine() { compadd mine }; compdef mine staging", "mine"),
    ] {
        let Some((scene, file)) = healthy_in(shell) else { continue };
        if shell == "zsh" {
            let text = fs::read_to_string(&file).expect("a file");
            fs::write(&file, format!("autoload -Uz compinit; compinit -i\n{text}")).expect("a file");
        }
        append(&file, line);
        let found = mended(&scene);
        let problem = format!("problem  staging is completed by {by} in {shell}\n");
        assert!(found.starts_with(&problem), "{found}");
    }
    for (text, too) in [
        ("complete -c staging -a mine", ", too"),
        ("complete -c staging -e\ncomplete -c staging -a mine", ""),
    ] {
        let Some((scene, file)) = healthy_in("fish") else { return };
        let own = file.with_file_name("completions/staging.fish");
        fs::create_dir_all(own.parent().expect("a folder")).expect("a folder");
        fs::write(own, format!("{text}\n")).expect("a file");
        let problem =
            "problem  staging is completed by [SCENE]/home/.config/fish/completions/staging.fish in fish";
        assert!(mended(&scene).starts_with(&format!("{problem}{too}\n")), "{text}");
    }
}

#[test]
fn a_start_up_file_that_fails() {
    for (shell, failure, hint) in [
        ("bash", "nonsense: command not found", "bash -xic exit   # shows what is run, line by line"),
        ("zsh", "[SCENE]/home/.zshrc:1: command not found: nonsense", "${EDITOR:-vi} +1 [SCENE]/home/.zshrc"),
        ("fish", "fish: Unknown command: nonsense", "${EDITOR:-vi} +1 [SCENE]/home/.config/fish/config.fish"),
    ] {
        let Some((scene, file)) = healthy_in(shell) else { continue };
        let text = fs::read_to_string(&file).unwrap_or_default();
        fs::write(&file, format!("nonsense\n{text}")).expect("a file");
        let expected = format!("problem  a startup file of {shell} fails: {failure}\n         hint: {hint}");
        assert_eq!(findings(&scene), expected);
    }
}

#[test]
fn a_start_up_file_that_ends_before_the_completion() {
    for (shell, line) in [("bash", "return"), ("zsh", "return")] {
        let Some((scene, file)) = healthy_in(shell) else { continue };
        let text = fs::read_to_string(&file).expect("a file");
        fs::write(&file, format!("{line}\n{text}")).expect("a file");
        let found = findings(&scene);
        let said = " has not loaded the completion, though it is installed: a startup file ends too early\n";
        assert!(found.contains(said) && found.contains(" -xic exit   # "), "{found}");
    }
}

#[test]
fn a_start_up_file_that_reads_stdin() {
    for shell in ["bash", "zsh", "fish"] {
        let Some((scene, file)) = healthy_in(shell) else { continue };
        append(&file, if shell == "fish" { "read answer" } else { "read -r answer" });
        let found = findings(&scene);
        let expected = format!(
            "problem  a startup file of {shell} reads what is typed at the prompt\n         \
             hint: grep -nwE 'read|input|cat' {}   # let it read </dev/null",
            file.display().to_string().replace(&above_home(&scene), "[SCENE]")
        );
        assert_eq!(found, expected);
    }
}

#[test]
fn a_start_up_file_that_is_slow() {
    let Some((scene, file)) = healthy_in("bash") else { return };
    append(&file, "sleep 5");
    let found = findings(&scene);
    assert!(found.starts_with("problem  the startup files of bash take "), "{found}");
    assert!(found.ends_with("bash -xic exit   # shows what is run, line by line"), "{found}");
}

#[test]
fn a_zsh_without_its_completion_system() {
    if which::which("zsh").is_err() {
        return;
    }
    let mut scene = healthy();
    link_tool(&scene.folder().join("more"), "zsh");
    scene.set("SHELL", "/bin/zsh");
    fs::write(home(&scene).join(".zshrc"), "true\n").expect("a file");
    let found = findings(&scene);
    assert!(found.contains("problem  zsh's completion system is not started\n"), "{found}");
    assert_eq!(scene.run("greenroom completions --install").status, Some(0));
    assert_eq!(findings(&scene), "");
}

#[test]
fn zdotdir_set_in_zshenv() {
    if which::which("zsh").is_err() {
        return;
    }
    let mut scene = healthy();
    link_tool(&scene.folder().join("more"), "zsh");
    scene.set("SHELL", "/bin/zsh");
    let folder = scene.folder().join("z");
    fs::create_dir(&folder).expect("a folder");
    fs::write(home(&scene).join(".zshenv"), format!("ZDOTDIR='{}'\n", folder.display())).expect("a file");
    assert_eq!(scene.run("greenroom completions --install").status, Some(0));
    let hint = "hint: ZDOTDIR=[SCENE]/z greenroom completions zsh --install";
    let found = findings(&scene);
    assert!(found.contains(" has not loaded the completion\n") && found.contains(hint), "{found}");
    scene.set("ZDOTDIR", &folder);
    assert_eq!(scene.run("greenroom completions --install").status, Some(0));
    assert_eq!(findings(&scene), "");
}
