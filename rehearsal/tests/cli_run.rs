//! The official CLI's `run` and its relatives against one-off dynos.
#![cfg(unix)]

mod common;

use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Read as _, Write as _};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use common::{cli, command, wait};
use rehearsal::{Rehearsal, Sandbox, Settings};
use serde_json::json;

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

/// Runs the CLI with some input on a pipe.
fn heroku(cli: &OsString, sandbox: &Sandbox, arguments: &[&str], input: &str) -> io::Result<Said> {
    let mut command = command(sandbox, &cli.to_string_lossy());
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Said { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) })
}

#[test]
fn run_shows_output_and_passes_the_exit_code() -> io::Result<()> {
    let Some(cli) = cli() else { return Ok(()) };
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    for (arguments, code, out) in [
        (&["run", "--app=playhouse-staging", "--", "cat interval.js"][..], 0, "exports.minutes = 20\n"),
        (&["run", "-x", "--app=playhouse-staging", "--", "echo fine"], 0, "fine\n"),
        (&["run", "-x", "--app=playhouse-staging", "--", "sh -c 'exit 7'"], 7, ""),
        (
            &["run", "--app=playhouse-staging", "-e", "A=1;B=two", "--", "echo $A $B $LOG_LEVEL"],
            0,
            "1 two debug\n",
        ),
        (&["run", "--app=playhouse-staging", "--no-tty", "--", "tty"], 0, "not a tty\n"),
    ] {
        let said = heroku(&cli, &sandbox, arguments, "")?;
        assert_eq!(said.code, Some(code), "{arguments:?}\n{}\n{}", said.out, said.err);
        // In a terminal, the byte that ends the input is shown as ^D where nobody has read it.
        assert_eq!(said.out.replace("^D\u{8}\u{8}", ""), out, "{arguments:?}\n{}", said.err);
        assert!(said.err.contains("up, run."), "{}", said.err);
    }
    Ok(())
}

#[test]
fn run_reads_a_pipe() -> io::Result<()> {
    let Some(cli) = cli() else { return Ok(()) };
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let line = ["run", "-x", "--app=playhouse-staging", "--no-tty", "--", "wc -l"];
    let said = heroku(&cli, &sandbox, &line, "one\ntwo\nthree\n")?;
    assert_eq!((said.code, said.out.trim()), (Some(0), "3"), "{}", said.err);
    Ok(())
}

/// A shell in a terminal of 100 columns and 30 lines: it has that size, and Ctrl-C interrupts what runs in it.
#[test]
fn a_shell_in_a_terminal() -> Result<(), Box<dyn Error>> {
    let Some(cli) = cli() else { return Ok(()) };
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let (mut terminal, other) = pty_process::blocking::open()?;
    terminal.resize(pty_process::Size::new(30, 100))?;
    let mut heroku = pty_process::blocking::Command::new(&cli);
    heroku =
        heroku.args(["run", "-x", "--app=playhouse-staging", "--", "sh"]).current_dir(sandbox.repository());
    for (name, value) in sandbox.environment() {
        heroku = match value {
            Some(value) => heroku.env(name, value),
            None => heroku.env_remove(name),
        };
    }
    let mut child = heroku.env("TERM", "xterm").spawn(other)?;
    let mut seen = String::new();
    for (awaited, typed) in [
        ("up, run.", "stty size\r"),
        ("30 100", "sleep 600 && echo ne''ver\r"),
        ("sleep 600", "\u{3}"),
        ("^C", "echo $?; ls interval.js; exit 9\r"),
        ("\ninterval.js\r", ""),
    ] {
        let mut buffer = [0; 1024];
        while !seen.contains(awaited) {
            let count = terminal.read(&mut buffer).unwrap_or(0);
            assert!(count > 0, "no {awaited:?}: {seen:?}");
            seen.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
        // The sleep has begun, so that it gets the signal and not its shell.
        thread::sleep(Duration::from_millis(if typed == "\u{3}" { 500 } else { 0 }));
        terminal.write_all(typed.as_bytes())?;
    }
    let reading = thread::spawn(move || terminal.read_to_end(&mut Vec::new()));
    assert_eq!(child.wait()?.code(), Some(9), "{seen:?}");
    assert!(seen.contains("\n130\r") && !seen.contains("never"), "{seen:?}");
    // On Linux, a terminal whose other side has closed is an error.
    _ = reading.join();
    Ok(())
}

#[test]
fn console_and_run_detached() -> io::Result<()> {
    let Some(cli) = cli() else { return Ok(()) };
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let release = rehearsal.call("GET", "/apps/playhouse-staging/releases/11", None).1;
    let types =
        json!({ "process_types": { "web": "node server.js", "console": "read line; echo got $line" } });
    let slug = format!("/_rehearsal/slugs/{}", release["slug"]["id"].as_str().unwrap_or_default());
    rehearsal.call("PATCH", &slug, Some(types));
    let said = heroku(&cli, &sandbox, &["console", "-a", "playhouse-staging"], "a line\n")?;
    assert!(said.code == Some(0) && said.out.contains("got a line\n"), "{}{}", said.out, said.err);

    let said = heroku(&cli, &sandbox, &["run:detached", "-a", "playhouse-staging", "echo", "quietly"], "")?;
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(said.out.contains("heroku logs --app playhouse-staging --dyno run."), "{}", said.out);
    wait("its end", || {
        let dynos = rehearsal.call("GET", "/apps/playhouse-staging/dynos", None).1;
        dynos.as_array().into_iter().flatten().all(|dyno| dyno["type"] != "run")
    });
    let said = heroku(&cli, &sandbox, &["logs", "-a", "playhouse-staging", "-d", "run"], "")?;
    assert!(said.out.contains(": quietly\n"), "{}{}", said.out, said.err);
    Ok(())
}

#[test]
fn a_running_dyno_is_listed_and_stopped() -> io::Result<()> {
    let Some(cli) = cli() else { return Ok(()) };
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let body = json!({ "command": "sleep 600", "size": "standard-1x" });
    let dyno = rehearsal.call("POST", "/apps/playhouse-staging/dynos", Some(body)).1;
    let name = dyno["name"].as_str().unwrap_or_default();
    let said = heroku(&cli, &sandbox, &["ps", "-a", "playhouse-staging"], "")?;
    assert!(said.out.contains("one-off processes (1)"), "{}", said.out);
    assert!(said.out.contains(&format!("{name} (Standard-1X): up")), "{}", said.out);
    let said = heroku(&cli, &sandbox, &["ps:stop", "-a", "playhouse-staging", "-d", name], "")?;
    assert_eq!(said.code, Some(0), "{}", said.err);
    wait("its end", || {
        let path = format!("/apps/playhouse-staging/dynos/{name}");
        rehearsal.call("GET", &path, None).0 == 404
    });
    Ok(())
}

#[test]
fn a_limit_is_reported() -> io::Result<()> {
    let Some(cli) = cli() else { return Ok(()) };
    let settings = Settings { one_off_limit: Some(0), ..Settings::default() };
    let rehearsal = Rehearsal::start_with(settings)?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let said = heroku(&cli, &sandbox, &["run", "--app=playhouse-staging", "--", "true"], "")?;
    assert_eq!(said.code, Some(2), "{}{}", said.out, said.err);
    assert!(said.err.contains("Cannot run more than 0 Basic size dynos."), "{}", said.err);
    Ok(())
}

#[test]
fn ps_shows_eco_hours_and_waits_for_a_release() -> io::Result<()> {
    let Some(cli) = cli() else { return Ok(()) };
    let settings = Settings { dyno_start_time: Duration::from_secs(3600), ..Settings::default() };
    let rehearsal = Rehearsal::start_with(settings)?;
    let sandbox = Sandbox::new(&rehearsal)?;
    rehearsal.call("PATCH", "/_rehearsal/apps/understudy", Some(json!({ "process_tier": "eco" })));
    let quota = json!({ "account_quota": 3_600_000, "apps": { "understudy": 36_000 } });
    rehearsal.call("PUT", "/_rehearsal/eco-quota", Some(quota));
    let said = heroku(&cli, &sandbox, &["ps", "-a", "understudy"], "")?;
    assert!(said.out.contains("quota remaining this month: 990h 0m (99%)"), "{}", said.out);
    assert!(said.out.contains("Eco dyno usage for this app: 10h 0m (1%)"), "{}", said.out);
    rehearsal.call("PATCH", "/apps/understudy/config-vars", Some(json!({ "A": "b" })));
    let said = thread::scope(|scope| {
        let waiting = scope.spawn(|| heroku(&cli, &sandbox, &["ps:wait", "-a", "understudy"], ""));
        let asked = || rehearsal.exchanges().iter().filter(|it| it.path == "/apps/understudy/dynos").count();
        // `ps` has asked once.
        wait("its first look", || asked() == 2);
        for dyno in ["web.1", "worker.1"] {
            let path = format!("/_rehearsal/apps/understudy/dynos/{dyno}");
            rehearsal.call("PATCH", &path, Some(json!({ "state": "up" })));
        }
        waiting.join()
    });
    let said = said.unwrap_or_else(|_| Err(io::Error::other("it panicked")))?;
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.err.contains("Waiting for every dyno to be running v5... 0 / 2"), "{}", said.err);
    assert!(said.err.contains("2 / 2, done"), "{}", said.err);
    Ok(())
}
