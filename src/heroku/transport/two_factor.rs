//! The second factor: a code that the user types, sent to the API for an app, or with the request itself.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use ureq::http::{HeaderValue, Method};

use super::Accept;
use super::answer::Answer;
use super::api_error::ApiError;
use super::client::Client;
use super::exchange::{Decode, Request};
use crate::error::{Error, Result};

/// The number of codes that are asked for.
const TRIES: usize = 3;

/// The apps with an accepted code; locked during the question, so that parallel requests ask once.
#[derive(Debug, Default)]
pub(super) struct SecondFactor {
    apps: Mutex<HashSet<String>>,
}

impl Client {
    /// The answer to a request that was `denied` for want of a second factor: `ask` gives the code.
    ///
    /// A denial that names an app takes `PUT /apps/APP/pre-authorizations` with the code, and then the same request again; one
    /// that names none takes the request with the code. The official CLI does the same.
    pub(super) fn with_second_factor(
        &self,
        request: &Request,
        denied: Answer,
        ask: &dyn Fn() -> Result<String>,
        decode: Decode,
    ) -> Result<Answer> {
        let mut apps = self.second_factor.apps.lock().unwrap_or_else(PoisonError::into_inner);
        let mut denied = denied;
        for _ in 0..TRIES {
            let Some(error) = ApiError::of(&denied).filter(ApiError::wants_second_factor) else { break };
            let Some(app) = error.app else {
                denied = self.send_with_retries(request, Some(&code(ask)?), decode)?;
                continue;
            };
            if !apps.remove(&app) {
                let accepted = self.pre_authorize(&app, &code(ask)?)?;
                if !accepted {
                    continue;
                }
            }
            denied = self.send_with_retries(request, None, decode)?;
            if denied.is_success() {
                apps.insert(app);
            }
        }
        Ok(denied)
    }

    /// Sends the code for an app; false if it is not accepted.
    fn pre_authorize(&self, app: &str, code: &HeaderValue) -> Result<bool> {
        let path = format!("/apps/{app}/pre-authorizations");
        let request = Request {
            method: Method::PUT,
            path: &path,
            accept: Accept::V3,
            include: None,
            range: None,
            body: Some(Vec::new()),
            repeatable: false,
        };
        let answer = self.send_with_retries(&request, Some(code), &mut |_| Ok(()))?;
        if answer.is_success() {
            return Ok(true);
        }
        if ApiError::of(&answer).is_some_and(|error| error.wants_second_factor()) {
            return Ok(false);
        }
        Err(self.refusal(&request, &answer))
    }
}

fn code(ask: &dyn Fn() -> Result<String>) -> Result<HeaderValue> {
    let typed = ask()?;
    let code = typed.trim();
    match HeaderValue::from_str(code) {
        Ok(mut value) if !code.is_empty() => {
            value.set_sensitive(true);
            Ok(value)
        }
        _ => Err(Error::denied("that is not a two-factor code")),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::super::test_server::{Server, answer};
    use super::*;

    const FOR_AN_APP: &str =
        r#"{"id":"two_factor","message":"A second factor is needed.","app":{"name":"x"}}"#;
    const FOR_NONE: &str = r#"{"id":"two_factor","message":"A second factor is needed."}"#;

    /// The status in the end, and how often a code was asked for.
    fn outcome(server: &Server) -> Result<(u16, usize)> {
        let client = server.client();
        let request = Request {
            method: Method::DELETE,
            path: "/apps/x",
            accept: Accept::V3,
            include: None,
            range: None,
            body: None,
            repeatable: false,
        };
        let asked = Cell::new(0);
        let ask = || {
            asked.set(asked.get() + 1);
            Ok(" 123456 ".to_owned())
        };
        let denied = client.send_with_retries(&request, None, &mut |_| Ok(()))?;
        let answer = client.with_second_factor(&request, denied, &ask, &mut |_| Ok(()))?;
        Ok((answer.status, asked.get()))
    }

    #[test]
    fn an_app_is_pre_authorized_and_the_request_repeated_without_the_code() {
        let server =
            Server::answering([answer(403, "", FOR_AN_APP), answer(200, "", "{}"), answer(200, "", "{}")]);
        assert_eq!(outcome(&server).unwrap(), (200, 1));
        let requests = server.requests();
        assert!(requests[1].starts_with("put /apps/x/pre-authorizations "));
        assert!(requests[1].contains("heroku-two-factor-code: 123456\r\n"));
        assert!(requests[1].contains("content-length: 0\r\n"));
        assert!(requests[2].starts_with("delete /apps/x ") && !requests[2].contains("two-factor"));
    }

    #[test]
    fn a_request_for_no_app_is_repeated_with_the_code() {
        let server = Server::answering([answer(403, "", FOR_NONE), answer(200, "", "{}")]);
        assert_eq!(outcome(&server).unwrap(), (200, 1));
        assert!(server.requests()[1].contains("heroku-two-factor-code: 123456\r\n"));
    }

    #[test]
    fn three_codes_are_asked_for() {
        let server = Server::answering([&answer(403, "", FOR_NONE); 5]);
        assert_eq!(outcome(&server).unwrap(), (403, 3));
        let server = Server::answering([&answer(403, "", FOR_AN_APP); 5]);
        assert_eq!(outcome(&server).unwrap(), (403, 3));
    }

    #[test]
    fn another_refusal_of_the_code_is_an_error() {
        let server = Server::answering([answer(403, "", FOR_AN_APP), answer(422, "", "{}")]);
        assert!(outcome(&server).unwrap_err().to_string().contains("pre-authorizations"));
    }
}
