//! One-off dynos over the wire: a client with TLS of its own, a real shell, and faults.
#![cfg(unix)]

mod common;

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{V3, ask, wait};
use rehearsal::{Fault, Rehearsal, Sandbox, Settings, history};
use serde_json::{Value, json};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const STAGING: &str = "playhouse-staging";
const DYNOS: &str = "/apps/playhouse-staging/dynos";

/// What ends a command whose exit status a client wants to know.
const MARK: &str = " ; echo \"\u{ffff} heroku-command-exit-status: $?\"";

fn start(rehearsal: &Rehearsal, body: &Value) -> Result<Value> {
    let heard = ask(rehearsal, V3, "POST", DYNOS, &body.to_string())?;
    assert_eq!(heard.status, 201, "{}", heard.text());
    Ok(heard.json())
}

/// Creates an attached dyno.
fn attached(rehearsal: &Rehearsal, command: &str, more: &Value) -> Result<Value> {
    let mut body = json!({ "command": command, "attach": true });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    start(rehearsal, &body)
}

type Client = StreamOwned<ClientConnection, TcpStream>;

/// Connects to a dyno over TLS and sends the secret.
fn connect(rehearsal: &Rehearsal, dyno: &Value) -> Result<Client> {
    let url = dyno["attach_url"].as_str().ok_or("no attach URL")?;
    let (address, secret) =
        url.strip_prefix("rendezvous://").and_then(|url| url.split_once('/')).ok_or(url)?;
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(rehearsal.certificate())?)?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connection = ClientConnection::new(Arc::new(config), ServerName::try_from("127.0.0.1")?)?;
    let mut client = StreamOwned::new(connection, stream);
    client.write_all(format!("{secret}\r\n").as_bytes())?;
    client.flush()?;
    Ok(client)
}

/// Reads to the end, which must be an end of TLS.
fn read(client: &mut Client) -> Result<String> {
    let mut bytes = Vec::new();
    client.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Runs a command and returns everything after the handshake.
fn run(rehearsal: &Rehearsal, command: &str, more: &Value) -> Result<String> {
    let dyno = attached(rehearsal, command, more)?;
    let all = read(&mut connect(rehearsal, &dyno)?)?;
    Ok(all.strip_prefix("rendezvous\r\n").ok_or(all.clone())?.to_owned())
}

fn log(rehearsal: &Rehearsal) -> Result<String> {
    let body = json!({ "lines": 200 }).to_string();
    let session = ask(rehearsal, V3, "POST", "/apps/playhouse-staging/log-sessions", &body)?.json();
    let url = session["logplex_url"].as_str().unwrap_or_default();
    let path = url.strip_prefix(&rehearsal.url()).unwrap_or_default();
    Ok(common::raw(rehearsal, "GET", path, &[], "")?.text())
}

/// The one-off dynos that the API lists.
fn running(rehearsal: &Rehearsal) -> Vec<Value> {
    let dynos = rehearsal.call("GET", DYNOS, None).1;
    dynos.as_array().into_iter().flatten().filter(|dyno| dyno["type"] == "run").cloned().collect()
}

#[test]
fn a_command_runs_in_a_terminal_with_the_apps_code_and_variables() -> Result {
    let rehearsal = Rehearsal::start()?;
    let env = json!({ "env": { "TERM": "xterm", "COLUMNS": 123, "LINES": 40, "SEATS_PER_ROW": "7" } });
    let command = "cat interval.js lights.js; stty size; tty > /dev/null && echo terminal; pwd | grep -o 'app$'; \
                   echo $LOG_LEVEL $SEATS_PER_ROW $TERM; echo $PS $DYNO | sed 's/[0-9]//g'; test -n \"$PORT\" && echo port; \
                   echo \"[$CARGO_MANIFEST_DIR$USER]\"; echo problem >&2";
    let output = run(&rehearsal, command, &env)?;
    let expected = "exports.minutes = 20\r\nexports.house = minute => Math.max(0, 1 - minute / 2)\r\n40 123\r\nterminal\r\n\
                    app\r\ndebug 7 xterm\r\nrun. run.\r\nport\r\n[]\r\nproblem\r\n";
    assert_eq!(output, expected);
    // The staging app runs the commit before the last one of main.
    assert!(run(&rehearsal, "ls tickets.js", &Value::Null)?.contains("No such file"));
    assert!(running(&rehearsal).is_empty());
    Ok(())
}

#[test]
fn a_dyno_without_a_terminal_reads_to_a_last_byte_of_4() -> Result {
    let rehearsal = Rehearsal::start()?;
    let dyno = attached(&rehearsal, "tty; cat; echo end", &json!({ "force_no_tty": true }))?;
    let mut client = connect(&rehearsal, &dyno)?;
    client.write_all(b"one\n\x04two\n\x04")?;
    client.flush()?;
    assert_eq!(read(&mut client)?, "rendezvous\r\nnot a tty\none\n\u{4}two\nend\n");
    Ok(())
}

#[test]
fn a_terminal_echoes_and_ends_input_at_control_d() -> Result {
    let rehearsal = Rehearsal::start()?;
    let dyno = attached(&rehearsal, "cat; echo end", &Value::Null)?;
    let mut client = connect(&rehearsal, &dyno)?;
    client.write_all(b"hello\n\x04")?;
    client.flush()?;
    let output = read(&mut client)?;
    assert!(
        output.starts_with("rendezvous\r\nhello\r\n") && output.ends_with("hello\r\nend\r\n"),
        "{output:?}"
    );
    Ok(())
}

#[test]
fn the_exit_status_is_what_the_shell_prints() -> Result {
    let rehearsal = Rehearsal::start()?;
    for (command, status) in [("true", 0), ("sh -c 'exit 7'", 7), ("bash -c 'kill -9 $$'", 137)] {
        let output = run(&rehearsal, &format!("{command}{MARK}"), &json!({ "force_no_tty": true }))?;
        let wanted = format!("\u{ffff} heroku-command-exit-status: {status}\n");
        assert!(output.ends_with(&wanted), "{command}: {output:?}");
    }
    Ok(())
}

#[test]
fn a_slow_client_gets_all_output() -> Result {
    let rehearsal = Rehearsal::start()?;
    let command = "head -c 3000000 /dev/zero | tr '\\0' x; (setsid sleep 20 2>/dev/null &); echo; echo end";
    let dyno = attached(&rehearsal, command, &Value::Null)?;
    let mut client = connect(&rehearsal, &dyno)?;
    std::thread::sleep(Duration::from_secs(2));
    let output = read(&mut client)?;
    assert_eq!(output.len(), "rendezvous\r\n".len() + 3_000_000 + "\r\nend\r\n".len());
    assert!(output.ends_with("x\r\nend\r\n"));
    Ok(())
}

#[test]
fn a_process_type_stands_for_its_command() -> Result {
    let rehearsal = Rehearsal::start()?;
    let release = rehearsal.call("GET", "/apps/playhouse-staging/releases/11", None).1;
    let types = json!({ "process_types": { "web": "node server.js", "console": "echo the console" } });
    let slug = format!("/_rehearsal/slugs/{}", release["slug"]["id"].as_str().unwrap_or_default());
    rehearsal.call("PATCH", &slug, Some(types));
    assert_eq!(run(&rehearsal, "console of $DYNO | tr -d 0-9", &Value::Null)?, "the console of run.\r\n");
    Ok(())
}

#[test]
fn a_dyno_is_listed_while_it_runs_and_its_log_tells_of_it() -> Result {
    let settings = Settings { dyno_start_time: Duration::from_millis(300), ..Settings::default() };
    let rehearsal = Rehearsal::start_with(settings)?;
    let dyno = attached(&rehearsal, "echo up; read line; echo $line", &json!({ "size": "standard-1x" }))?;
    let name = dyno["name"].as_str().unwrap_or_default();
    assert!(name.starts_with("run.") && name.len() == 8, "{name}");
    assert_eq!(
        (&dyno["state"], &dyno["type"], &dyno["size"]),
        (&json!("starting"), &json!("run"), &json!("Standard-1X"))
    );
    assert_eq!(dyno["release"]["version"], 11);
    assert_eq!(running(&rehearsal)[0]["state"], "starting");
    let mut client = connect(&rehearsal, &dyno)?;
    wait("the dyno is up", || running(&rehearsal)[0]["state"] == "up");
    client.write_all(b"down\n")?;
    client.flush()?;
    let output = read(&mut client)?;
    assert!(output.contains("up\r\n") && output.ends_with("down\r\n"), "{output:?}");
    assert!(running(&rehearsal).is_empty());
    let log = log(&rehearsal)?;
    let told: Vec<&str> = log
        .lines()
        .filter_map(|line| line.split_once(&format!("heroku[{name}]: ")))
        .map(|line| line.1)
        .collect();
    let command = "Starting process with command `echo up; read line; echo $line`";
    assert_eq!(
        told,
        [
            "Awaiting client",
            "State changed from starting to up",
            command,
            "Process exited with status 0",
            "State changed from up to complete"
        ]
    );
    assert!(log.contains(&format!("app[api]: {command} by user director@playhouse.example")));
    Ok(())
}

#[test]
fn output_of_a_detached_dyno_goes_to_the_log() -> Result {
    let rehearsal = Rehearsal::start()?;
    let dyno = start(&rehearsal, &json!({ "command": "printf 'one\\ntwo' >&2; exit 3" }))?;
    assert_eq!(dyno["attach_url"], Value::Null);
    wait("its end", || running(&rehearsal).is_empty());
    let (log, name) = (log(&rehearsal)?, dyno["name"].as_str().unwrap_or_default());
    for line in [
        format!("app[{name}]: one"),
        format!("app[{name}]: two"),
        format!("heroku[{name}]: Process exited with status 3"),
    ] {
        assert!(log.contains(&line), "{line}: {log}");
    }
    Ok(())
}

/// Writes its process id and waits.
const WAITS: &str = "echo $$; exec sleep 600";

fn first_line(client: &mut Client) -> Result<String> {
    let mut text = String::new();
    let mut buffer = [0; 256];
    while text.lines().count() < 2 || !text.ends_with('\n') {
        let count = client.read(&mut buffer)?;
        assert!(count > 0, "{text:?}");
        text.push_str(str::from_utf8(&buffer[..count])?);
    }
    Ok(text.lines().nth(1).unwrap_or_default().to_owned())
}

/// Whether a process is there and has not ended.
#[expect(clippy::disallowed_methods, reason = "tests start programs as a person's shell does")]
fn lives(id: &str) -> bool {
    let output = std::process::Command::new("ps").args(["-o", "stat=", "-p", id]).output();
    let state = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    state.is_ok_and(|state| !state.is_empty() && !state.starts_with('Z'))
}

#[test]
fn a_dyno_ends_with_its_client_its_time_or_a_request() -> Result {
    let rehearsal = Rehearsal::start()?;
    for (how, told) in [
        ("client", "Client connection closed. Sending SIGHUP to all processes"),
        ("time", "Stopping all processes with SIGTERM"),
        ("stop", "Stopping all processes with SIGTERM"),
        ("stop type", "Stopping all processes with SIGTERM"),
        ("delete", "Stopping all processes with SIGTERM"),
    ] {
        let more = if how == "time" { json!({ "time_to_live": 1 }) } else { Value::Null };
        let dyno = attached(&rehearsal, WAITS, &more)?;
        let name = dyno["name"].as_str().unwrap_or_default();
        let mut client = connect(&rehearsal, &dyno)?;
        let process = first_line(&mut client)?;
        assert!(lives(&process), "{how}");
        let status = match how {
            "stop" => rehearsal.call("POST", &format!("{DYNOS}/{name}/actions/stop"), None).0,
            "stop type" => {
                rehearsal.call("POST", "/apps/playhouse-staging/formations/run/actions/stop", None).0
            }
            "delete" => rehearsal.call("DELETE", &format!("{DYNOS}/{name}"), None).0,
            _ => 202,
        };
        assert_eq!(status, 202, "{how}");
        if how == "client" {
            drop(client);
        } else {
            assert_eq!(read(&mut client)?, "", "{how}");
        }
        wait("its end", || running(&rehearsal).is_empty() && !lives(&process));
        let log = log(&rehearsal)?;
        assert!(log.contains(&format!("heroku[{name}]: {told}")), "{how}: {log}");
    }
    Ok(())
}

#[test]
fn a_process_that_ignores_signals_is_killed() -> Result {
    let settings = Settings { stop_time: Duration::from_millis(200), ..Settings::default() };
    let rehearsal = Rehearsal::start_with(settings)?;
    for by_client in [true, false] {
        let command = "trap '' HUP TERM; echo $$; while true; do sleep 600; done";
        let dyno = attached(&rehearsal, command, &Value::Null)?;
        let mut client = connect(&rehearsal, &dyno)?;
        let process = first_line(&mut client)?;
        if by_client {
            drop(client);
        } else {
            rehearsal.call("DELETE", &format!("{DYNOS}/{}", dyno["name"].as_str().unwrap_or_default()), None);
        }
        wait("its end", || running(&rehearsal).is_empty() && !lives(&process));
        let error = if by_client { "Error R16 (Detached)" } else { "Error R12 (Exit timeout)" };
        let log = log(&rehearsal)?;
        assert!(log.contains(error) && log.contains("Process exited with status 137"), "{log}");
    }
    Ok(())
}

#[test]
fn a_dyno_ends_with_the_rehearsal() -> Result {
    let rehearsal = Rehearsal::start()?;
    let dyno = attached(&rehearsal, "echo $$; sleep 600; echo never", &Value::Null)?;
    let process = first_line(&mut connect(&rehearsal, &dyno)?)?;
    drop(rehearsal);
    wait("its end", || !lives(&process));
    Ok(())
}

#[test]
fn a_dyno_ends_with_its_app() -> Result {
    let rehearsal = Rehearsal::start()?;
    let body = json!({ "command": WAITS, "attach": true });
    let (_, dyno) = rehearsal.call("POST", "/apps/understudy/dynos", Some(body));
    let mut client = connect(&rehearsal, &dyno)?;
    let process = first_line(&mut client)?;
    assert_eq!(rehearsal.call("DELETE", "/apps/understudy", None).0, 200);
    assert_eq!(read(&mut client)?, "");
    assert!(!lives(&process));
    Ok(())
}

#[test]
fn a_client_that_does_not_come_is_an_attach_error() -> Result {
    let settings = Settings { attach_timeout: Duration::from_millis(50), ..Settings::default() };
    let rehearsal = Rehearsal::start_with(settings)?;
    let dyno = attached(&rehearsal, "echo", &Value::Null)?;
    wait("its end", || running(&rehearsal).is_empty());
    assert!(log(&rehearsal)?.contains("Error R13 (Attach error) -> Failed to attach to process"));
    // It is too late now.
    assert_eq!(read(&mut connect(&rehearsal, &dyno)?)?, "");
    Ok(())
}

#[test]
fn wrong_requests_are_refused() -> Result {
    let rehearsal = Rehearsal::start()?;
    for body in [
        json!({}),
        json!({ "command": "" }),
        json!({ "command": "true", "size": "gigantic" }),
        json!({ "command": "true", "time_to_live": 86_401 }),
        json!({ "command": "true", "env": { "A B": "c" } }),
        json!({ "command": "true", "attach": "yes" }),
    ] {
        let heard = ask(&rehearsal, V3, "POST", DYNOS, &body.to_string())?;
        assert_eq!((heard.status, &heard.json()["id"]), (422, &json!("invalid_params")), "{body}");
    }
    assert!(running(&rehearsal).is_empty());
    Ok(())
}

#[test]
fn limits_and_pending_releases_refuse_a_dyno() -> Result {
    let rehearsal = Rehearsal::start_with(Settings { one_off_limit: Some(1), ..Settings::default() })?;
    let body = json!({ "command": "sleep 600" });
    start(&rehearsal, &body)?;
    let heard = ask(&rehearsal, V3, "POST", DYNOS, &body.to_string())?;
    assert_eq!((heard.status, &heard.json()["id"]), (422, &json!("cannot_run_above_limit")));
    assert_eq!(
        (&heard.json()["limit"], &heard.json()["message"]),
        (&json!(1), &json!("Cannot run more than 1 Basic size dynos."))
    );
    let other = json!({ "command": "true", "size": "standard-2x" });
    start(&rehearsal, &other)?;
    let pending = json!({ "commit": history::MAIN[4], "pending": true });
    rehearsal.call("POST", "/_rehearsal/apps/playhouse-staging/releases", Some(pending));
    let heard = ask(&rehearsal, V3, "POST", DYNOS, &other.to_string())?;
    assert_eq!((heard.status, &heard.json()["id"]), (409, &json!("conflict")));
    Ok(())
}

#[test]
fn the_code_of_a_push_is_there_after_a_promotion_too() -> Result {
    let rehearsal = Rehearsal::start()?;
    let sandbox = Sandbox::new(&rehearsal)?;
    let commit = common::commit(&sandbox, &[("curtain.txt", "red\n")], "Hang the curtain")?;
    let pushed = common::git(&sandbox, &["push", "--quiet", "staging", "main"])?;
    assert!(pushed.status.success(), "{}", String::from_utf8_lossy(&pushed.stderr));
    assert_eq!(run(&rehearsal, "cat curtain.txt", &Value::Null)?, "red\r\n");
    let latest = rehearsal.call("GET", "/apps/playhouse-staging/releases", None).1;
    let slug = latest.as_array().and_then(|releases| Some(releases.last()?["slug"]["id"].clone()));
    rehearsal.call("POST", "/apps/understudy/releases", Some(json!({ "slug": slug })));
    let body = json!({ "command": "cat curtain.txt", "attach": true });
    let (status, dyno) = rehearsal.call("POST", "/apps/understudy/dynos", Some(body));
    assert_eq!(status, 201, "{commit}: {dyno}");
    assert!(read(&mut connect(&rehearsal, &dyno)?)?.ends_with("red\r\n"));
    Ok(())
}

#[test]
fn faults_of_the_handshake() -> Result {
    let rehearsal = Rehearsal::start()?;
    rehearsal.inject(Fault::refuse_tls().times(1));
    let dyno = attached(&rehearsal, "echo hello", &Value::Null)?;
    assert!(connect(&rehearsal, &dyno).is_err());
    assert!(read(&mut connect(&rehearsal, &dyno)?)?.ends_with("hello\r\n"));

    rehearsal.inject(Fault::slow_rendezvous(STAGING, Duration::from_millis(300)).times(1));
    let start = Instant::now();
    assert_eq!(run(&rehearsal, "echo hello", &Value::Null)?, "hello\r\n");
    assert!(start.elapsed() > Duration::from_millis(300));

    rehearsal.inject(Fault::silent_rendezvous(STAGING).times(1));
    let dyno = attached(&rehearsal, "echo hello", &Value::Null)?;
    let mut client = connect(&rehearsal, &dyno)?;
    client.sock.set_read_timeout(Some(Duration::from_millis(200)))?;
    let silent = client.read(&mut [0; 16]).unwrap_err();
    assert!(
        matches!(silent.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut),
        "{silent}"
    );
    drop(client);
    wait("its end", || running(&rehearsal).is_empty());

    rehearsal.inject(Fault::hasty_output(STAGING).times(1));
    let dyno = attached(&rehearsal, "echo hello", &Value::Null)?;
    let mut first = [0; 256];
    let count = connect(&rehearsal, &dyno)?.read(&mut first)?;
    assert_eq!(str::from_utf8(&first[..count])?, "rendezvous\r\nhello\r\n");
    Ok(())
}

#[test]
fn faults_of_the_output() -> Result {
    let rehearsal = Rehearsal::start()?;
    let command = format!("echo hello{MARK}");
    rehearsal.inject(Fault::split_exit_marker(STAGING, 2).times(1));
    let dyno = attached(&rehearsal, &command, &Value::Null)?;
    let mut client = connect(&rehearsal, &dyno)?;
    let (mut pieces, mut buffer) = (Vec::new(), [0; 256]);
    loop {
        let count = client.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        pieces.push(buffer[..count].to_vec());
    }
    let all = pieces.concat();
    assert!(all.ends_with("\u{ffff} heroku-command-exit-status: 0\r\n".as_bytes()), "{pieces:?}");
    assert!(pieces.iter().any(|piece| piece.ends_with(b"\xef\xbf")), "{pieces:?}");

    // Without an end of TLS the client knows that something is missing.
    rehearsal.inject(Fault::cut_one_off(STAGING, 3).times(1));
    let dyno = attached(&rehearsal, &command, &Value::Null)?;
    let mut client = connect(&rehearsal, &dyno)?;
    let mut bytes = Vec::new();
    let cut = client.read_to_end(&mut bytes).unwrap_err();
    assert_eq!(cut.kind(), std::io::ErrorKind::UnexpectedEof);
    assert_eq!(bytes, b"rendezvous\r\nhel");
    wait("its end", || running(&rehearsal).is_empty());

    rehearsal.inject(Fault::half_close_one_off(STAGING, 3).times(1));
    let dyno = attached(&rehearsal, "echo hello; read line; echo $line", &Value::Null)?;
    let mut client = connect(&rehearsal, &dyno)?;
    assert_eq!(read(&mut client)?, "rendezvous\r\nhel");
    assert_eq!(running(&rehearsal).len(), 1);
    client.write_all(b"go\n")?;
    client.flush()?;
    wait("its end", || running(&rehearsal).is_empty());
    assert!(log(&rehearsal)?.contains("Process exited with status 0"));
    Ok(())
}
