//! Errors of the API.

use std::fmt;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::answer::Answer;
use super::fault::{IN_BETWEEN, STATUS};
use super::{Accept, curl};
use crate::error::{Error, Kind};
use crate::heroku::credentials::Source;
use crate::hint::Hint;

/// The Platform API's error object: `id` is one of its documented words (`not_found`, `rate_limit`, …).
///
/// Found in an error with `error.downcast_ref::<ApiError>()`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// The word for the error; empty where the API gave none.
    pub id: String,
    /// The sentence for a person.
    pub message: String,
    /// Where to read more.
    pub url: Option<String>,
    /// The name of the app that it is about.
    pub app: Option<String>,
    /// The kind of thing that was not found.
    pub resource: Option<String>,
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message.trim())
    }
}

/// A status that came without the API's error object, such as a router's 502 or an ended log session's 404.
///
/// Found in an error with `error.downcast_ref::<HttpStatus>()`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpStatus {
    /// The HTTP status.
    pub status: u16,
    /// The host that gave it.
    pub host: String,
}

impl fmt::Display for HttpStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {} from {}", self.status, self.host)
    }
}

impl ApiError {
    /// Whether the API refused and would refuse again: a 4xx other than 408 and 429.
    pub fn is_refusal(error: &Error) -> bool {
        let refusal = error.downcast_ref::<Self>();
        refusal.is_some_and(|refusal| {
            matches!(refusal.status, 400..=499) && !matches!(refusal.status, 408 | 429)
        })
    }

    /// Whether the request may have gone through in spite of `error`: the response was lost, or Heroku failed.
    pub fn leaves_open(error: &Error) -> bool {
        error.may_have_been_done() || Self::status_of(error).is_some_and(|status| status >= 500)
    }

    /// The HTTP status of a response that was an error, with or without the API's error object.
    pub fn status_of(error: &Error) -> Option<u16> {
        let told = error.downcast_ref::<Self>().map(|refusal| refusal.status);
        told.or_else(|| Some(error.downcast_ref::<HttpStatus>()?.status))
    }

    /// Whether the API refused this request only, so that another may succeed. An invalid token or a rate limit refuses all of
    /// them.
    pub fn is_about_one_thing(error: &Error) -> bool {
        error.downcast_ref::<Self>().is_some_and(|refusal| matches!(refusal.status, 402..=404 | 410 | 451))
    }

    /// Whether the name of a new app is taken, also by an app that the account may not see.
    pub fn is_about_a_taken_name(error: &Error) -> bool {
        error
            .downcast_ref::<Self>()
            .is_some_and(|refusal| refusal.status == 422 && refusal.message.contains("taken"))
    }

    /// Whether it is a 404 that may mean the app, rather than something else that was named.
    pub fn may_miss_the_app(&self) -> bool {
        self.status == 404 && self.resource.as_deref().is_none_or(|resource| resource == "app")
    }

    /// Adds `hint` to a 404 that is about something other than the app.
    pub fn hint_where_missing(error: Error, hint: impl Into<Hint>) -> Error {
        let refusal = error.downcast_ref::<Self>();
        if refusal.is_some_and(|refusal| refusal.status == 404 && !refusal.may_miss_the_app()) {
            return error.hint(hint);
        }
        error
    }

    /// The error object of an answer, if its body is one.
    pub(super) fn of(answer: &Answer) -> Option<Self> {
        if answer.is_success() {
            return None;
        }
        let object: ErrorObject = serde_json::from_slice(&answer.body).ok()?;
        Some(Self {
            status: answer.status,
            id: object.id.known().unwrap_or_default(),
            message: object.message.known()?,
            url: object.url.known(),
            app: object.app.known().and_then(|app| app.name.known()),
            resource: object.resource.known(),
        })
    }

    /// Whether the request wants a second factor.
    pub(super) fn wants_second_factor(&self) -> bool {
        self.status == 403 && self.id == "two_factor"
    }
}

/// The API's error object. Any field may be missing.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorObject {
    id: Field<String>,
    message: Field<String>,
    url: Field<String>,
    app: Field<ErrorApp>,
    resource: Field<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorApp {
    name: Field<String>,
}

/// A field that is left out if it has another type.
#[derive(Deserialize)]
#[serde(untagged)]
enum Field<T> {
    Known(T),
    Other(IgnoredAny),
}

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self::Other(IgnoredAny)
    }
}

impl<T> Field<T> {
    fn known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Other(_) => None,
        }
    }
}

/// The error for an answer that is not a success: what the API says, or the bare status, and behind it the request.
pub(super) fn refusal(answer: &Answer, request: &str, host: &str, source: Source) -> Error {
    let api = ApiError::of(answer);
    let kind = match answer.status {
        401..=403 => Kind::Denied,
        _ => Kind::Failed,
    };
    let mut cause = format!("{request}: HTTP {}", answer.status);
    if let Some(api) = api.as_ref().filter(|api| !api.id.is_empty()) {
        cause = format!("{cause} {}", api.id);
    }
    if answer.status >= 500
        && let Some(id) = answer.header("request-id")
    {
        cause = format!("{cause}, request id {id}");
    }
    let error = Error::new(kind, cause);
    let error = match api {
        Some(api) => {
            let url = api.url.clone().filter(|url| !url.is_empty());
            let error = with_hints(error.context(api.clone()), answer.status, &api.id, source);
            return url.into_iter().fold(error, |error, url| error.hint(Hint::text(format!("see {url}"))));
        }
        None => error.context(HttpStatus { status: answer.status, host: host.to_owned() }),
    };
    // Heroku's own routers answer a failure with a page and a 5xx.
    let error = if answer.is_web_page() && answer.status < 500 { error.hint(IN_BETWEEN) } else { error };
    with_hints(error, answer.status, "", source)
}

/// Adds hints for this kind of refusal.
fn with_hints(error: Error, status: u16, id: &str, source: Source) -> Error {
    match (status, id) {
        (401, _) if source == Source::ApiKey => {
            error.hint("HEROKU_API_KEY is not valid: set another one, or `unset HEROKU_API_KEY`")
        }
        (401, _) => error.hint(Hint::heroku(["login"])),
        (402, _) => error.hint("https://dashboard.heroku.com/account/billing"),
        (403, "two_factor") => error.hint("run it in a terminal, where the two-factor code can be asked for"),
        (403, _) => error.hint(Hint::heroku(["auth:whoami"]).note("is this the account that has access?")),
        (429, _) => error.hint("wait a minute or two: about 75 requests a minute are given back").hint(
            Hint::text(curl::line(
                "GET",
                "https://api.heroku.com/account/rate-limits",
                Accept::V3.header(),
                None,
                source,
            )),
        ),
        (500.., _) => error.hint(Hint::from(STATUS).note("its support wants the request id")),
        // The API's `id` says what is missing or in the way.
        (404 | 409 | 410 | 422, id) if !id.is_empty() => error,
        _ => error.hint(
            "--verbose shows the request and its id, which Heroku's support wants: https://help.heroku.com",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        let mut headers = ureq::http::HeaderMap::new();
        headers.insert("request-id", "r-1".parse().unwrap());
        Answer { status, headers, body: body.as_bytes().to_vec() }
    }

    fn report(error: &Error) -> String {
        let mut out = anstream::AutoStream::never(Vec::new());
        crate::terminal::report(error, &mut out);
        String::from_utf8(out.into_inner()).unwrap()
    }

    #[test]
    fn the_message_comes_first_and_the_request_last() {
        let body =
            r#"{"id":"not_found","message":"Couldn't find that app.","resource":"app","app":{"name":"x"}}"#;
        let error = refusal(&answer(404, body), "GET /apps/x", "api.heroku.com", Source::Netrc);
        assert_eq!(
            report(&error),
            "error: Couldn't find that app.\n  caused by: GET /apps/x: HTTP 404 not_found\n"
        );
        let api = error.downcast_ref::<ApiError>().unwrap();
        assert_eq!((api.resource.as_deref(), api.app.as_deref()), (Some("app"), Some("x")));
        assert_eq!(error.kind(), Kind::Failed);
    }

    #[test]
    fn a_body_that_is_no_error_object_is_not_shown() {
        for body in ["<html><h1>Bad gateway</h1>", "", "[1]", "{\"message\":1}"] {
            let error = refusal(&answer(502, body), "GET /apps/x", "api.heroku.com", Source::Netrc);
            assert!(report(&error).starts_with(
                "error: HTTP 502 from api.heroku.com\n  caused by: GET /apps/x: HTTP 502, request id r-1\n"
            ));
            assert_eq!(error.downcast_ref::<HttpStatus>().unwrap().status, 502);
        }
    }

    #[test]
    fn fields_of_another_type_are_left_out() {
        let of = |body: &str| ApiError::of(&answer(422, body));
        let error =
            of(r#"{"id":1,"message":"No.","url":null,"app":[{}],"resource":{"deep":[[[]]]}}"#).unwrap();
        assert_eq!((error.id.as_str(), error.message.as_str()), ("", "No."));
        assert_eq!((error.url, error.app, error.resource), (None, None, None));
        assert_eq!(of(r#"{"message":"No.","app":{"name":"x","id":2}}"#).unwrap().app.as_deref(), Some("x"));
        assert!(of(r#"{"message":{}}"#).is_none() && of("[]").is_none() && of("null").is_none());
        assert!(ApiError::of(&answer(200, r#"{"message":"No."}"#)).is_none(), "not even looked at");
    }

    #[test]
    fn an_html_page_is_blamed_on_the_network() {
        let of = |status| {
            refusal(&answer(status, " <!doctype html>"), "GET /apps/x", "api.heroku.com", Source::Netrc)
        };
        assert!(report(&of(403)).contains("hint: a proxy, or the sign-in page"));
        assert!(!report(&of(503)).contains("proxy"), "Heroku's own routers fail so");
    }

    #[test]
    fn kinds_and_hints_follow_the_status() {
        let of = |status, source| refusal(&answer(status, ""), "GET /apps/x", "api.heroku.com", source);
        for status in [401, 402, 403] {
            assert_eq!(of(status, Source::Netrc).kind(), Kind::Denied);
        }
        for status in [404, 409, 410, 422, 429, 500] {
            assert_eq!(of(status, Source::Netrc).kind(), Kind::Failed);
        }
        assert!(report(&of(401, Source::Netrc)).contains("hint: heroku login"));
        assert!(report(&of(401, Source::ApiKey)).contains("unset HEROKU_API_KEY"));
        assert!(report(&of(429, Source::Netrc)).contains("/account/rate-limits"));
        assert!(report(&of(403, Source::Netrc)).contains("hint: heroku auth:whoami   # is this"));
        for status in [400, 418, 503] {
            assert!(report(&of(status, Source::Netrc)).contains("support wants"), "{status}");
        }
    }
}
