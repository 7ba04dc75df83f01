//! One request and its answer: what is sent where, redirects, and repeating where that is safe.

use std::fmt;
use std::thread;
use std::time::Instant;

use ureq::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RANGE};
use ureq::http::{self, HeaderValue, Method};

use super::Accept;
use super::answer::Answer;
use super::api_error::{self, ApiError};
use super::client::Client;
use super::fault::Fault;
use super::headers::request_id;
use super::origin::Origin;
use super::retry::{ATTEMPTS, Attempts};
use crate::error::{Error, Result};

/// Redirects that are followed for one GET, as many as the official CLI follows.
const REDIRECTS: usize = 10;

/// The largest answer that is read. A page of 1000 apps has about 2 MB.
const LARGEST: u64 = 64 << 20;

/// A request to the API.
pub(super) struct Request<'a> {
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) accept: Accept,
    /// What is to be in the answer besides: the `Accept-Inclusion` header.
    pub(super) include: Option<&'static str>,
    pub(super) range: Option<String>,
    pub(super) body: Option<Vec<u8>>,
    /// Whether sending it twice does what sending it once does.
    pub(super) repeatable: bool,
}

impl fmt::Display for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// Takes the value out of a successful answer.
pub(super) type Decode<'a> = &'a mut dyn FnMut(&Answer) -> serde_json::Result<()>;

impl Client {
    /// Sends a request until it is answered, asks for the second factor if it must, and gives the successful answer,
    /// which `decode` has read.
    pub(super) fn exchange(&self, request: &Request, decode: Decode) -> Result<Answer> {
        let mut answer = self.persist(request, None, decode)?;
        if self.terminal.can_ask() && ApiError::of(&answer).is_some_and(|error| error.wants_second_factor()) {
            let ask = || self.terminal.ask("Two-factor code:");
            answer = self.with_second_factor(request, answer, &ask, decode)?;
        }
        if answer.is_success() { Ok(answer) } else { Err(self.refusal(request, &answer)) }
    }

    /// The error for an answer that is not a success.
    pub(super) fn refusal(&self, request: &Request, answer: &Answer) -> Error {
        api_error::refusal(answer, &request.to_string(), self.api.host(), self.token.source())
    }

    /// Sends a request, with a two-factor code if there is one, again where that is safe, and gives its last answer.
    pub(super) fn persist(
        &self,
        request: &Request,
        code: Option<&HeaderValue>,
        decode: Decode,
    ) -> Result<Answer> {
        let _progress = self.terminal.progress(self.api.host());
        let mut attempts = Attempts::begin();
        loop {
            let outcome = self.attempt(request, code, decode);
            let (reason, asked_for) = match &outcome {
                Ok(answer) if request.repeatable && answer.may_pass() => {
                    (format!("HTTP {}", answer.status), answer.retry_after())
                }
                Err(fault) if fault.before_sending() || (request.repeatable && fault.may_pass()) => {
                    (fault.to_string(), None)
                }
                _ => return outcome.map_err(|fault| self.failure(request, fault)),
            };
            let Some((number, pause)) = attempts.next(asked_for) else {
                return outcome.map_err(|fault| self.failure(request, fault));
            };
            self.terminal.status(&format!("{request}: {reason}; trying again ({number} of {ATTEMPTS})"));
            thread::sleep(pause);
        }
    }

    fn failure(&self, request: &Request, fault: Fault) -> Error {
        let unknown = !request.repeatable && !fault.before_sending();
        let proxy = self.agent.config().proxy().filter(|_| fault.is_of_the_way());
        let mut error = fault.into_error(self.api.host(), &request.to_string());
        if let Some(proxy) = proxy {
            let (host, port) = (proxy.host(), proxy.port());
            error =
                error.hint(format!("the environment sends it through the proxy {host}:{port}; see NO_PROXY"));
        }
        if unknown {
            error.unsure().hint("it may have been done all the same: look before you repeat it")
        } else {
            error
        }
    }

    /// Sends a request once, follows its redirects, and reads its answer to the end.
    pub(super) fn attempt(
        &self,
        request: &Request,
        code: Option<&HeaderValue>,
        decode: Decode,
    ) -> Result<Answer, Fault> {
        let mut url = format!("{}{}", self.api, request.path);
        for _ in 0..=REDIRECTS {
            let answer = self.send(request, &url, code)?;
            let Some(location) = answer.location() else {
                if answer.is_success() {
                    decode(&answer)?;
                }
                return Ok(answer);
            };
            url = self.follow(request, &url, location)?;
        }
        Err(Fault::Redirect(format!("redirects more than {REDIRECTS} times")))
    }

    /// The URL that a redirect leads to, if the request may be taken there.
    fn follow(&self, request: &Request, from: &str, location: &str) -> Result<String, Fault> {
        if request.method != Method::GET {
            return Err(Fault::Redirect(format!("redirects a {}, which is not followed", request.method)));
        }
        let from = Origin::of_url(from);
        let url = match (from, location) {
            (Some(from), path) if path.starts_with('/') && !path.starts_with("//") => format!("{from}{path}"),
            _ => location.to_owned(),
        };
        match Origin::of_url(&url) {
            Some(target) if self.api.may_hand_out(&target) => Ok(url),
            _ => Err(Fault::Redirect("redirects to where greenroom does not go".to_owned())),
        }
    }

    /// Sends a request to `url` and reads the answer.
    fn send(&self, request: &Request, url: &str, code: Option<&HeaderValue>) -> Result<Answer, Fault> {
        let is_api = Origin::of_url(url).as_ref() == Some(&self.api);
        let head = self.head(request, url, code.filter(|_| is_api), is_api)?;
        self.terminal
            .detail(|| format!("→ {} {}", request.method, if is_api { url } else { "(redirected)" }));
        let begun = Instant::now();
        let response = match &request.body {
            Some(body) => self.agent.run(head.body(body.as_slice())?),
            None => self.agent.run(head.body(())?),
        }?;
        let (head, body) = response.into_parts();
        let body = body.into_with_config().limit(LARGEST).read_to_vec()?;
        let answer = Answer { status: head.status.as_u16(), headers: head.headers, body };
        self.terminal.detail(|| {
            let id = answer.header("request-id").map(|id| format!(", request id {id}")).unwrap_or_default();
            format!("← {} in {} ms{id}", answer.status, begun.elapsed().as_millis())
        });
        if is_api {
            for text in self.notices.new_in(&answer) {
                self.terminal.warn(&text);
            }
        }
        Ok(answer)
    }

    /// The request's head. What is meant for the API alone, the token first of all, is in it only if `is_api`.
    fn head(
        &self,
        request: &Request,
        url: &str,
        code: Option<&HeaderValue>,
        is_api: bool,
    ) -> Result<http::request::Builder, http::Error> {
        let mut head = http::Request::builder().method(&request.method).uri(url);
        let Some(headers) = head.headers_mut() else { return Ok(head) };
        if is_api {
            headers.clone_from(&self.extra);
            headers.insert(AUTHORIZATION, self.token.header_value());
            headers.insert("request-id", HeaderValue::try_from(request_id())?);
        }
        if let Some(code) = code {
            headers.insert("heroku-two-factor-code", code.clone());
        }
        headers.insert(ACCEPT, HeaderValue::from_static(request.accept.header()));
        if let Some(include) = request.include {
            headers.insert("accept-inclusion", HeaderValue::from_static(include));
        }
        if let Some(range) = &request.range {
            headers.insert(RANGE, HeaderValue::from_str(range)?);
        }
        if request.body.as_ref().is_some_and(|body| !body.is_empty()) {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        Ok(head)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::Value;

    use super::super::test_server::{CLOSE, HANG, Server, answer};
    use super::*;
    use crate::error::Kind;

    fn get(server: &Server) -> Result<Value> {
        server.client().get("/apps/x", Accept::V3)
    }

    fn post(server: &Server) -> Result<Value> {
        server.client().post("/apps/x", Accept::V3, &1)
    }

    fn report(error: &Error) -> String {
        let mut out = anstream::AutoStream::never(Vec::new());
        error.report(&mut out);
        String::from_utf8(out.into_inner()).unwrap()
    }

    #[test]
    fn a_get_is_repeated_after_what_may_pass() {
        let short = "HTTP/1.1 200 OK\r\ncontent-length: 20\r\nconnection: close\r\n\r\n{\"a\":";
        let unsaid = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"a\":";
        for trouble in [CLOSE, HANG, short, unsaid, &answer(500, "", ""), &answer(429, "retry-after: 0", "")]
        {
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
    fn a_get_is_not_repeated_where_it_is_of_no_use() {
        for (status, headers) in [(404, ""), (422, ""), (501, ""), (429, "retry-after: 60")] {
            let server = Server::answering([&answer(status, headers, "{}"); 2]);
            assert!(get(&server).is_err());
            assert_eq!(server.requests().len(), 1, "{status}");
        }
        let server = Server::answering([&answer(200, "", "<html>"); 2]);
        let text = report(&get(&server).unwrap_err());
        let first = "error: the answer to GET /apps/x is not what the Platform API documents\n  caused by: GET /apps/x: ";
        assert!(text.starts_with(first), "{text}");
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
    fn a_deadline_is_exit_6_and_says_that_a_post_may_have_been_done() {
        let server = Server::answering([HANG]);
        let error = post(&server).unwrap_err();
        assert_eq!(error.kind(), Kind::TimedOut);
        let text = report(&error);
        assert!(
            text.starts_with("error: no whole answer from 127.0.0.1: timed out waiting for it\n"),
            "{text}"
        );
        assert!(text.contains("hint: it may have been done all the same"), "{text}");
    }

    #[test]
    fn what_was_never_sent_is_sent_again_even_if_it_is_a_post() {
        // Found by asking a port that nobody listens on.
        let server = Server::answering([""; 0]);
        std::thread::sleep(Duration::from_millis(50));
        let begun = Instant::now();
        let text = report(&post(&server).unwrap_err());
        assert!(begun.elapsed() >= Duration::from_millis(1400), "{:?}", begun.elapsed());
        assert_eq!(text, "error: cannot reach 127.0.0.1: connection refused\n  caused by: POST /apps/x\n");
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
        assert!(
            requests[1].starts_with("get /apps/y ") && requests[1].contains("authorization: bearer token")
        );
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
}
