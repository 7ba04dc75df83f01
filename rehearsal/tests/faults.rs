//! Every kind of fault, as a client sees it.

mod common;

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::{V3, ask, ask_with, get, raw};
use rehearsal::{Fault, Rehearsal};
use serde_json::{Value, json};

const APP: &str = "/apps/playhouse-staging";

#[test]
fn forced_status_codes() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    rehearsal.inject(Fault::answer("GET /apps/*", 429).header("Retry-After", "7").times(1));
    let heard = get(&rehearsal, APP)?;
    assert_eq!((heard.status, heard.json()["id"].as_str()), (429, Some("rate_limit")));
    assert_eq!(heard.header("retry-after"), Some("7"));
    assert_eq!(get(&rehearsal, APP)?.status, 200);
    rehearsal.inject(Fault::answer("GET /apps/*", 500).body(json!("<h1>Oops</h1>")));
    let heard = get(&rehearsal, APP)?;
    assert_eq!((heard.header("content-type"), &*heard.text()), (Some("text/html"), "<h1>Oops</h1>"));
    assert_eq!(get(&rehearsal, "/apps/playhouse-staging/dynos")?.status, 200);
    rehearsal.heal();
    rehearsal.inject(Fault::headers("/apps/**", "X-Heroku-Warning", "The stack is old"));
    let heard = get(&rehearsal, APP)?;
    assert_eq!((heard.status, heard.header("x-heroku-warning")), (200, Some("The stack is old")));
    Ok(())
}

#[test]
fn broken_connections_and_bodies() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    rehearsal.inject(Fault::reset("GET /apps/*").times(1));
    let heard = get(&rehearsal, APP)?;
    assert_eq!((heard.status, heard.head.len(), heard.body.len()), (0, 0, 0));
    let whole = get(&rehearsal, APP)?.body.len();
    rehearsal.inject(Fault::truncate("GET /apps/*").times(1));
    let heard = get(&rehearsal, APP)?;
    assert_eq!(heard.header("content-length"), Some(&*whole.to_string()));
    assert_eq!((heard.status, heard.body.len()), (200, whole / 2));
    rehearsal.inject(Fault::garble("GET /apps/*").times(1));
    let heard = get(&rehearsal, APP)?;
    assert_eq!(heard.header("content-length"), Some(&*(whole / 2).to_string()));
    assert_eq!((heard.status, heard.json()), (200, Value::Null));
    assert_eq!(get(&rehearsal, APP)?.status, 200);
    Ok(())
}

#[test]
fn slow_late_and_missing_responses() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    rehearsal.inject(Fault::slow("GET /apps/*", Duration::from_millis(120)).times(1));
    let start = Instant::now();
    assert_eq!(get(&rehearsal, APP)?.status, 200);
    assert!(start.elapsed() >= Duration::from_millis(120));
    // Carried out although the client has disconnected.
    rehearsal.inject(Fault::late("PATCH /apps/*", Duration::from_millis(50)).times(1));
    let mut stream = TcpStream::connect(("127.0.0.1", rehearsal.port()))?;
    let (token, body) = (rehearsal.token(), json!({ "maintenance": true }).to_string());
    let head = format!("Host: localhost\r\nAuthorization: Bearer {token}\r\nAccept: {V3}");
    write!(stream, "PATCH {APP} HTTP/1.1\r\n{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())?;
    common::wait("the request", || rehearsal.exchanges().len() == 2);
    drop(stream);
    common::wait("its effect", || rehearsal.call("GET", APP, None).1["maintenance"] == true);
    rehearsal.inject(Fault::hang("GET /apps/*"));
    let mut stream = TcpStream::connect(("127.0.0.1", rehearsal.port()))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(stream, "GET {APP} HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    common::wait("the request", || rehearsal.exchanges().len() == 3);
    assert_eq!(rehearsal.exchanges()[2].status, 0);
    // A rehearsal closes its connections when it ends.
    drop(rehearsal);
    assert_eq!(stream.read(&mut [0; 16])?, 0);
    Ok(())
}

#[test]
fn two_factor_codes_are_required() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    rehearsal.inject(Fault::two_factor("PATCH /apps/*", "123456", false));
    let body = json!({ "maintenance": true }).to_string();
    let change = |headers: &[(&str, &str)]| ask_with(&rehearsal, V3, "PATCH", APP, headers, &body);
    let refused = change(&[])?;
    assert_eq!((refused.status, &refused.json()["id"]), (403, &json!("two_factor")));
    assert!(refused.json().get("app").is_none());
    assert_eq!(change(&[("Heroku-Two-Factor-Code", "000000")])?.status, 403);
    assert_eq!(change(&[("Heroku-Two-Factor-Code", "123456")])?.status, 200);
    rehearsal.heal();
    rehearsal.inject(Fault::two_factor("PATCH /apps/*", "123456", true));
    assert_eq!(change(&[])?.json()["app"]["name"], "playhouse-staging");
    let path = "/apps/playhouse-staging/pre-authorizations";
    let code = |code| ask_with(&rehearsal, V3, "PUT", path, &[("Heroku-Two-Factor-Code", code)], "");
    assert_eq!(code("000000")?.status, 403);
    assert_eq!(code("123456")?.status, 200);
    assert_eq!(change(&[])?.status, 200);
    Ok(())
}

#[test]
fn the_panel_over_http() -> io::Result<()> {
    let rehearsal = Rehearsal::start()?;
    let faults = json!([{ "kind": "answer", "route": "GET /apps", "status": 503, "times": 1 }]).to_string();
    assert_eq!(raw(&rehearsal, "POST", "/_rehearsal/faults", &[], &faults)?.status, 201);
    assert_eq!(get(&rehearsal, "/apps")?.status, 503);
    assert_eq!(raw(&rehearsal, "GET", "/_rehearsal/faults", &[], "")?.json(), json!([]));
    assert_eq!(raw(&rehearsal, "POST", "/_rehearsal/faults", &[], "{\"kind\": \"mischief\"}")?.status, 422);
    raw(&rehearsal, "POST", "/_rehearsal/faults", &[], &faults)?;
    assert_eq!(raw(&rehearsal, "DELETE", "/_rehearsal/faults", &[], "")?.status, 200);
    assert_eq!(get(&rehearsal, "/apps?a=b")?.status, 200);
    ask(&rehearsal, V3, "PATCH", APP, "{\"maintenance\":false}")?;
    let seen = raw(&rehearsal, "GET", "/_rehearsal/exchanges", &[], "")?.json();
    assert_eq!(seen.as_array().map(Vec::len), Some(3));
    assert_eq!((&seen[0]["status"], &seen[1]["path"]), (&json!(503), &json!("/apps?a=b")));
    assert_eq!(seen[2]["headers"]["authorization"], "[present]");
    assert_eq!((&seen[2]["method"], &seen[2]["body"]), (&json!("PATCH"), &json!({ "maintenance": false })));
    assert_eq!(seen[2]["answer"]["name"], "playhouse-staging");
    assert!(!seen.to_string().contains(rehearsal.token()));
    Ok(())
}
