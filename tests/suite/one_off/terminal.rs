//! Sessions in a terminal.

use super::*;
use crate::pty::Pty;
use crate::scene::{heed_hangups, signal, until};

/// A shell on the dyno whose prompt is `dyno> `, which the line that names the command does not have.
const SHELL: &str = "PS1='dy''no> ' exec bash --norc --noprofile -i";

struct Session {
    scene: Scene,
    pty: Pty,
    before: String,
}

/// Runs this on a dyno, in a terminal.
fn session(words: &[&str]) -> Session {
    let scene = Scene::quiet();
    let pty = Pty::start(scene.prepared("staging").arg("run").args(words));
    Session { scene, pty, before: Pty::modes_of_a_new_one() }
}

impl Session {
    /// Waits until a prompt is on the screen, and the keyboard is the dyno's.
    fn prompted(&mut self) -> &mut Pty {
        self.pty.sees("dyno> ", 1);
        assert_ne!(self.pty.modes(), self.before);
        &mut self.pty
    }

    /// The name of the dyno that runs.
    fn dyno(&self) -> String {
        let dynos = self.scene.look(&format!("/apps/{APP}/dynos"));
        let mut dynos = dynos.as_array().expect("a list").iter();
        let dyno = dynos.find(|dyno| dyno["type"] == "run").expect("a one-off dyno");
        dyno["name"].as_str().expect("a name").to_owned()
    }
}

#[test]
fn a_shell_can_be_used_as_if_it_were_here() {
    let mut session = session(&[SHELL]);
    let pty = session.prompted();
    // Line editing: to the beginning, and a word in front.
    pty.types("42\x01echo answer-\r").sees("answer-42", 1);
    pty.types("echo naïve-日本\r").sees("naïve-日本", 2);
    pty.types("echo $COLUMNS $LINES $TERM\r").sees("160 40 xterm-256color", 1);
    pty.types("stty size\r").sees("40 160", 1);
    // Ctrl-C, Ctrl-Z and Ctrl-\ are the dyno's.
    pty.types("sleep 600\r").sees("sleep 600", 1);
    std::thread::sleep(std::time::Duration::from_millis(300));
    pty.types("\x03").types("echo status-$?\r").sees("status-130", 1);
    pty.types("sleep 601\r").sees("sleep 601", 1);
    std::thread::sleep(std::time::Duration::from_millis(300));
    pty.types("\x1a").sees("Stopped", 1).types("kill %1\r");
    pty.resize(100).types("echo still-here\r").sees("still-here", 2);
    // Until there is a prompt, what is typed may be lost to the shell.
    pty.types("PS1='st''atus-$? '\r").sees("status-0 ", 1);
    pty.types("(exit 7)\r").sees("status-7 ", 1).types("\x04");
    let Session { pty, before, scene } = session;
    let shown = pty.ends(7);
    assert_eq!(shown.modes, before);
    assert!(!shown.raw().contains("heroku-command-exit-status"), "{}", shown.raw());
    until("the dyno is gone", || running(&scene) == 0);
}

#[test]
fn a_megabyte_can_be_pasted() {
    let count = 1 << 20;
    let pasted: String =
        (0..count).map(|at| char::from(b'!' + u8::try_from(at % 90).expect("a letter"))).collect();
    let line = format!("stty raw -echo; echo 'rea''dy'; head -c {count} | cksum; echo 'chec''ked'");
    let mut session = session(&[&line]);
    session.pty.sees("ready", 1).types(&pasted).sees("checked", 1);
    let shown = session.pty.ends(0);
    let mut cksum = std::process::Command::new("cksum");
    cksum.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut cksum = cksum.spawn().expect("cksum");
    cksum.stdin.take().expect("a pipe").write_all(pasted.as_bytes()).expect("a reader");
    let expected = String::from_utf8(cksum.wait_with_output().expect("an end").stdout).expect("text");
    assert!(shown.raw().contains(expected.trim()), "{expected}{}", shown.raw());
    assert_eq!(shown.modes, session.before);
}

#[test]
fn four_interrupts_leave() {
    let mut session = session(&["trap '' INT; echo 'dy''no> '; sleep 600"]);
    session.prompted().types("\x03\x03").types("\x03\x03");
    let shown = session.pty.ends(130);
    shown.has("its command may still run");
    shown.has("hint: staging ps:stop run.");
    assert_eq!(shown.modes, session.before);
}

#[test]
fn a_dyno_that_is_stopped_ends_the_session() {
    let mut session = session(&[SHELL]);
    session.prompted();
    let stop = format!("/apps/{APP}/dynos/{}/actions/stop", session.dyno());
    session.scene.ask("POST", &stop, Value::Null);
    let shown = session.pty.end();
    assert_eq!(shown.modes, session.before);
    // The shell may have had the time to end by itself.
    assert_ne!(shown.code(), 0, "{}", shown.raw());
}

#[test]
fn a_connection_that_is_cut_gives_the_terminal_back() {
    let scene = Scene::quiet();
    scene.heroku().inject(rehearsal::Fault::cut_one_off(APP, 10));
    let pty = Pty::start(scene.prepared("staging").args(["run", "echo some more text; sleep 600"]));
    let shown = pty.ends(1);
    shown.has("ended without an exit status");
    assert_eq!(shown.modes, Pty::modes_of_a_new_one());
}

#[test]
fn a_signal_gives_the_terminal_back_and_says_what_runs() {
    heed_hangups();
    for (signal, name) in [("-TERM", "Terminated"), ("-HUP", "Hangup"), ("-INT", "Interrupt")] {
        let mut session = session(&[SHELL]);
        session.prompted();
        session.pty.signal(signal);
        let shown = session.pty.end();
        assert_eq!(shown.status.signal(), Some(name), "{}", shown.raw());
        shown.has("its command may still run");
        shown.has("hint: staging ps:stop run.");
        assert_eq!(shown.modes, session.before, "{name}");
    }
}

#[test]
fn a_stop_from_outside_does_not_end_the_session() {
    let mut session = session(&[SHELL]);
    session.prompted();
    session.pty.signal("-STOP");
    std::thread::sleep(std::time::Duration::from_millis(200));
    session.pty.signal("-CONT");
    session.pty.types("echo on-$((6 * 7))\r").sees("on-42", 1).types("exit\r");
    assert_eq!(session.pty.ends(0).modes, session.before);
}

#[test]
fn a_stop_from_the_keyboard_gives_the_terminal_to_the_shell() {
    let mut session = session(&[SHELL]);
    session.prompted();
    // What the terminal sends where keys are not read raw, and what `fg` sends.
    session.pty.signal("-TSTP");
    until("the terminal is the shell's", || session.pty.modes() == session.before);
    until("it has stopped", || session.pty.is_stopped());
    session.pty.signal("-CONT");
    until("the keyboard is the dyno's again", || session.pty.modes() != session.before);
    session.pty.types("echo on-$((6 * 7))\r").sees("on-42", 1).types("exit\r");
    assert_eq!(session.pty.ends(0).modes, session.before);
}

#[test]
fn a_slow_start_is_notified_of_unless_that_is_turned_off() {
    let notified = |variables: &[(&str, &str)], options: &[&str]| {
        let mut scene = Scene::quiet();
        // The sandbox turns them off.
        scene.set("HEROKU_NOTIFICATIONS", "1");
        for (name, value) in variables {
            scene.set(name, *value);
        }
        scene.heroku().inject(rehearsal::Fault::slow_rendezvous(APP, std::time::Duration::from_millis(300)));
        let pty = Pty::start(scene.prepared("staging").arg("run").args(options).arg("true"));
        pty.ends(0).raw().contains("\x1b]9;playhouse-staging: run.")
    };
    let soon = ("GREENROOM_NOTIFY_AFTER", "0.1");
    assert!(notified(&[soon], &[]));
    assert!(!notified(&[], &[]), "it takes 20 seconds");
    assert!(!notified(&[soon], &["--no-notify"]));
    for switch in ["GREENROOM_NOTIFICATIONS", "HEROKU_NOTIFICATIONS"] {
        assert!(!notified(&[soon, (switch, "0")], &[]), "{switch}");
    }
}

#[test]
fn an_interrupt_before_the_start_stops_the_dyno() {
    let scene = Scene::quiet();
    scene.heroku().inject(rehearsal::Fault::silent_rendezvous(APP));
    let mut pty = Pty::start(scene.prepared("staging").args(["run", "true"]));
    pty.sees(", which is ", 1).types("\x03");
    assert!(pty.end().was_interrupted());
    until("the dyno is gone", || running(&scene) == 0);
}

#[test]
fn without_a_terminal_a_signal_ends_it_too() {
    let scene = Scene::quiet();
    let mut command = scene.prepared("staging");
    command.args(["run", "echo begun; sleep 600"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().expect("staging");
    let mut begun = [0; 6];
    std::io::Read::read_exact(child.stdout.as_mut().expect("a pipe"), &mut begun).expect("output");
    signal("-TERM", &child.id().to_string());
    let outcome = Outcome::new(&child.wait_with_output().expect("an end"), scene.folder());
    assert_eq!(outcome.status, None, "{outcome}");
    assert!(outcome.stderr.contains("hint: staging ps:stop run."), "{outcome}");
}
