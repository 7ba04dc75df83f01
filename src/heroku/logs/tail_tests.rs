//! Tests over real sockets: streams that break in every way, and the lines that are passed on.

use serde_json::json;

use super::*;
use crate::heroku::logs::LogRequest;
use crate::heroku::transport::test_server::{Server, answer};

/// A stream's text that ends as it should.
fn whole(text: &str) -> String {
    answer(200, "content-type: text/plain", text)
}

/// A stream's text after which the connection is closed too early.
fn cut(text: &str) -> String {
    whole(text).replace(&format!("content-length: {}", text.len()), "content-length: 100000")
}

/// Every stream but the first has a session made for it before.
fn with_sessions(streams: impl IntoIterator<Item = String>) -> Vec<String> {
    // Its length is not said: the server writes its own address into it.
    let session = || {
        let body = r#"{"logplex_url":"{self}/logs/again"}"#;
        format!("HTTP/1.1 201 Created\r\nconnection: close\r\n\r\n{body}")
    };
    streams.into_iter().flat_map(|stream| [session(), stream]).skip(1).collect()
}

#[derive(Default)]
struct Collected(Vec<String>);

impl LogSink for Collected {
    fn line(&mut self, line: &[u8]) -> Result<()> {
        self.0.push(String::from_utf8_lossy(line).into_owned());
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }

    fn resumed(&mut self, Dropped { reason, .. }: &Dropped, resumed: Resumed) {
        self.0.push(format!("({reason}: {resumed:?})"));
    }

    fn is_over(&self) -> bool {
        false
    }
}

/// What was handed on, how it ended, and how many lines of history each new session was asked for.
fn read(answers: Vec<String>, follow: bool) -> (Vec<String>, Result<()>, Vec<usize>) {
    let server = Server::answering(answers);
    let client = server.client();
    let first =
        serde_json::from_value(json!({ "logplex_url": format!("{}/logs/first", server.url) })).unwrap();
    let request = LogRequest { lines: 100, tail: follow, ..LogRequest::default() };
    let log = AppLog::new(&client, "playhouse", request, Duration::from_secs(5), first);
    let mut sink = Collected::default();
    let result = read_log(&log, &mut sink);
    let lines_asked = |request: &String| request.split_once("\"lines\":")?.1.split(',').next()?.parse().ok();
    let asked = server.requests().iter().filter_map(lines_asked).collect();
    (sink.0, result, asked)
}

#[test]
fn a_log_that_ends_is_read_once() {
    let (lines, result, asked) = read(with_sessions([whole("a\nb\nc")]), false);
    assert_eq!(lines, ["a", "b", "c"]);
    assert!(result.is_ok());
    assert!(asked.is_empty(), "the session that was there is read");
}

#[test]
fn a_cut_is_resumed_after_the_last_line() {
    let streams = [cut("a\nb\nc torn he"), whole("a\nb\nc torn here\nd\n")];
    let (lines, result, asked) = read(with_sessions(streams), false);
    assert_eq!(lines, ["a", "b", "(the connection was closed: Whole)", "c torn here", "d"]);
    assert!(result.is_ok());
    assert_eq!(asked, [HISTORY]);
}

#[test]
fn a_tail_that_ends_in_order_is_resumed_until_it_is_refused() {
    let mut answers = with_sessions([whole("a\n"), cut("a\nb\n"), whole("a\nb\nc\n")]);
    answers.push(answer(403, "", r#"{"id":"forbidden","message":"No more of it."}"#));
    let (lines, result, _) = read(answers, true);
    assert_eq!(lines, ["a", "(the service ended it: Whole)", "b", "(the connection was closed: Whole)", "c"]);
    assert_eq!(result.unwrap_err().kind().exit_code(), 4);
}

#[test]
fn a_gap_is_said() {
    let (lines, ..) = read(with_sessions([cut("a\nb\n"), whole("x\ny\n")]), false);
    assert_eq!(lines, ["a", "b", "(the connection was closed: PerhapsGaps)", "x", "y"]);
}

#[test]
fn a_stream_that_gave_nothing_is_begun_again() {
    let (lines, _, asked) = read(with_sessions([cut(""), whole("a\nb\n")]), false);
    assert_eq!(lines, ["(the connection was closed: FromTheStart)", "a", "b"]);
    assert_eq!(asked, [100]);
}

#[test]
fn a_cut_within_the_history_changes_nothing() {
    let (lines, ..) = read(with_sessions([cut("a\nb\nc\n"), cut("a\nb\n"), whole("b\nc\nd\n")]), false);
    assert_eq!(lines, ["a", "b", "c", "(the connection was closed: Whole)", "d"]);
}

#[test]
fn trouble_on_the_way_is_waited_out() {
    let streams = [cut("a\n"), answer(502, "", "no route"), whole("a\nb\n")];
    let (lines, result, _) = read(with_sessions(streams), false);
    assert_eq!(lines, ["a", "(the connection was closed: Whole)", "b"]);
    assert!(result.is_ok());
}

#[test]
fn the_part_of_a_line_that_a_stream_ends_in_comes_once() {
    // In order or not, the next stream has the whole line.
    for first in [whole("a\nb to"), cut("a\nb to"), whole("a\nb torn")] {
        let mut answers = with_sessions([first.clone(), whole("a\nb torn\nc\n")]);
        answers.push(answer(403, "", r#"{"id":"forbidden","message":"No more of it."}"#));
        let (lines, ..) = read(answers, true);
        assert_eq!(lines.len(), 4, "{lines:?}");
        assert_eq!((&*lines[0], &lines[2..]), ("a", &["b torn".to_owned(), "c".to_owned()][..]), "{first}");
    }
}

#[test]
fn a_part_that_no_stream_completes_is_a_line() {
    let refused = || answer(403, "", r#"{"id":"forbidden","message":"No more of it."}"#);
    let lines = |streams: Vec<String>, follow| {
        let mut answers = with_sessions(streams);
        answers.push(refused());
        read(answers, follow).0
    };
    assert_eq!(lines(vec![whole("a\nb to")], true), ["a", "b to"], "no other stream comes");
    let lost = "(the connection was closed: Whole)";
    assert_eq!(lines(vec![cut("a\nb to"), whole("a\nc\n")], false), ["a", lost, "b to", "c"]);
    assert_eq!(lines(vec![cut("a\nb to"), whole("a\n")], false), ["a", lost, "b to"]);
    let gap = "(the connection was closed: PerhapsGaps)";
    assert_eq!(lines(vec![cut("a\nb to"), whole("x\ny\n")], false), ["a", "b to", gap, "x", "y"]);
    assert_eq!(lines(vec![cut("a\nb to"), whole("x\nb torn\n")], false), ["a", gap, "x", "b torn"]);
    assert_eq!(lines(vec![cut("b to"), whole("a\nb torn\n")], false).last().unwrap(), "b torn");
}

#[test]
fn a_part_comes_once_though_streams_end_in_it_again_and_again() {
    let streams = [cut("a\nb torn"), cut("a\nb t"), cut("a\n"), whole("a\nb torn here\n")];
    let (lines, result, _) = read(with_sessions(streams), false);
    assert!(result.is_ok());
    let lines: Vec<&str> = lines.iter().map(String::as_str).filter(|line| !line.starts_with('(')).collect();
    assert!(matches!(lines[..], ["a", "b torn here"] | ["a", "b torn", "b torn here"]), "{lines:?}");
}
