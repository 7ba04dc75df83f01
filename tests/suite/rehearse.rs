//! `greenroom rehearse`: works for a person who has nothing yet, and leaves nothing behind, however it ends.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::pty::Pty;
use super::scene::{Outcome, Scene, end, link_tool, signal};
use super::skipped::skip;

/// A machine without Heroku, whose folder for temporary files must be empty in the end.
struct Machine {
    scene: Scene,
}

impl Machine {
    fn new() -> Self {
        let mut scene = Scene::bare();
        let tools = scene.folder().join("more-tools");
        fs::create_dir(&tools).expect("a folder");
        for tool in ["sh", "sleep", "touch", "cat", "env"] {
            link_tool(&tools, tool);
        }
        scene.put_on_path(tools);
        Self { scene }
    }

    /// `greenroom rehearse`, in a process group of its own, as a shell starts it.
    fn rehearse(&self, words: &[&str]) -> Command {
        let mut command = self.scene.prepared("greenroom");
        command.arg("rehearse").args(words).process_group(0);
        command
    }

    fn run(&self, words: &[&str]) -> Outcome {
        let outcome = self.scene.finish(&mut self.rehearse(words));
        self.assert_clean(&format!("{words:?}: {outcome}"));
        outcome
    }

    fn assert_clean(&self, after: &str) {
        assert_eq!(self.left(), [""; 0], "left behind after {after}");
    }

    fn left(&self) -> Vec<String> {
        let entries = fs::read_dir(self.scene.temporary()).expect("a folder");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }
}

/// Reads lines until one contains `text`.
fn until(lines: &mut impl BufRead, text: &str) -> String {
    let mut all = String::new();
    loop {
        let mut line = String::new();
        assert_ne!(lines.read_line(&mut line).expect("lines"), 0, "no {text:?} in\n{all}");
        all += &line;
        if line.contains(text) {
            return all;
        }
    }
}

#[test]
fn the_exit_code_is_the_commands() {
    let machine = Machine::new();
    assert_eq!(machine.run(&["--", "sh", "-c", "exit 7"]).status, Some(7));
    assert_eq!(machine.run(&["--", "sh", "-c", "kill -KILL $$"]).status, Some(137));
}

#[test]
fn commands_are_run_in_the_playhouse() {
    let machine = Machine::new();
    let outcome = machine.run(&["--", "staging", "which"]);
    assert_eq!((outcome.stdout.as_str(), outcome.status), ("playhouse-staging\n", Some(0)), "{outcome}");
    let outcome = machine.run(&["--", "greenroom", "on", "staging,production", "which"]);
    assert_eq!(
        (outcome.stdout.lines().count(), outcome.status),
        (2, Some(0)),
        "our other commands are there too: {outcome}"
    );
    let outcome = machine.run(&["--", "sh", "-c", "git push --quiet prepare main && git status --short"]);
    assert_eq!((outcome.stdout.as_str(), outcome.status), ("", Some(0)), "{outcome}");
}

#[test]
fn what_is_set_outside_does_not_lead_elsewhere() {
    let mut machine = Machine::new();
    machine
        .scene
        .set("HEROKU_HOST", "https://heroku.example")
        .set("HEROKU_API_KEY", "not-for-a-rehearsal")
        .set("HEROKU_APP", "somewhere-else")
        .set("HEROKU_DATA_HOST", "heroku.example")
        .set("GIT_DIR", "/nonexistent")
        .set("HTTPS_PROXY", "http://127.0.0.1:9")
        .set("http_proxy", "http://127.0.0.1:9")
        .set("ALL_PROXY", "http://127.0.0.1:9");
    let outcome = machine.run(&["--", "staging", "logs", "-n", "3"]);
    assert_eq!((outcome.stdout.lines().count(), outcome.status), (3, Some(0)), "{outcome}");
    let outcome = machine.run(&["--", "env"]);
    assert!(!outcome.stdout.contains("not-for-a-rehearsal"), "{outcome}");
    assert!(!outcome.stdout.contains("heroku.example"), "{outcome}");
    assert!(outcome.stdout.lines().any(|line| line == "HEROKU_DATA_HOST=127.0.0.1"), "{outcome}");
}

#[test]
fn a_command_that_is_not_there() {
    let machine = Machine::new();
    insta::assert_snapshot!(machine.run(&["--", "no such program"]), @"
    ------- stderr -------
    error: there is no program 'no such program'
    hint: greenroom rehearse -- bash
    [exit status: 1]
    ");
    insta::assert_snapshot!(machine.run(&["staging"]), @"
    ------- stderr -------
    error: invalid value 'staging' for '[ACTION]': a command to rehearse stands after `--`: greenroom rehearse -- staging …

    For more information, try '--help'.
    [exit status: 2]
    ");
    insta::assert_snapshot!(machine.run(&["serve", "--", "sh"]), @"
    ------- stderr -------
    error: serve runs no command
    hint: greenroom rehearse -- COMMAND
    [exit status: 2]
    ");
}

#[test]
fn asked_to_end_it_ends_the_command_and_leaves_nothing() {
    let machine = Machine::new();
    for (name, code) in [("-TERM", 143), ("-HUP", 143)] {
        let mut child = machine
            .rehearse(&["--", "sh", "-c", "echo ready; exec sleep 60"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("greenroom");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout"));
        until(&mut stdout, "ready");
        signal(name, &child.id().to_string());
        assert_eq!(end(&mut child).code(), Some(code), "{name}");
        machine.assert_clean(name);
        // The command is gone too: nobody holds its stdout any more.
        assert_eq!(stdout.read_to_end(&mut Vec::new()).expect("stdout"), 0);
    }
}

#[test]
fn ctrl_c_is_the_commands_matter_and_leaves_nothing() {
    let machine = Machine::new();
    for (script, code) in [
        ("echo ready; exec sleep 60", 130),
        ("trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.05; done", 9),
    ] {
        let mut child =
            machine.rehearse(&["--", "sh", "-c", script]).stdout(Stdio::piped()).spawn().expect("greenroom");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout"));
        until(&mut stdout, "ready");
        signal("-INT", &format!("-{}", child.id()));
        assert_eq!(end(&mut child).code(), Some(code), "{script}");
        machine.assert_clean(script);
    }
}

#[test]
fn what_a_killed_one_left_goes_with_the_next() {
    let machine = Machine::new();
    let mut child = machine
        .rehearse(&["--", "sh", "-c", "echo ready; exec sleep 60"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("greenroom");
    until(&mut BufReader::new(child.stdout.take().expect("stdout")), "ready");
    signal("-KILL", &format!("-{}", child.id()));
    end(&mut child);
    assert_ne!(machine.left(), [""; 0], "it had no time to tidy up");
    assert_eq!(machine.run(&["--", "sh", "-c", "exit 7"]).status, Some(7));
}

#[test]
fn interrupted_at_any_moment_it_leaves_nothing() {
    let machine = Machine::new();
    for (name, pause) in [
        ("-TERM", 5),
        ("-TERM", 20),
        ("-TERM", 60),
        ("-TERM", 150),
        ("-INT", 10),
        ("-INT", 40),
        ("-INT", 100),
    ] {
        let mut child = machine
            .rehearse(&["--", "sleep", "60"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("greenroom");
        thread::sleep(Duration::from_millis(pause));
        signal(name, &format!("-{}", child.id()));
        // Of two that cross, the command and the word that it is not wanted, a person sends the second again.
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(2) && child.try_wait().expect("a child").is_none() {
            thread::sleep(Duration::from_millis(5));
        }
        if child.try_wait().expect("a child").is_none() {
            signal(name, &format!("-{}", child.id()));
        }
        let status = end(&mut child);
        assert_ne!(status.code(), Some(0), "{name} after {pause} ms");
        machine.assert_clean(&format!("{name} after {pause} ms, {status}"));
    }
}

#[test]
fn the_tour_runs_to_its_end() {
    let machine = Machine::new();
    let output = machine.rehearse(&[]).stdin(Stdio::null()).output().expect("greenroom");
    let outcome = Outcome::new(&output, machine.scene.folder());
    assert_eq!(outcome.status, Some(0), "{outcome}");
    for line in [
        "$ production status",
        "$ staging which",
        "$ review 42 which",
        "$ staging tail",
        "$ production diff",
        "$ prepare deploy",
        "$ staging deploy",
        "$ production promote --yes",
        "playhouse-pr-42-x7k2",
        "playhouse-prepare v10",
        "playhouse-staging v12",
        "playhouse-production v19",
    ] {
        assert!(outcome.stdout.contains(line), "{line}: {outcome}");
    }
    for line in [
        "git remote staging is https://git.heroku.com/playhouse-staging.git",
        "remote: ",
        "Raise the curtain",
        "from playhouse-prepare",
        "error: ",
    ] {
        assert!(outcome.stderr.contains(line), "{line}: {outcome}");
    }
    let (_, last) = outcome.stdout.split_once("That was all.").expect("an end");
    assert!(last.contains("\n    greenroom rehearse -- bash\n"), "{last}");
    machine.assert_clean("the tour");
}

#[test]
fn the_tour_can_be_interrupted() {
    let machine = Machine::new();
    for (name, step, code) in [
        ("-INT", "$ staging tail", 130),
        ("-INT", "$ prepare deploy", 130),
        ("-TERM", "$ prepare deploy", 143),
        ("-INT", "$ production promote", 130),
    ] {
        let mut child =
            machine.rehearse(&[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("greenroom");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout"));
        let mut stderr = child.stderr.take().expect("stderr");
        let said = thread::spawn(move || {
            let mut said = String::new();
            stderr.read_to_string(&mut said).expect("stderr");
            said
        });
        until(&mut stdout, step);
        thread::sleep(Duration::from_millis(100));
        let begun = Instant::now();
        signal(name, &format!("-{}", child.id()));
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).expect("stdout");
        let status = end(&mut child);
        let said = said.join().expect("stderr");
        assert_eq!(status.code(), Some(code), "{name} at {step}: {rest}{said}");
        assert!(!rest.contains("That was all"), "{rest}");
        assert!(!said.contains("error: `"), "nobody has to be told of their own Ctrl-C: {said}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{name} at {step}");
        machine.assert_clean(&format!("{name} at {step}"));
    }
}

#[test]
fn serve_prints_what_a_shell_needs() {
    let machine = Machine::new();
    let exports = machine.scene.folder().join("exports");
    let port = free_port();
    let mut child = machine
        .rehearse(&["serve", "--port", &port.to_string()])
        .stdout(File::create(&exports).expect("a file"))
        .stderr(Stdio::piped())
        .spawn()
        .expect("greenroom");
    let mut stderr = BufReader::new(child.stderr.take().expect("stderr"));
    until(&mut stderr, "serving until Ctrl-C");
    assert!(fs::read_to_string(&exports).expect("a file").contains(&format!("http://127.0.0.1:{port}\n")));
    let script = ". \"$0\" && staging which && git commit --quiet --allow-empty --message 'Raise the curtain' && \
                  git push --quiet origin main && git push prepare main && production promote --yes && \
                  staging logs -n 1";
    let outcome = machine
        .scene
        .finish(machine.scene.prepared("sh").args(["-c", script]).arg(&exports).env("HEROKU_APP", "x"));
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert!(outcome.stdout.starts_with("playhouse-staging\nplayhouse-production v19 "), "{outcome}");
    assert!(outcome.stderr.contains("remote: "), "{outcome}");
    signal("-INT", &child.id().to_string());
    assert_eq!(end(&mut child).code(), Some(130));
    machine.assert_clean("serve");

    let mut child =
        machine.rehearse(&["serve"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("greenroom");
    until(&mut BufReader::new(child.stderr.take().expect("stderr")), "serving until Ctrl-C");
    signal("-TERM", &child.id().to_string());
    assert_eq!(end(&mut child).code(), Some(143));
    machine.assert_clean("serve");
}

#[test]
fn serve_writes_what_a_shell_needs_to_a_file() {
    let machine = Machine::new();
    let file = machine.scene.folder().join("rehearsal.sh");
    let serve = ["serve", "--env", file.to_str().expect("UTF-8")];
    let mut child =
        machine.rehearse(&serve).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("greenroom");
    let said = until(&mut BufReader::new(child.stderr.take().expect("stderr")), "hint:");
    assert!(said.contains("until Ctrl-C") && said.contains(&format!("hint: . {}", file.display())), "{said}");
    let outcome = machine
        .scene
        .finish(machine.scene.prepared("sh").args(["-c", ". \"$0\" && staging which"]).arg(&file));
    assert_eq!(outcome.stdout, "playhouse-staging\n", "{outcome}");
    signal("-INT", &child.id().to_string());
    assert_eq!(end(&mut child).code(), Some(130));
    let mut printed = String::new();
    child.stdout.take().expect("stdout").read_to_string(&mut printed).expect("text");
    assert_eq!((printed.as_str(), file.exists()), ("", false), "it goes with the rehearsal");
    machine.assert_clean("serve");

    fs::write(&file, "KEY=value\n").expect("a file");
    let outcome = machine.run(&serve);
    assert_eq!(outcome.status, Some(5), "{outcome}");
    assert!(outcome.stderr.ends_with("is there, and no rehearsal wrote it\n"), "{outcome}");
    assert_eq!(fs::read_to_string(&file).expect("a file"), "KEY=value\n");
    assert_eq!(machine.run(&["--env", "file", "--", "sh"]).status, Some(2));
    let outcome = machine.run(&["serve", "--env", "/nonexistent/file"]);
    assert!(outcome.stderr.starts_with("error: cannot write /nonexistent/file"), "{outcome}");
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port()
}

#[test]
fn a_port_that_is_taken_is_named() {
    let machine = Machine::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    for words in [&["serve", "--port", &port.to_string()][..], &["--port", &port.to_string(), "--", "sh"]] {
        let outcome = machine.run(words);
        assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(1), ""), "{outcome}");
        assert!(outcome.stderr.starts_with("error: cannot start the rehearsal"), "{outcome}");
        assert!(outcome.stderr.contains(&port.to_string()), "{outcome}");
        assert!(outcome.stderr.to_lowercase().contains("in use"), "{outcome}");
    }
    assert_eq!(machine.run(&["--port", "70000"]).status, Some(2));
}

#[test]
fn without_git_it_says_so() {
    let machine = Machine::new();
    let mut command = machine.rehearse(&["--", "sh"]);
    command.env("PATH", machine.scene.folder().join("more-tools"));
    let outcome = machine.scene.finish(&mut command);
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("(is git there?)"), "{outcome}");
    machine.assert_clean("a machine without git");
}

#[test]
fn a_full_or_missing_temporary_folder_is_said() {
    let mut machine = Machine::new();
    machine.scene.set("TMPDIR", "/nonexistent/folder");
    let outcome = machine.scene.finish(&mut machine.rehearse(&["--", "sh", "-c", "exit 7"]));
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("/nonexistent/folder"), "{outcome}");
}

#[test]
fn a_signal_is_not_mistaken_for_a_code() {
    // Only the command is hit: its end is 128 + 15, and ours is a plain exit.
    let machine = Machine::new();
    let status = machine.rehearse(&["--", "sh", "-c", "kill -TERM $$"]).status().expect("greenroom");
    assert_eq!((status.code(), status.signal()), (Some(143), None));
    machine.assert_clean("a command that was ended");
}

/// A shell in the rehearsal, on a machine whose person has settings of their own for it.
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
fn what_the_greeting_lists_can_be_done() {
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
fn nobody_is_greeted_where_nobody_reads() {
    let machine = Machine::new();
    link_tool(&machine.scene.folder().join("more-tools"), "bash");
    let outcome = machine.run(&["--", "bash"]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(0), ""), "{outcome}");
}

#[test]
fn a_rehearsed_shell_knows_our_commands_at_tab() {
    let machine = Machine::new();
    link_tool(&machine.scene.folder().join("more-tools"), "bash");
    let mut pty = Pty::start(&machine.rehearse(&["--", "bash"]));
    pty.types("staging whi\t\r").sees("git remote staging is", 1);
    pty.types("production rollback v1\t\t").sees("Promote playhouse-staging", 1);
    pty.types("\x15exit 0\r");
    pty.ends(0);
}
