//! One-off dynos over the wire: a client with TLS of its own, a real shell, and faults.
#![cfg(unix)]

#[path = "../common/mod.rs"]
mod common;
mod ending;
mod faults;
mod running;

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{V3, ask, wait};
use rehearsal::{Fault, Rehearsal, Sandbox, Settings, history};
use serde_json::{Value, json};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const STAGING: &str = "playhouse-staging";
const DYNOS: &str = "/apps/playhouse-staging/dynos";

/// What ends a command whose exit status a client wants to know.
const MARK: &str = " ; echo \"\u{ffff} heroku-command-exit-status: $?\"";

fn start(rehearsal: &Rehearsal, body: &Value) -> Result<Value> {
    let heard = ask(rehearsal, V3, "POST", DYNOS, &body.to_string())?;
    assert_eq!(heard.status, 201, "{}", heard.text());
    Ok(heard.json())
}

/// Creates an attached dyno.
fn attached(rehearsal: &Rehearsal, command: &str, more: &Value) -> Result<Value> {
    let mut body = json!({ "command": command, "attach": true });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    start(rehearsal, &body)
}

type Client = StreamOwned<ClientConnection, TcpStream>;

/// Connects to a dyno over TLS and sends the secret.
fn connect(rehearsal: &Rehearsal, dyno: &Value) -> Result<Client> {
    let url = dyno["attach_url"].as_str().ok_or("no attach URL")?;
    let (address, secret) =
        url.strip_prefix("rendezvous://").and_then(|url| url.split_once('/')).ok_or(url)?;
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(rehearsal.certificate())?)?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connection = ClientConnection::new(Arc::new(config), ServerName::try_from("127.0.0.1")?)?;
    let mut client = StreamOwned::new(connection, stream);
    client.write_all(format!("{secret}\r\n").as_bytes())?;
    client.flush()?;
    Ok(client)
}

/// Reads to the end, which must be an end of TLS.
fn read(client: &mut Client) -> Result<String> {
    let mut bytes = Vec::new();
    client.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Runs a command and returns everything after the handshake.
fn run(rehearsal: &Rehearsal, command: &str, more: &Value) -> Result<String> {
    let dyno = attached(rehearsal, command, more)?;
    let all = read(&mut connect(rehearsal, &dyno)?)?;
    Ok(all.strip_prefix("rendezvous\r\n").ok_or(all.clone())?.to_owned())
}

fn log(rehearsal: &Rehearsal) -> Result<String> {
    let body = json!({ "lines": 200 }).to_string();
    let session = ask(rehearsal, V3, "POST", "/apps/playhouse-staging/log-sessions", &body)?.json();
    let url = session["logplex_url"].as_str().unwrap_or_default();
    let path = url.strip_prefix(&rehearsal.url()).unwrap_or_default();
    Ok(common::raw(rehearsal, "GET", path, &[], "")?.text())
}

/// The one-off dynos that the API lists.
fn running(rehearsal: &Rehearsal) -> Vec<Value> {
    let dynos = rehearsal.call("GET", DYNOS, None).1;
    dynos.as_array().into_iter().flatten().filter(|dyno| dyno["type"] == "run").cloned().collect()
}
