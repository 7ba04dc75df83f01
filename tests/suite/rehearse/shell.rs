//! A shell in the rehearsal: its greeting, its prompt and its completion.

use std::fs;

use super::Machine;
use crate::pty::Pty;
use crate::scene::link_tool;
use crate::skipped::skip;

/// A shell in the rehearsal, on a machine whose user has startup files for it.
fn rehearsed(shell: &str, settings: &str) -> Option<(Machine, Pty)> {
    if which::which(shell).is_err() {
        skip(&format!("{shell} (not installed)"));
        return None;
    }
    let mut machine = Machine::new();
    link_tool(&machine.scene.folder().join("more-tools"), shell);
    let home = machine.scene.folder().join("home");
    let file = home.join(settings);
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(&file, "echo from the person\n").expect("a file");
    machine.scene.set("ZDOTDIR", &home).set("LC_ALL", "C.UTF-8");
    let pty = Pty::start(&machine.rehearse(&["--", shell]));
    Some((machine, pty))
}

#[test]
fn a_rehearsed_shell_greets_and_marks_its_prompt() {
    for (shell, settings, prompt) in [
        ("bash", ".bashrc", "(rehearsal) playhouse"),
        ("zsh", ".zshrc", "(rehearsal) playhouse"),
        ("fish", ".config/fish/config.fish", "(rehearsal)"),
        ("elvish", ".config/elvish/rc.elv", "(rehearsal)"),
    ] {
        let Some((machine, mut pty)) = rehearsed(shell, settings) else { continue };
        pty.sees("Five things to try", 1).sees("review 42 which", 1).sees(prompt, 1);
        pty.types("production which\r").sees("playhouse-production", 1);
        pty.types("exit\r");
        let shown = pty.ends(0);
        assert!(!shown.raw().contains("from the person"), "{shell}: {}", shown.raw());
        let written = fs::read_to_string(machine.scene.folder().join("home").join(settings));
        assert_eq!(written.expect("a file"), "echo from the person\n", "{shell}");
        machine.assert_clean(shell);
    }
}

#[test]
fn the_commands_of_the_greeting_work() {
    let Some((_machine, mut pty)) = rehearsed("bash", ".bashrc") else { return };
    pty.types("production status\r").sees("playhouse-production", 1);
    let line = "git commit --allow-empty -m Encore && git push origin main && prepare deploy";
    pty.types(&format!("{line}\r")).sees("playhouse-prepare v10", 1);
    pty.types("production promote\r").sees("[y/N]", 1).types("y\r").sees("playhouse-production v19", 1);
    pty.types("review 42 which\r").sees("playhouse-pr-42-x7k2", 1);
    pty.types("exit\r");
    pty.ends(0);
}

#[test]
fn no_greeting_without_a_terminal() {
    let machine = Machine::new();
    link_tool(&machine.scene.folder().join("more-tools"), "bash");
    let outcome = machine.run(&["--", "bash"]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(0), ""), "{outcome}");
}

#[test]
fn a_rehearsed_shell_completes_our_commands() {
    let machine = Machine::new();
    link_tool(&machine.scene.folder().join("more-tools"), "bash");
    let mut pty = Pty::start(&machine.rehearse(&["--", "bash"]));
    pty.types("staging whi\t\r").sees("git remote staging is", 1);
    pty.types("production rollback v1\t\t").sees("Promote playhouse-staging", 1);
    pty.types("\x15exit 0\r");
    pty.ends(0);
}
