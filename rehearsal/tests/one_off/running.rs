//! Commands on one-off dynos: terminal, output, exit status, listing.

use super::*;

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
