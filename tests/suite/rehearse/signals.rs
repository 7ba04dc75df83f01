//! Signals: the rehearsal ends with its command and leaves no files behind.

use std::io::{BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use super::{Machine, until};
use crate::scene::{end, signal};

#[test]
fn signals_end_the_command_and_remove_the_files() {
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
fn ctrl_c_is_handled_by_the_command() {
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
fn files_of_a_killed_rehearsal_are_removed_by_the_next() {
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
fn an_interrupt_at_any_moment_leaves_no_files() {
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
fn a_command_killed_by_a_signal_is_exit_128_plus_n() {
    // Only the command is hit: its end is 128 + 15, and ours is a plain exit.
    let machine = Machine::new();
    let status = machine.rehearse(&["--", "sh", "-c", "kill -TERM $$"]).status().expect("greenroom");
    assert_eq!((status.code(), status.signal()), (Some(143), None));
    machine.assert_clean("a command that was ended");
}
