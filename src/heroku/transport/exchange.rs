//! One request and its response: redirects, and retries where they are safe.

use std::fmt;
use std::io::Read;
use std::thread;
use std::time::{Duration, Instant};

use ureq::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, RANGE};
use ureq::http::{self, HeaderValue, Method};
use ureq::{AsSendBody, Body};

use super::Accept;
use super::answer::Answer;
use super::api_error::{self, ApiError};
use super::client::Client;
use super::fault::Fault;
use super::headers::request_id;
use super::origin::Origin;
use super::retry::{ATTEMPTS, Attempts};
use crate::error::{Error, Result};
use crate::hint::Hint;

/// Redirects that are followed for one GET, as many as the official CLI follows.
const REDIRECTS: usize = 10;

/// The largest body that is read, as it is when it is unpacked. A page of 1000 apps has about 2 MB.
pub(super) const LARGEST: usize = 64 << 20;

/// The same for an error response, which has a few hundred bytes.
const LARGEST_ERROR: usize = 1 << 20;

/// A request to the API.
pub(super) struct Request<'a> {
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) accept: Accept,
    /// What is to be in the answer besides: a header, such as `accept-inclusion`, and its value.
    pub(super) include: Option<(&'static str, &'static str)>,
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
        let mut answer = self.send_with_retries(request, None, decode)?;
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

    /// Sends a request, with a two-factor code if given, retries it where that is safe, and returns the last response.
    pub(super) fn send_with_retries(
        &self,
        request: &Request,
        code: Option<&HeaderValue>,
        decode: Decode,
    ) -> Result<Answer> {
        let _progress = self.terminal.progress(self.api.host());
        let mut attempts = Attempts::begin(self.deadline_of(request));
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
        let too_short = !unknown && fault.waited() == Some(self.time);
        let mut error = fault.into_error(&self.api, &request.to_string());
        if too_short {
            let more = (self.time * 2).as_secs_f32().to_string();
            error = error.hint(Hint::script("GREENROOM_TIMEOUT={}", [[more]]).note("gives it more time"));
        }
        if let Some(proxy) = proxy {
            let (host, port) = (proxy.host(), proxy.port());
            error = error.hint(Hint::text(format!(
                "the environment sends it through the proxy {host}:{port}; see NO_PROXY"
            )));
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
                    decode(&answer).map_err(|error| Fault::of_json(error, &answer))?;
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
        let (begun, time) = (Instant::now(), self.time_for(request));
        let response = match &request.body {
            Some(body) => self.run(head.body(body.as_slice())?, time),
            None => self.run(head.body(())?, time),
        };
        let (head, body) = response.map_err(|error| Fault::in_time(error, time))?.into_parts();
        let body = read(body, head.status.is_success(), time)?;
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

    fn run<B: AsSendBody>(
        &self,
        request: http::Request<B>,
        time: Duration,
    ) -> Result<http::Response<Body>, ureq::Error> {
        if time == self.time {
            return self.agent.run(request);
        }
        self.agent.run(self.agent.configure_request(request).timeout_per_call(Some(time)).build())
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
        if let Some((header, include)) = request.include {
            headers.insert(header, HeaderValue::from_static(include));
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

/// Reads a body to its end. Of what is no success the beginning is enough: an error that is too large is none.
fn read(body: Body, success: bool, time: Duration) -> Result<Vec<u8>, Fault> {
    let most = if success { LARGEST } else { LARGEST_ERROR };
    let mut bytes = Vec::new();
    let mut reader = body.into_reader().take(most as u64 + 1);
    // The decompressed size is counted.
    reader.read_to_end(&mut bytes).map_err(|error| Fault::in_body(error.into(), time))?;
    if bytes.len() > most {
        if success {
            return Err(Fault::TooLarge);
        }
        bytes.clear();
    }
    Ok(bytes)
}

#[cfg(test)]
#[path = "exchange_tests.rs"]
mod tests;
