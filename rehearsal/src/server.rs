//! The path of a request: recorded, affected by faults, authenticated, answered, and the answer recorded.

use std::convert::Infallible;
use std::time::Duration;

use futures_util::stream;
use hyper::Request;
use hyper::body::{Bytes, Incoming};
use hyper::http::request::Parts;
use hyper::http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::databases::store;
use crate::faults::Fault;
use crate::http::answer::Answer;
use crate::http::body::{self, Body, Response};
use crate::http::call::Call;
use crate::http::exchange::Exchange;
use crate::http::range;
use crate::state::{Shared, lock};
use crate::{git, panel, routes, sources, streams};

/// Answers one request.
pub(crate) async fn serve(shared: Shared, request: Request<Incoming>) -> Result<Response, Infallible> {
    let (parts, body) = request.into_parts();
    let bytes = body::read(body).await;
    let is_git = parts.uri.path().contains(".git/");
    let call = Call::new(&parts, if is_git { &[] } else { &bytes });
    if call.path.starts_with("/_rehearsal") {
        let answer = panel::answer(&mut lock(&shared), &call);
        return Ok(on_the_wire(&shared, answer, None));
    }
    let place = record(&shared, &call);
    // Half of the time for the request, and half for the answer.
    let way = lock(&shared).settings.latency / 2;
    travel(way).await;
    let response = perform(&shared, &call, &parts, bytes, place).await;
    travel(way).await;
    let state = &mut *lock(&shared);
    state.exchanges[place].ended_ms = Some(state.elapsed_ms());
    Ok(response)
}

async fn travel(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

/// The answer of the API, of git or of a stream, with faults.
async fn perform(shared: &Shared, call: &Call, parts: &Parts, bytes: Bytes, place: usize) -> Response {
    let met = lock(shared).faults.meet(&call.method, &call.path);
    let mut response = None;
    for fault in &met {
        match fault {
            Fault::Slow { delay_ms, .. } => tokio::time::sleep(Duration::from_millis(*delay_ms)).await,
            Fault::Hang { .. } => std::future::pending().await,
            Fault::Late { delay_ms, .. } => {
                let (shared, call, delay) = (shared.clone(), call.clone(), Duration::from_millis(*delay_ms));
                // In a task of its own: the client may have disconnected by then.
                tokio::spawn(async move {
                    tokio::time::sleep(delay).await;
                    api(&shared, &call);
                });
                std::future::pending::<()>().await;
            }
            Fault::Reset { .. } => return Response::new(broken(None)),
            Fault::Answer { status, body, headers, .. } => {
                let mut answer = Answer::usual(*status);
                if let Some(body) = body {
                    answer.body = body.clone();
                }
                answer.headers.extend(headers.clone());
                response = Some(on_the_wire(shared, answer, Some(place)));
            }
            Fault::TwoFactor { code, app, .. } => {
                let refusal = second_factor(shared, call, code, *app);
                response = refusal.map(|refusal| on_the_wire(shared, refusal, Some(place)));
            }
            _ => {}
        }
    }
    let response = match response {
        Some(response) => response,
        None => direct(shared, call, parts, bytes, place, &met).await,
    };
    spoil(response, &met).await
}

/// The answer without faults.
async fn direct(
    shared: &Shared,
    call: &Call,
    parts: &Parts,
    bytes: Bytes,
    place: usize,
    met: &[Fault],
) -> Response {
    let response = if call.path.contains(".git/") {
        git::serve(shared, call, bytes).await
    } else if let Some(secret) = call.path.strip_prefix("/logs/") {
        streams::logs(shared, call, secret, met)
    } else if let Some(secret) = call.path.strip_prefix("/streams/") {
        streams::output(shared, call, secret, met)
    } else if let Some(secret) = call.path.strip_prefix("/backup-store/") {
        store::serve(shared, call, secret, met)
    } else if let Some(secret) = call.path.strip_prefix("/source-blobs/") {
        sources::serve(shared, call, secret, bytes)
    } else {
        let answer = api(shared, call);
        let fresh = answer.status == 200 && parts.method == "GET";
        if fresh && call.header("if-none-match").is_some_and(|tag| tag == answer.etag() || tag == "*") {
            let tag = answer.etag();
            return on_the_wire(shared, Answer::new(304, Value::Null).with("ETag", tag), Some(place));
        }
        return on_the_wire(shared, answer, Some(place));
    };
    lock(shared).exchanges[place].status = response.status().as_u16();
    response
}

/// The answer of the Platform API, or of the data API, whose lists are not paged.
fn api(shared: &Shared, call: &Call) -> Answer {
    let mut state = lock(shared);
    // The official CLI sends the token as a password for webhooks.
    if !call.bears(&state.settings.token) && !call.has_password(&state.settings.token) {
        return Answer::usual(401);
    }
    if !call.speaks_version_3() {
        return Answer::usual(406);
    }
    state.remaining = state.remaining.saturating_sub(u32::from(call.path != "/account/rate-limits"));
    let answer = routes::answer(&mut state, call);
    let in_pages = call.method == "GET" && !call.path.starts_with("/client/");
    if in_pages { range::page(answer, call.header("range")) } else { answer }
}

/// Records a request and returns its index among the exchanges.
fn record(shared: &Shared, call: &Call) -> usize {
    let mut headers = call.headers.clone();
    if let Some(value) = headers.get_mut("authorization") {
        "[present]".clone_into(value);
    }
    let query = if call.query.is_empty() { String::new() } else { format!("?{}", call.query) };
    let mut state = lock(shared);
    let started_ms = state.elapsed_ms();
    state.exchanges.push(Exchange {
        method: call.method.clone(),
        path: format!("{}{query}", call.path),
        headers,
        body: call.body.clone(),
        status: 0,
        answer_headers: std::collections::BTreeMap::new(),
        answer: Value::Null,
        started_ms,
        ended_ms: None,
    });
    state.exchanges.len() - 1
}

/// 403 unless the two-factor code was sent with the request or before it.
fn second_factor(shared: &Shared, call: &Call, code: &str, names_app: bool) -> Option<Answer> {
    if call.header("heroku-two-factor-code") == Some(code) {
        return None;
    }
    let state = lock(shared);
    let segments = call.segments();
    let word = match segments.first().map(String::as_str) {
        Some("apps") => segments.get(1).cloned(),
        _ => call.body["targets"][0]["app"]["id"].as_str().map(str::to_owned),
    };
    let app = word.and_then(|word| state.app(&word).ok()).map(|place| state.apps[place].brief());
    let name = app.as_ref().and_then(|app| app["name"].as_str()).unwrap_or_default();
    if state.preauthorized.contains(name) {
        return None;
    }
    let mut body = json!({
        "id": "two_factor",
        "message": "A second authentication factor or pre-authorization is required for this request. \
                    Your account has two-factor authentication enabled.",
    });
    if let (true, Some(app)) = (names_app, app) {
        body["app"] = app;
    }
    Some(Answer::new(403, body))
}

/// Turns an answer into HTTP with the common headers, and completes its record.
fn on_the_wire(shared: &Shared, answer: Answer, place: Option<usize>) -> Response {
    let mut state = lock(shared);
    let html = answer.body.as_str().map(str::to_owned);
    let text = match (&html, answer.status) {
        (Some(html), _) => html.clone(),
        (None, 304) => String::new(),
        (None, _) => answer.body.to_string(),
    };
    let mut headers: Vec<(String, String)> = vec![
        ("Content-Type".to_owned(), if html.is_some() { "text/html" } else { "application/json" }.to_owned()),
        ("Request-Id".to_owned(), state.request_ids.uuid()),
        ("RateLimit-Remaining".to_owned(), state.remaining.to_string()),
        ("Cache-Control".to_owned(), "private, no-cache".to_owned()),
        ("Vary".to_owned(), "Accept-Encoding".to_owned()),
    ];
    if answer.status == 200 {
        headers.push(("ETag".to_owned(), answer.etag()));
    }
    headers.extend(answer.headers);
    if let Some(exchange) = place.and_then(|place| state.exchanges.get_mut(place)) {
        exchange.status = answer.status;
        exchange.answer = answer.body;
        exchange.answer_headers =
            headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
    }
    let mut response = Response::new(body::whole(text));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    add_headers(&mut response, headers);
    response
}

fn add_headers(response: &mut Response, headers: impl IntoIterator<Item = (String, String)>) {
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            response.headers_mut().insert(name, value);
        }
    }
}

/// Applies faults to an answer.
async fn spoil(mut response: Response, met: &[Fault]) -> Response {
    for fault in met {
        match fault {
            Fault::Headers { headers, .. } => add_headers(&mut response, headers.clone()),
            Fault::Truncate { .. } => {
                let (mut parts, body) = response.into_parts();
                let bytes = body::read(body).await;
                parts.headers.insert("content-length", HeaderValue::from(bytes.len()));
                response = Response::from_parts(parts, broken(Some(bytes.slice(..bytes.len() / 2))));
            }
            Fault::Garble { .. } => {
                let (parts, body) = response.into_parts();
                let bytes = body::read(body).await;
                response = Response::from_parts(parts, body::whole(bytes.slice(..bytes.len() / 2)));
            }
            _ => {}
        }
    }
    response
}

/// A body that breaks the connection: after `head`, or before the status line is sent.
fn broken(head: Option<Bytes>) -> Body {
    body::stream(stream::unfold(head.as_ref().map_or(0, |_| 2), move |left| {
        let head = head.clone();
        async move {
            match (left, head) {
                (2, Some(head)) => Some((Ok(head), 1)),
                (step, _) => {
                    if step == 1 {
                        // Earlier output must have been sent before the connection is closed.
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    Some((Err(std::io::Error::other("a fault closes the connection")), 0))
                }
            }
        }
    }))
}
