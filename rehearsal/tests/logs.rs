//! Log sessions, as server-sent events and as text.

mod common;

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::{SDK, V3, ask, raw};
use rehearsal::{Fault, Rehearsal, Settings};
use serde_json::{Value, json};

const EVENTS: (&str, &str) = ("Accept", "text/event-stream");

/// Creates a session and returns the path of its URL.
fn session(rehearsal: &Rehearsal, accept: &str, body: &Value) -> io::Result<String> {
    let heard = ask(rehearsal, accept, "POST", "/apps/playhouse-staging/log-sessions", &body.to_string())?;
    assert_eq!(heard.status, 201, "{}", heard.text());
    Ok(heard.json()["logplex_url"].as_str().unwrap_or_default().replace(&rehearsal.url(), ""))
}

fn ids(text: &str) -> Vec<u64> {
    text.lines().filter_map(|line| line.strip_prefix("id: ")?.parse().ok()).collect()
}

#[test]
fn history_as_events_or_as_text() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let path = session(&rehearsal, SDK, &json!({ "lines": 20, "tail": false }))?;
    let heard = raw(&rehearsal, "GET", &path, &[EVENTS], "")?;
    assert_eq!(heard.header("content-type"), Some("text/event-stream"));
    assert!(heard.text().starts_with("retry: 0\n\nid: "), "{}", heard.text());
    let numbers = ids(&heard.text());
    assert_eq!(numbers.len(), 20);
    let text = raw(&rehearsal, "GET", &path, &[], "")?;
    assert_eq!(text.header("content-type"), Some("text/plain; charset=utf-8"));
    let events = heard.text();
    let data: Vec<&str> = events.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    assert_eq!(text.text().lines().collect::<Vec<_>>(), data);
    let last = numbers[14].to_string();
    let rest = raw(&rehearsal, "GET", &path, &[EVENTS, ("Last-Event-ID", &last)], "")?;
    assert_eq!(ids(&rest.text()), numbers[15..]);
    assert_eq!(raw(&rehearsal, "GET", "/logs/unknown", &[EVENTS], "")?.status, 404);
    Ok(())
}

#[test]
fn filters_and_the_two_names_of_a_dyno() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    for (accept, body) in [
        (SDK, json!({ "dyno": "worker.1", "source": "app", "lines": 1500 })),
        (V3, json!({ "dyno_name": "worker.1", "source": "app", "lines": 1500 })),
        (V3, json!({ "type": "worker", "source": "app", "lines": 1500 })),
    ] {
        let path = session(&rehearsal, accept, &body)?;
        let text = raw(&rehearsal, "GET", &path, &[], "")?.text();
        assert!(
            text.lines().count() > 5 && text.lines().all(|line| line.contains(" app[worker.1]: ")),
            "{text}"
        );
    }
    Ok(())
}

#[test]
fn log_bytes_are_unchanged() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    // "\xff\x1b[31m \x07" and then a tab.
    let odd = json!({ "lines": ["a line of its own"], "base64": "/xtbMzFtIAcKCQ==" });
    rehearsal.call("POST", "/_rehearsal/apps/playhouse-staging/logs", Some(odd));
    let path = session(&rehearsal, SDK, &json!({ "lines": 3 }))?;
    let heard = raw(&rehearsal, "GET", &path, &[], "")?;
    assert_eq!(heard.body, b"a line of its own\n\xff\x1b[31m \x07\n\t\n");
    Ok(())
}

#[test]
fn a_tail_sends_new_lines() -> io::Result<()> {
    let settings = Settings { log_interval: Duration::from_millis(10), ..Settings::default() };
    let rehearsal = Rehearsal::start_with(settings)?;
    let path = session(&rehearsal, SDK, &json!({ "lines": 2, "tail": true }))?;
    let mut stream = TcpStream::connect(("127.0.0.1", rehearsal.port()))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")?;
    let mut numbers = Vec::new();
    for line in BufReader::new(&stream).lines() {
        if let Some(number) = line?.strip_prefix("id: ") {
            numbers.push(number.parse::<u64>().unwrap_or_default());
        }
        if numbers.len() == 8 {
            break;
        }
    }
    let first = numbers[0];
    assert_eq!(numbers, (first..first + 8).collect::<Vec<_>>());
    Ok(())
}

#[test]
fn streams_can_break_and_fall_silent() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let path = session(&rehearsal, SDK, &json!({ "lines": 20 }))?;
    rehearsal.inject(Fault::drop_stream("GET /logs/*", 5).times(1));
    assert_eq!(ids(&raw(&rehearsal, "GET", &path, &[EVENTS], "")?.text()).len(), 5);
    assert_eq!(ids(&raw(&rehearsal, "GET", &path, &[EVENTS], "")?.text()).len(), 20);
    rehearsal.inject(Fault::idle_stream("GET /logs/*", 3));
    let mut stream = TcpStream::connect(("127.0.0.1", rehearsal.port()))?;
    stream.set_read_timeout(Some(Duration::from_millis(300)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    let (mut lines, mut count) = (BufReader::new(&stream).lines(), 0);
    let silence = loop {
        match lines.next() {
            Some(Ok(line)) => count += usize::from(line.contains("]: ")),
            other => break other,
        }
    };
    assert!(matches!(silence, Some(Err(_))), "the connection stays open");
    assert_eq!(count, 3);
    Ok(())
}

#[test]
fn the_panel_generates_many_lines() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let count = json!({ "generate": 100_000 });
    rehearsal.call("PUT", "/_rehearsal/apps/playhouse-staging/logs", Some(count));
    let path = session(&rehearsal, SDK, &json!({ "lines": 1500 }))?;
    let start = Instant::now();
    let heard = raw(&rehearsal, "GET", &path, &[EVENTS], "")?;
    let numbers = ids(&heard.text());
    assert_eq!((numbers.len(), numbers.last()), (100_000, Some(&100_000)), "{:?}", start.elapsed());
    Ok(())
}
