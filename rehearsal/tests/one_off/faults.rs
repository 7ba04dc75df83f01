//! One-off dynos that are refused, and faults of the handshake and the output.

use super::*;

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
