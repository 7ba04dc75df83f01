//! `greenroom rehearse serve`: a rehearsal for other shells.

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::net::TcpListener;
use std::process::Stdio;

use super::{Machine, until};
use crate::scene::{end, signal};

#[test]
fn serve_prints_exports() {
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

/// The exports name the certificate of the one-off dynos' connections.
const SCRIPT: &str = ". \"$0\" && staging which && read -r line <\"$NODE_EXTRA_CA_CERTS\" && echo \"$line\"";

#[test]
fn serve_writes_exports_to_a_file() {
    let machine = Machine::new();
    let file = machine.scene.folder().join("rehearsal.sh");
    let serve = ["serve", "--env", file.to_str().expect("UTF-8")];
    let mut child =
        machine.rehearse(&serve).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("greenroom");
    let said = until(&mut BufReader::new(child.stderr.take().expect("stderr")), "hint:");
    assert!(said.contains("until Ctrl-C") && said.contains(&format!("hint: . {}", file.display())), "{said}");
    let outcome = machine.scene.finish(machine.scene.prepared("sh").args(["-c", SCRIPT]).arg(&file));
    assert_eq!(outcome.stdout, "playhouse-staging\n-----BEGIN CERTIFICATE-----\n", "{outcome}");
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
fn a_port_in_use_is_reported() {
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
