//! Tests over real sockets: retries, limits, and where the token goes.

use serde_json::Value;

use super::super::test_server::{CLOSE, HANG, Server, answer, dripping};
use super::*;
use crate::error::Kind;

fn get(server: &Server) -> Result<Value> {
    server.client().get("/apps/x", Accept::V3)
}

fn post(server: &Server) -> Result<Value> {
    server.client().submit(Method::POST, "/apps/x", Accept::V3, &Value::from(1), false)
}

fn report(error: &Error) -> String {
    let mut out = anstream::AutoStream::never(Vec::new());
    crate::terminal::report(error, &mut out);
    String::from_utf8(out.into_inner()).unwrap()
}

#[test]
fn a_get_is_repeated_after_transient_faults() {
    let short = "HTTP/1.1 200 OK\r\ncontent-length: 20\r\nconnection: close\r\n\r\n{\"a\":";
    let unsaid = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"a\":";
    for trouble in [CLOSE, HANG, short, unsaid, &answer(500, "", ""), &answer(429, "retry-after: 0", "")] {
        let server = Server::answering([trouble, &answer(200, "", "{}")]);
        assert!(get(&server).is_ok(), "{trouble}");
        assert_eq!(server.requests().len(), 2, "{trouble}");
    }
}

#[test]
fn a_get_is_given_up_after_four_attempts() {
    let server = Server::answering([&answer(503, "request-id: r-1", "down"); 5]);
    let error = get(&server).unwrap_err();
    assert_eq!(server.requests().len(), 4);
    let text = report(&error);
    assert!(text.starts_with("error: HTTP 503 from 127.0.0.1\n"), "{text}");
    assert!(text.contains("GET /apps/x: HTTP 503, request id r-1"), "{text}");
}

#[test]
fn a_get_is_not_repeated_after_final_errors() {
    for (status, headers) in [(404, ""), (422, ""), (501, ""), (429, "retry-after: 60")] {
        let server = Server::answering([&answer(status, headers, "{}"); 2]);
        assert!(get(&server).is_err());
        assert_eq!(server.requests().len(), 1, "{status}");
    }
    let server = Server::answering([&answer(200, "", "<html>"); 2]);
    let text = report(&get(&server).unwrap_err());
    let first = "error: 127.0.0.1 answered with a web page instead of data\n  caused by: GET /apps/x\nhint: a proxy, ";
    assert!(text.starts_with(first), "{text}");
    assert_eq!(server.requests().len(), 1);
    let server = Server::answering([&answer(200, "", "{\"a\":]"); 2]);
    let text = report(&get(&server).unwrap_err());
    let first =
        "error: the answer to GET /apps/x is not what the Platform API documents\n  caused by: GET /apps/x: ";
    assert!(text.starts_with(first) && text.contains("\nhint: --verbose "), "{text}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_post_is_never_sent_twice() {
    for trouble in [CLOSE, HANG, &answer(503, "", ""), &answer(429, "retry-after: 0", "")] {
        let server = Server::answering([trouble, &answer(200, "", "{}")]);
        assert!(post(&server).is_err(), "{trouble}");
        assert_eq!(server.requests().len(), 1, "{trouble}");
    }
}

#[test]
fn a_post_on_a_reused_connection_is_not_repeated() {
    let server = Server::closing_upon_the_second();
    let client = server.client();
    client.get::<Value>("/apps/x", Accept::V3).unwrap();
    let error = client
        .submit::<Value>(Method::POST, "/apps/x/builds", Accept::V3, &Value::from(1), false)
        .unwrap_err();
    assert!(error.may_have_been_done(), "{error}");
    std::thread::sleep(Duration::from_millis(300));
    let requests = server.requests();
    assert_eq!(requests.iter().filter(|request| request.starts_with("post ")).count(), 1, "{requests:?}");
    assert_eq!(requests.len(), 2, "it went over the connection that was there: {requests:?}");
    // Retried over another connection if that is safe.
    client.get::<Value>("/apps/x", Accept::V3).unwrap();
    client.get::<Value>("/apps/x", Accept::V3).unwrap();
    assert_eq!(server.requests().len(), 5);
}

#[test]
fn a_slow_response_has_the_time_of_one_exchange() {
    for beginning in [
        "HTTP/1.1 200 OK\r\nx-long: ",
        "HTTP/1.1 200 OK\r\ncontent-length: 90000\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nx-trailer: ",
        "HTTP/1.1 404 Not Found\r\ncontent-length: 90000\r\n\r\n",
        "HTTP/1.1 302 Found\r\nlocation: /y\r\ncontent-length: 90000\r\n\r\n",
    ] {
        let server = Server::answering([dripping(beginning), answer(200, "", "{}")]);
        let begun = Instant::now();
        let error = get(&server).unwrap_err();
        assert!(begun.elapsed() < Duration::from_millis(900), "{beginning:?}: {:?}", begun.elapsed());
        assert_eq!(error.kind(), Kind::TimedOut, "{beginning:?}: {error}");
        let text = report(&error);
        assert!(text.starts_with("error: no whole answer from 127.0.0.1 in 0.3 s\n"), "{text}");
        assert!(text.contains("hint: GREENROOM_TIMEOUT=0.6   # gives it more time\n"), "{text}");
        assert_eq!(server.requests().len(), 1, "{beginning:?}: what is too slow once is so twice");
    }
}

#[test]
fn the_deadline_of_a_command_comes_before_that_of_an_exchange() {
    let server = Server::answering([HANG, HANG, HANG]);
    let client = server.client_with(&[("GREENROOM_TIMEOUT", "20")]).unwrap();
    let begun = Instant::now();
    let limit = client.within(begun + Duration::from_millis(100));
    let error = client.get::<Value>("/apps/x", Accept::V3).unwrap_err();
    assert_eq!(error.kind(), Kind::TimedOut);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(server.requests().len(), 1, "nothing is repeated after it");
    let request = |method: Method, repeatable| Request {
        method,
        path: "/",
        accept: Accept::V3,
        include: None,
        range: None,
        body: None,
        repeatable,
    };
    let time = |method, repeatable| client.time_for(&request(method, repeatable)).as_secs();
    assert_eq!((time(Method::GET, true), time(Method::POST, true)), (3, 3), "a last look has some time");
    assert_eq!((time(Method::POST, false), time(Method::PATCH, true)), (20, 20), "changes have all of it");
    drop(limit);
    assert_eq!(time(Method::GET, true), 20);
}

#[test]
fn an_oversized_error_body_is_ignored() {
    let large = format!(r#"{{"id":"x","message":"No.","more":"{}"}}"#, "x".repeat(LARGEST_ERROR));
    let server = Server::answering([answer(404, "", &large)]);
    assert!(report(&get(&server).unwrap_err()).starts_with("error: HTTP 404 from 127.0.0.1\n"));
}

#[test]
fn a_deadline_is_exit_6_and_says_that_a_post_may_have_been_done() {
    let server = Server::answering([HANG]);
    let error = post(&server).unwrap_err();
    assert_eq!(error.kind(), Kind::TimedOut);
    let text = report(&error);
    assert!(
        text.starts_with("error: no answer from 127.0.0.1 in 0.3 s\n  caused by: POST /apps/x\n"),
        "{text}"
    );
    assert!(!text.contains("GREENROOM_TIMEOUT"), "it is not to be repeated: {text}");
    assert!(text.contains("hint: it may have been done all the same"), "{text}");
}

#[test]
fn a_post_that_was_not_sent_is_repeated() {
    // The error of a connection to a closed port.
    let server = Server::answering([""; 0]);
    std::thread::sleep(Duration::from_millis(50));
    let begun = Instant::now();
    let text = report(&post(&server).unwrap_err());
    assert!(begun.elapsed() >= Duration::from_millis(1400), "{:?}", begun.elapsed());
    assert_eq!(
        text,
        format!(
            "error: cannot reach 127.0.0.1: connection refused\n  caused by: POST /apps/x\nhint: curl --head {}   # can it be reached from here?\n",
            server.url
        )
    );
}

#[test]
fn a_redirect_keeps_the_token_on_its_origin_and_drops_it_elsewhere() {
    let other = Server::answering([answer(200, "", r#"{"from":"other"}"#)]);
    let server = Server::answering([
        answer(302, "location: /apps/y", ""),
        answer(307, &format!("location: {}/apps/z", other.url), "moved"),
    ]);
    let client = server.client_with(&[("HEROKU_HEADERS", r#"{"X-Secret":"1"}"#)]).unwrap();
    let value: Value = client.get("/apps/x", Accept::V3).unwrap();
    assert_eq!(value["from"], "other");
    let requests = server.requests();
    assert!(requests[1].starts_with("get /apps/y ") && requests[1].contains("authorization: bearer token"));
    let elsewhere = &other.requests()[0];
    assert!(elsewhere.starts_with("get /apps/z "));
    assert!(!elsewhere.contains("token") && !elsewhere.contains("x-secret"), "{elsewhere}");
}

#[test]
fn a_redirect_is_not_followed_out_of_tls_nor_without_end_nor_for_a_post() {
    for location in
        ["http://logs.example.com/", "ftp://127.0.0.1/", "http://a@127.0.0.1/", "//127.0.0.1:1/", "x"]
    {
        let server = Server::answering([answer(302, &format!("location: {location}"), "")]);
        assert!(get(&server).unwrap_err().to_string().contains("does not go"), "{location}");
    }
    let server = Server::answering([&answer(302, "location: /apps/x", ""); 12]);
    assert!(get(&server).unwrap_err().to_string().contains("more than 10 times"));
    assert_eq!(server.requests().len(), 11);
    let server = Server::answering([answer(307, "location: {self}/y", "")]);
    assert!(post(&server).unwrap_err().to_string().contains("redirects a POST"));
}
