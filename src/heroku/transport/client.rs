//! The client: what the rest of greenroom asks of the API.

use std::fmt::Display;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::Agent;
use ureq::http::{HeaderMap, Method};

use super::exchange::Request;
use super::notices::Notices;
use super::origin::Origin;
use super::two_factor::SecondFactor;
use super::{Accept, Lookup, agent, curl, headers};
use crate::error::{Error, Result};
use crate::heroku::change::StaleList;
use crate::heroku::credentials::{self, Token};
use crate::terminal::{Progress, Terminal};
use crate::variable;

/// How long an exchange may take, from the look-up of the host to the last byte of the answer, unless `GREENROOM_TIMEOUT`
/// says otherwise.
const TIME: Duration = Duration::from_secs(30);

/// A way to the Platform API with one token. Connections are opened when first needed and kept.
///
/// Requests that are safe to repeat (GET, and filters) are: after network faults, 429 and 5xx, up to four times in
/// about ten seconds, each time with a line on stderr; but not after a part of the answer came too slowly. Others are repeated only if nothing of them was sent. A
/// refusal carries [`ApiError`](super::ApiError); 401, 402 and 403 are exit 4, a deadline that passed is exit 6.
pub struct Client {
    pub(super) terminal: Terminal,
    pub(in crate::heroku) api: Origin,
    pub(super) token: Token,
    pub(in crate::heroku) extra: HeaderMap,
    pub(super) agent: Agent,
    pub(super) time: Duration,
    pub(super) deadline: Mutex<Option<Instant>>,
    pub(super) notices: Notices,
    pub(super) second_factor: SecondFactor,
    /// The lists of names that this client's changes made stale, each with its app.
    pub(in crate::heroku) stale: Arc<Mutex<Vec<StaleList>>>,
}

impl Client {
    /// Finds the API's host (`HEROKU_HOST`) and the token; the network is not touched.
    ///
    /// Without a token it is exit 4, with [`NotLoggedIn`](crate::heroku::NotLoggedIn) in the error; a variable that makes no
    /// sense is exit 2.
    pub fn new(terminal: &Terminal) -> Result<Self> {
        Self::in_environment(terminal, &|name| std::env::var_os(name))
    }

    /// The same, in an environment that need not be the process's.
    pub(super) fn in_environment(terminal: &Terminal, env: Lookup) -> Result<Self> {
        let api = Origin::of_api(env)?;
        let time = variable::seconds("GREENROOM_TIMEOUT", env("GREENROOM_TIMEOUT").as_deref(), TIME)?;
        Ok(Self {
            extra: headers::extra(env)?,
            token: credentials::find(&api.machine(), env)?,
            agent: agent::new(&api, time, terminal),
            time,
            deadline: Mutex::default(),
            api,
            terminal: terminal.clone(),
            notices: Notices::default(),
            second_factor: SecondFactor::default(),
            stale: Arc::default(),
        })
    }

    /// The same with this token.
    pub(in crate::heroku) fn with_token(terminal: &Terminal, token: Token) -> Result<Self> {
        // The environment's own token is not looked for: this stands for it until the other takes its place.
        let env = |name: &str| match name {
            "HEROKU_API_KEY" => Some("-".into()),
            name => std::env::var_os(name),
        };
        Ok(Self { token, ..Self::in_environment(terminal, &env)? })
    }

    /// The same for the data API, which knows the databases: another host (`HEROKU_DATA_HOST`), with the same token.
    ///
    /// A host that is not Heroku's is exit 2.
    pub fn for_data(&self) -> Result<Self> {
        Ok(Self {
            terminal: self.terminal.clone(),
            api: self.api.of_data(&|name| std::env::var_os(name))?,
            token: self.token.clone(),
            extra: self.extra.clone(),
            agent: self.agent.clone(),
            time: self.time,
            deadline: Mutex::default(),
            notices: Notices::default(),
            second_factor: SecondFactor::default(),
            stale: Arc::clone(&self.stale),
        })
    }

    /// How long one answer is awaited.
    pub fn timeout(&self) -> Duration {
        self.time
    }

    /// Reads one thing.
    pub fn get<T: DeserializeOwned>(&self, path: &str, accept: Accept) -> Result<T> {
        self.one(&self.request(Method::GET, path, accept, None)?)
    }

    /// The same, and the answer's `Date` header as it was sent.
    pub(in crate::heroku) fn get_dated<T: DeserializeOwned>(
        &self,
        path: &str,
        accept: Accept,
    ) -> Result<(T, Option<String>)> {
        let request = self.request(Method::GET, path, accept, None)?;
        let mut value = None;
        let answer = self.exchange(&request, &mut |answer| {
            value = Some(serde_json::from_slice(answer.json())?);
            Ok(())
        })?;
        let value = value.ok_or_else(|| Error::failed(format!("{request}: no answer")))?;
        Ok((value, answer.header("date").map(str::to_owned)))
    }

    /// Where the token was found, such as `the netrc file`.
    pub fn token_source(&self) -> impl Display {
        self.token.source()
    }

    /// Whether this is the client's token.
    pub(in crate::heroku) fn is_own_token(&self, token: &str) -> bool {
        self.token.is(token)
    }

    /// The host and port of the proxy that requests go through; none without one.
    pub fn proxy(&self) -> Option<String> {
        let proxy = self.agent.config().proxy()?;
        Some(format!("{}:{}", proxy.host(), proxy.port()))
    }

    /// Reads an optional resource once; `None` if that fails for any reason.
    pub fn glance<T: DeserializeOwned>(&self, path: &str, accept: Accept) -> Option<T> {
        let request = self.request(Method::GET, path, accept, None).ok()?;
        let mut value = None;
        let answer = self.attempt(&request, None, &mut |answer| {
            value = Some(serde_json::from_slice(answer.json())?);
            Ok(())
        });
        answer.ok().and(value)
    }

    /// Sends a request that changes something. A body that is JSON's `null` is not sent. `repeatable` says
    /// whether it is repeated like [`Client::get`].
    pub(in crate::heroku) fn submit<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        accept: Accept,
        body: &Value,
        repeatable: bool,
    ) -> Result<T> {
        let request = self.request(method, path, accept, Some(json(body)?))?;
        self.one(&Request { repeatable, ..request })
    }

    /// Asks with a POST that changes nothing of an app, such as for a log session, which ends by itself: repeated like
    /// [`Client::get`].
    pub fn post_repeatable<T, B>(&self, path: &str, accept: Accept, body: &B) -> Result<T>
    where
        T: DeserializeOwned,
        B: Serialize + ?Sized,
    {
        let request = self.request(Method::POST, path, accept, Some(json(body)?))?;
        self.one(&Request { repeatable: true, ..request })
    }

    /// Asks with a POST that changes nothing, for a list with what is left out of each entry unless it is asked for:
    /// `include`, such as `config_vars`. Repeated like [`Client::get`].
    pub(in crate::heroku) fn ask_including<T, B>(
        &self,
        path: &str,
        accept: Accept,
        body: &B,
        include: &'static str,
    ) -> Result<T>
    where
        T: DeserializeOwned,
        B: Serialize + ?Sized,
    {
        let request = self.request(Method::POST, path, accept, Some(json(body)?))?;
        self.one(&Request { include: Some(("accept-inclusion", include)), repeatable: true, ..request })
    }

    /// The request as a `curl` line that can be pasted, without the token: for dry runs.
    pub fn describe<B: Serialize + ?Sized>(
        &self,
        method: &str,
        path: &str,
        accept: Accept,
        body: Option<&B>,
    ) -> String {
        let body = body.and_then(|body| serde_json::to_string(body).ok()).filter(|body| body != "null");
        curl::line(
            method,
            &format!("{}{path}", self.api),
            accept.header(),
            body.as_deref(),
            self.token.source(),
        )
    }

    /// Shows that `what` is being waited for; see [`Terminal::progress`].
    pub(in crate::heroku) fn progress(&self, what: impl Into<String>) -> Progress {
        self.terminal.progress(what)
    }

    pub(super) fn request<'a>(
        &self,
        method: Method,
        path: &'a str,
        accept: Accept,
        body: Option<Vec<u8>>,
    ) -> Result<Request<'a>> {
        // Behind `https://api.heroku.com`, a path such as `@evil.org` would be another host.
        if !path.starts_with('/') {
            return Err(Error::failed(format!("`{path}` is not a path on {}", self.api)));
        }
        let repeatable = method == Method::GET;
        Ok(Request { method, path, accept, include: None, range: None, body, repeatable })
    }

    pub(super) fn one<T: DeserializeOwned>(&self, request: &Request) -> Result<T> {
        let mut value = None;
        self.exchange(request, &mut |answer| {
            value = Some(serde_json::from_slice(answer.json())?);
            Ok(())
        })?;
        value.ok_or_else(|| Error::failed(format!("{request}: no answer")))
    }
}

/// The body's JSON; `null` stands for no body.
pub(super) fn json<B: Serialize + ?Sized>(body: &B) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(body)?;
    Ok(if json == b"null" { Vec::new() } else { json })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::test_server::{Server, answer};
    use super::*;
    use crate::error::Kind;

    #[test]
    fn a_client_can_be_shared() {
        fn shared<T: Sync + Send>() {}
        shared::<Client>();
    }

    #[test]
    fn a_request_says_who_asks_and_what_for() {
        let server = Server::answering([answer(200, "", r#"{"name":"x"}"#)]);
        let client = server.client_with(&[("HEROKU_HEADERS", r#"{"X-Test":"1"}"#)]).unwrap();
        let app: Value = client.get("/apps/x", Accept::Sdk).unwrap();
        assert_eq!(app["name"], "x");
        let request = &server.requests()[0];
        assert!(request.starts_with("get /apps/x http/1.1\r\n"), "{request}");
        for line in [
            "accept: application/vnd.heroku+json; version=3.sdk",
            "accept-encoding: gzip",
            "authorization: bearer token",
            concat!("user-agent: greenroom/", env!("CARGO_PKG_VERSION")),
            "x-test: 1",
        ] {
            assert!(request.lines().any(|sent| sent == line), "{line} is not in {request}");
        }
        assert!(request.contains("\r\nrequest-id: ") && !request.contains("content-"), "{request}");
    }

    #[test]
    fn a_body_is_compact_json_and_none_has_no_length() {
        let server = Server::answering([answer(201, "", "{}"), answer(202, "", "")]);
        let client = server.client();
        client
            .submit::<Value>(Method::POST, "/apps", Accept::V3, &json!({"name": "x", "space": null}), false)
            .unwrap();
        client
            .submit::<Value>(
                Method::POST,
                "/apps/x/dynos/web.1/actions/stop",
                Accept::Sdk,
                &Value::Null,
                false,
            )
            .unwrap();
        let requests = server.requests();
        assert!(requests[0].contains("content-type: application/json\r\n"));
        assert!(requests[0].ends_with("\r\n\r\n{\"name\":\"x\",\"space\":null}"), "{}", requests[0]);
        assert!(requests[1].contains("content-length: 0\r\n") && !requests[1].contains("content-type"));
    }

    #[test]
    fn a_glance_is_taken_once() {
        let server = Server::answering([answer(503, "", ""), answer(200, "", "{"), answer(200, "", "1")]);
        let client = server.client();
        let glances = [(); 4].map(|()| client.glance::<u8>("/apps/x", Accept::Sdk));
        assert_eq!(glances, [None, None, Some(1), None]);
        assert_eq!(server.requests().len(), 3);
    }

    #[test]
    fn a_dry_run_shows_no_token() {
        let server = Server::answering([""; 0]);
        let line =
            server.client().describe("PATCH", "/apps/x", Accept::V3, Some(&json!({"maintenance": true})));
        let url = &server.url;
        let accept = "'Accept: application/vnd.heroku+json; version=3'";
        assert_eq!(
            line,
            format!(
                "curl -X PATCH {url}/apps/x -H \"Authorization: Bearer $HEROKU_API_KEY\" -H {accept} -H 'Content-Type: application/json' -d '{{\"maintenance\":true}}'"
            )
        );
        assert!(server.client().describe::<()>("GET", "/apps/x", Accept::V3, None).ends_with(accept));
    }

    #[test]
    fn a_path_cannot_name_another_host() {
        let server = Server::answering([""; 0]);
        for path in ["@127.0.0.2/", "1/", "", "http://127.0.0.2/"] {
            assert!(
                server
                    .client()
                    .get::<Value>(path, Accept::V3)
                    .unwrap_err()
                    .to_string()
                    .contains("not a path")
            );
        }
    }

    #[test]
    fn a_deadline_that_is_no_number_is_a_usage_error() {
        let server = Server::answering([""; 0]);
        for value in ["soon", "0", "-1", "nan", "inf"] {
            let error = server.client_with(&[("GREENROOM_TIMEOUT", value)]).err().unwrap();
            assert_eq!(error.kind(), Kind::Usage, "{value}");
        }
    }
}
