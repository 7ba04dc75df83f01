//! The commands as processes: closed pipes and streams, signals, unusual arguments and folders.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rehearsal::Fault;

use super::scene::{Scene, end, link_tool, signal, until};

const BINARIES: [&str; 6] = ["greenroom", "production", "staging", "prepare", "development", "review"];

fn command(scene: &Scene, line: &str) -> Command {
    let mut words = line.split(' ');
    let mut command = scene.prepared(words.next().expect("a program"));
    command.args(words);
    command
}

/// A Heroku CLI that is a shell script, and `staging` as a git remote.
fn with_cli(script: &str) -> Scene {
    let mut scene = Scene::bare();
    let folder = scene.folder().join("cli");
    fs::create_dir(&folder).expect("a folder");
    write_program(&folder.join("heroku"), script);
    scene.put_on_path(folder);
    scene.remote("staging", "https://git.heroku.com/playhouse-staging.git");
    scene
}

fn write_program(path: &Path, script: &str) {
    fs::write(path, format!("#!/bin/sh\n{script}\n")).expect("a file");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("permissions");
}

#[test]
fn a_closed_pipe_is_not_a_failure() {
    let scene = Scene::playhouse();
    for line in [
        "staging logs -n 500",
        "staging logs -n 500 --json",
        "staging tail -n 500",
        "staging which",
        "staging which --json",
        "staging --help",
        "staging promote --help",
        "greenroom --help",
        "greenroom --version",
        "greenroom on staging,production logs",
        "greenroom on staging,production which",
        "production --dry-run promote",
        "production promote --yes",
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut child = command(&scene, line).stdout(writer).stderr(Stdio::piped()).spawn().expect(line);
        let mut said = String::new();
        child.stderr.take().expect("stderr").read_to_string(&mut said).expect("stderr");
        assert_eq!(end(&mut child).code(), Some(0), "{line}: {said}");
        assert!(!said.contains("error") && !said.contains("panicked"), "{line}: {said}");
    }
}

#[test]
fn a_pipe_closed_after_some_lines_is_not_a_failure() {
    let scene = Scene::playhouse();
    for line in ["staging logs -n 500", "greenroom on staging,production logs -n 500", "staging tail -n 500"]
    {
        let mut command = command(&scene, line);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect(line);
        let mut first = String::new();
        BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut first).expect("stdout");
        assert!(!first.is_empty(), "{line}");
        let mut said = String::new();
        child.stderr.take().expect("stderr").read_to_string(&mut said).expect("stderr");
        assert_eq!((end(&mut child).code(), said.as_str()), (Some(0), ""), "{line}");
    }
}

#[test]
fn a_failed_write_to_stdout_is_a_failure() {
    let scene = Scene::playhouse();
    for line in [
        "staging which",
        "staging logs -n 5",
        "staging --help",
        "greenroom --version",
        "production --dry-run promote",
        "greenroom on staging,production which",
    ] {
        let full = File::options().write(true).open("/dev/full").expect("a full device");
        let outcome = scene.finish(command(&scene, line).stdout(full));
        // What `finish` captures is nothing: stdout is the device.
        assert_eq!(outcome.status, Some(1), "{line}: {outcome}");
        assert!(outcome.stderr.contains("error: cannot write to stdout"), "{line}: {outcome}");
    }
}

#[test]
fn commands_run_with_closed_standard_streams() {
    let mut scene = Scene::playhouse();
    let tools = scene.folder().join("more-tools");
    fs::create_dir(&tools).expect("a folder");
    link_tool(&tools, "sh");
    scene.put_on_path(tools);
    for binary in BINARIES {
        let outcome = scene.run_words("sh", &["-c", &format!("exec {binary} --help <&-")]);
        assert_eq!(outcome.status, Some(0), "{binary}: {outcome}");
        let outcome = scene.run_words("sh", &["-c", &format!("exec {binary} --help <&- >&- 2>&-")]);
        assert_eq!(outcome.status, Some(0), "{binary}: {outcome}");
    }
    for (script, code) in [
        ("exec staging which <&-", 0),
        ("exec staging which <&- 2>&-", 0),
        ("exec staging logs -n 3 <&-", 0),
        ("exec staging logs -n 3 <&- >&- 2>&-", 0),
        ("exec production promote <&-", 5),
        ("exec production promote <&- >&- 2>&-", 5),
        ("exec greenroom on staging,production which <&-", 0),
    ] {
        let outcome = scene.run_words("sh", &["-c", script]);
        assert_eq!(outcome.status, Some(code), "{script}: {outcome}");
    }
}

#[test]
fn ctrl_c_ends_every_environment() {
    let scene = Scene::playhouse();
    let mut command = command(&scene, "greenroom on staging,production tail");
    let mut child =
        command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("greenroom");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout"));
    stdout.read_line(&mut String::new()).expect("a line");
    let children = children_of(child.id());
    assert_eq!(children.len(), 2);
    signal("-INT", &format!("-{}", child.id()));
    let status = end(&mut child);
    assert!(status.signal() == Some(2) || status.code() == Some(130), "{status}");
    let mut said = String::new();
    child.stderr.take().expect("stderr").read_to_string(&mut said).expect("stderr");
    assert_eq!(said, "");
    assert_gone(&children);
}

#[test]
fn a_signal_to_on_ends_every_child() {
    let scene = Scene::playhouse();
    let mut command = command(&scene, "greenroom on staging,production tail");
    let mut child =
        command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("greenroom");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout"));
    stdout.read_line(&mut String::new()).expect("a line");
    let children = children_of(child.id());
    signal("-TERM", &child.id().to_string());
    assert_eq!(end(&mut child).signal(), Some(15));
    // The next line that an app writes tells them that nobody reads any more.
    assert_gone(&children);
}

fn children_of(id: u32) -> Vec<u32> {
    let text = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).expect("its children");
    text.split_whitespace().map(|child| child.parse().expect("a number")).collect()
}

fn assert_gone(processes: &[u32]) {
    let runs = |id: &u32| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        // One that ended and that nobody waits for is still listed.
        !stat.is_empty() && !stat.contains(") Z ")
    };
    until(&format!("{processes:?} have ended"), || !processes.iter().any(runs));
}

#[test]
fn arguments_that_are_not_utf8_arrive_as_typed() {
    let scene = with_cli(r#"for word in "$@"; do printf '<%s>' "$word"; done"#);
    let odd = OsStr::from_bytes(b"caf\xe9 \xff");
    let output = scene.prepared("staging").args([OsStr::new("run:inside"), odd]).output().expect("staging");
    assert_eq!(output.stdout, b"<run:inside><--app=playhouse-staging><caf\xe9 \xff>");
    // In front of the command it is no flag of ours, so it is a command, and nobody's.
    let output = scene.prepared("staging").args([odd, OsStr::new("x")]).output().expect("staging");
    assert_eq!(output.stdout, b"<caf\xe9 \xff><--app=playhouse-staging><x>");
    let words: [&[&[u8]]; 6] = [
        &[b"staging", b"logs", b"--grep", b"\xff"],
        &[b"staging", b"promote", b"--from", b"\xff"],
        &[b"staging", b"--\xff", b"ps"],
        &[b"greenroom", b"on", b"\xff", b"ps"],
        &[b"greenroom", b"\xff"],
        &[b"greenroom", b"link", b"\xff"],
    ];
    for words in words {
        let mut command = scene.prepared(std::str::from_utf8(words[0]).expect("a name"));
        let outcome = scene.finish(command.args(words[1..].iter().map(|word| OsStr::from_bytes(word))));
        assert_eq!(outcome.status, Some(2), "{words:?}: {outcome}");
        assert!(outcome.stderr.starts_with("error: "), "{words:?}: {outcome}");
    }
}

#[test]
fn folders_whose_names_are_not_utf8() {
    let scene = Scene::playhouse();
    let folder = scene.folder().join(OsString::from_vec(b"th\xe9\xe2tre \xff".to_vec()));
    fs::create_dir(&folder).expect("a folder");
    let configuration = fs::read(scene.repository().join(".git/config")).expect("a configuration");
    let mut git = scene.prepared("git");
    assert!(git.args(["init", "--quiet"]).current_dir(&folder).status().expect("git").success());
    fs::write(folder.join(".git/config"), configuration).expect("a configuration");
    for (line, code) in [("staging which", 0), ("production promote --yes --any-branch", 0), ("qa which", 3)]
    {
        let line = line.strip_prefix("qa").map_or(line.to_owned(), |rest| format!("greenroom on qa{rest}"));
        let outcome = scene.finish(command(&scene, &line).current_dir(&folder));
        assert_eq!(outcome.status, Some(code), "{line}: {outcome}");
    }
    fs::write(folder.join("greenroom.toml"), "nonsense = 1\n").expect("a file");
    let outcome = scene.finish(command(&scene, "staging which").current_dir(&folder));
    assert_eq!(outcome.status, Some(2), "{outcome}");
}

#[test]
fn a_deleted_working_directory() {
    let scene = Scene::playhouse();
    let folder = scene.folder().join("gone");
    fs::create_dir(&folder).expect("a folder");
    let mut scene = scene;
    let tools = scene.folder().join("more-tools");
    fs::create_dir(&tools).expect("a folder");
    for tool in ["sh", "rmdir"] {
        link_tool(&tools, tool);
    }
    scene.put_on_path(tools);
    let mut command = scene.prepared("sh");
    command.args(["-c", "rmdir ../gone; exec staging which"]).current_dir(&folder);
    let outcome = scene.finish(&mut command);
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert!(outcome.stderr.starts_with("error: "), "{outcome}");
}

/// Nearly the longest argument that Linux accepts.
fn long() -> String {
    "x".repeat(125_000)
}

#[test]
fn a_megabyte_of_arguments_is_forwarded() {
    let scene = with_cli(r#"shift 2; for word in "$@"; do printf '%s ' "${#word}"; done"#);
    let long = long();
    let mut command = scene.prepared("staging");
    let outcome = scene.finish(command.arg("run:inside").args([&long; 8]));
    assert_eq!((outcome.stdout, outcome.status), ("125000 ".repeat(8), Some(0)));
}

#[test]
fn a_very_long_command_is_refused_at_once() {
    let scene = with_cli("exit 99");
    // With a manifest of many names, as the real one.
    let commands: Vec<_> =
        (0..400).map(|number| format!(r#""command-number:{number}": {{"flags": {{}}}},"#)).collect();
    let commands = commands.concat();
    let manifest = format!(r#"{{"commands": {{{commands} "x": {{"flags": {{}}}}}}}}"#);
    fs::write(scene.folder().join("oclif.manifest.json"), manifest).expect("a file");
    let long = long();
    let begun = Instant::now();
    for words in [
        &["staging", &long] as &[&str],
        &["staging", "which", &long],
        &["staging", "logs", "--grep", &format!("{long}(")],
        &["greenroom", "on", &long, "ps"],
        &["greenroom", &long],
    ] {
        let outcome = scene.run_words(words[0], &words[1..]);
        assert_eq!(outcome.status, Some(2), "{}", outcome.stderr.len());
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[test]
fn warnings_of_heroku_are_printed_once() {
    let scene = Scene::playhouse();
    scene.heroku().inject(Fault::headers("* /**", "X-Heroku-Warning", "Your stack is old"));
    let outcome = scene.run("production promote --yes");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert_eq!(outcome.stderr.matches("warning: Your stack is old\n").count(), 1, "{outcome}");
    assert!(!outcome.stdout.contains("stack"), "{outcome}");
}

#[test]
fn rate_limits_with_retry_after_are_waited_out() {
    let scene = Scene::playhouse();
    let limit = |seconds: &str| Fault::answer("GET /pipelines/**", 429).header("Retry-After", seconds);
    scene.heroku().inject(limit("2").times(1));
    let begun = Instant::now();
    let outcome = scene.run("production --dry-run promote");
    assert_eq!(outcome.status, Some(0), "{outcome}");
    assert!(begun.elapsed() >= Duration::from_secs(2), "{:?}", begun.elapsed());
    assert!(outcome.stderr.contains("HTTP 429; trying again (2 of 4)"), "{outcome}");
    scene.heroku().heal();
    scene.heroku().inject(limit("3600"));
    let begun = Instant::now();
    let outcome = scene.run("production --dry-run promote");
    assert_eq!(outcome.status, Some(1), "{outcome}");
    assert!(begun.elapsed() < Duration::from_secs(2), "nobody waits for an hour: {:?}", begun.elapsed());
    assert!(outcome.stderr.contains("429"), "{outcome}");
}

#[test]
fn proxies_are_not_used_for_loopback() {
    let mut scene = Scene::playhouse();
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        scene.set(name, "http://127.0.0.1:9");
    }
    scene.set("NO_PROXY", "").set("no_proxy", "");
    for line in ["staging logs -n 3", "production promote --yes", "greenroom on staging,production logs -n 1"]
    {
        let outcome = scene.run(line);
        assert_eq!(outcome.status, Some(0), "{line}: {outcome}");
    }
}
