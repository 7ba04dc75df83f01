//! A running rehearsal: the server on its thread.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{fs, io};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::certificate::Certificate;
use crate::faults::Fault;
use crate::folder::Folder;
use crate::http::call::Call;
use crate::http::exchange::Exchange;
use crate::settings::Settings;
use crate::state::{Ports, Shared, State, lock};
use crate::{faults, one_off, panel, routes, server};

/// A server on a thread of its own, until it is dropped. Then it stops at once, its child processes are killed and its
/// folders are removed.
#[derive(Debug)]
pub struct Rehearsal {
    shared: Shared,
    port: u16,
    token: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    folder: Folder,
}

/// The file with the certificate, in the folder of a rehearsal.
const CERTIFICATE: &str = "certificate.pem";

impl Rehearsal {
    /// Starts on a free port, at the pace of tests.
    pub fn start() -> io::Result<Self> {
        Self::start_with(Settings::default())
    }

    /// Starts with settings. Fails if the port is in use or temporary files cannot be created.
    pub fn start_with(settings: Settings) -> io::Result<Self> {
        let folder = Folder::new()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, settings.port))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let rendezvous = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        rendezvous.set_nonblocking(true)?;
        let ports = Ports { api: port, rendezvous: rendezvous.local_addr()?.port() };
        let certificate = Certificate::new()?;
        fs::write(folder.path().join(CERTIFICATE), &certificate.pem)?;
        let token = settings.token.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let shared = State::playhouse(settings, ports, folder.path().to_owned(), handle);
        let (stop, stopped) = oneshot::channel();
        let state = shared.clone();
        let thread = thread::Builder::new().name("rehearsal".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    () = run(state, listener, rendezvous, certificate.acceptor) => {}
                }
            });
            // Ends open connections and kills children.
            runtime.shutdown_background();
        })?;
        Ok(Self { shared, port, token, stop: Some(stop), thread: Some(thread), folder })
    }

    /// `http://127.0.0.1:PORT`, for `HEROKU_HOST`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The API key that is accepted, for `HEROKU_API_KEY`.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The PEM file with the certificate of the rendezvous server, for `NODE_EXTRA_CA_CERTS`.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join(CERTIFICATE)
    }

    /// Adds a fault; same as `POST /_rehearsal/faults`.
    pub fn inject(&self, fault: Fault) {
        lock(&self.shared).faults.add(fault);
    }

    /// Removes all faults; same as `DELETE /_rehearsal/faults`.
    pub fn heal(&self) {
        lock(&self.shared).faults.clear();
    }

    /// All requests so far, in order of arrival.
    pub fn exchanges(&self) -> Vec<Exchange> {
        lock(&self.shared).exchanges.clone()
    }

    /// The number of requests so far that match a route such as `GET /apps/*/releases`.
    pub fn count(&self, route: &str) -> usize {
        let state = lock(&self.shared);
        let path = |exchange: &Exchange| exchange.path.split('?').next().unwrap_or_default().to_owned();
        let met = |exchange: &&Exchange| faults::matches(route, &exchange.method, &path(exchange));
        state.exchanges.iter().filter(met).count()
    }

    /// Asks the API or the panel directly: no socket, no credentials, no faults, no record, no pages. The path may
    /// have a query. Gives status and JSON.
    pub fn call(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let call = Call {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: BTreeMap::new(),
            body: body.unwrap_or(Value::Null),
        };
        let mut state = lock(&self.shared);
        let answer = if path.starts_with("/_rehearsal") {
            panel::answer(&mut state, &call)
        } else {
            routes::answer(&mut state, &call)
        };
        (answer.status, answer.body)
    }
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn run(shared: Shared, listener: TcpListener, rendezvous: TcpListener, acceptor: TlsAcceptor) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let Ok(rendezvous) = tokio::net::TcpListener::from_std(rendezvous) else { return };
    tokio::select! {
        () = answer(&shared, &listener) => {}
        () = one_off::rendezvous::serve(&shared, &rendezvous, &acceptor) => {}
        () = chatter(shared.clone()) => {}
    }
}

/// Serves every connection, each by itself.
async fn answer(shared: &Shared, listener: &tokio::net::TcpListener) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Too many files are open, perhaps: some will be closed.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        // One small write must not wait for the acknowledgement of another.
        _ = stream.set_nodelay(true);
        let state = shared.clone();
        let service = service_fn(move |request| server::serve(state.clone(), request));
        // A client that goes away is no fault of ours.
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

/// Lets every app that is tailed write a line now and then.
async fn chatter(shared: Shared) {
    let interval = lock(&shared).settings.log_interval;
    loop {
        tokio::time::sleep(interval).await;
        for app in &mut lock(&shared).apps {
            if app.log.tails > 0 {
                let host = app.host();
                app.log.chatter(&host, std::time::SystemTime::now());
            }
        }
    }
}
