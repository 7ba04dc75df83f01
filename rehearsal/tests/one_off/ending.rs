//! How a one-off dyno ends: with its client, its time, a request, its app or the rehearsal.

use super::*;

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
