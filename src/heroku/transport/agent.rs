//! The HTTP agent: TLS, proxies and deadlines.

use std::sync::Arc;
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use ureq::{Agent, Proxy, ProxyProtocol, Timeout};

use super::origin::Origin;
use super::wire::WatchedConnector;
use crate::terminal::Terminal;

/// How long a connection may take, TLS and proxy included; and, before that, the look-up of its host.
const CONNECT: Duration = Duration::from_secs(10);

/// An agent for the API at `api` that gives each exchange `time`, from the look-up of the host to the last byte of the
/// answer.
///
/// Nothing is looked up or opened yet. Redirects are left to the caller, which knows where the token may go, and
/// statuses are answers, not errors.
pub(super) fn new(api: &Origin, time: Duration, terminal: &Terminal) -> Agent {
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    let config = Config::builder()
        .tls_config(tls)
        .proxy(if api.is_loopback() { None } else { proxy(terminal) })
        .user_agent(concat!("greenroom/", env!("CARGO_PKG_VERSION")))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_resolve(Some(CONNECT))
        .timeout_connect(Some(CONNECT))
        .timeout_per_call(Some(time))
        .timeout_per_write(Some(time))
        .build();
    let names = Names { system: DefaultResolver::default(), are_local: api.is_loopback() };
    Agent::with_parts(config, WatchedConnector::default(), names)
}

/// The proxy that `ALL_PROXY`, `HTTPS_PROXY` or `HTTP_PROXY` names, in either case; ureq heeds `NO_PROXY`.
fn proxy(terminal: &Terminal) -> Option<Proxy> {
    let proxy = Proxy::try_from_env()?;
    if matches!(proxy.protocol(), ProxyProtocol::Http | ProxyProtocol::Https) {
        return Some(proxy);
    }
    terminal.warn("the environment names a SOCKS proxy; only HTTP proxies can be used, so it is left out");
    None
}

/// The system's name resolution, whose errors are kept apart from connection errors.
#[derive(Debug)]
struct Names {
    system: DefaultResolver,
    /// Whether there is nothing to look up: a deadline would cost a thread.
    are_local: bool,
}

/// A host whose address could not be found: nothing was sent.
#[derive(Debug)]
pub(super) struct Unresolved;

impl std::fmt::Display for Unresolved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("its address cannot be found")
    }
}

impl std::error::Error for Unresolved {}

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let timeout = if self.are_local { NextTimeout::default() } else { timeout };
        self.system.resolve(uri, config, timeout).map_err(|error| match error {
            ureq::Error::Io(_) | ureq::Error::HostNotFound => ureq::Error::Other(Box::new(Unresolved)),
            ureq::Error::Timeout(_) => ureq::Error::Timeout(Timeout::Resolve),
            other => other,
        })
    }
}
