//! Rendezvous: the TLS connection to the streams of an attached dyno.
//!
//! The address is a secret that Heroku gives out once. The connection is made to Heroku's hosts only, or on loopback if the
//! API is there too; proxies are not used. Whoever connects says the secret on a line, and is answered with a line
//! once the dyno is attached. From then on both directions are the dyno's terminal, until one side closes.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use ureq::http::Uri;

use super::Client;
use super::one_off_dynos::OneOffDyno;
use super::transport::Origin;
use crate::error::{Context as _, Error, Result};

/// How long a connection may take, and then TLS.
const CONNECT: Duration = Duration::from_secs(10);

/// How long a connection may be silent before the system asks whether the other side is still there; and how long what
/// was sent may stay without an answer.
#[cfg(unix)]
const KEEP_ALIVE: Duration = Duration::from_secs(30);
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNANSWERED_MILLISECONDS: u32 = 120_000;

/// The variable that names further trusted certificates. The official CLI, as every program of Node's, reads it too.
const MORE_ROOTS: &str = "NODE_EXTRA_CA_CERTS";

/// Where an attached dyno's streams are.
pub enum Attachment {
    /// At a rendezvous server.
    Rendezvous(Address),
    /// Behind SSH, as in a private space: only the Heroku CLI goes there.
    Ssh,
}

/// A rendezvous server, and the secret that it knows the dyno by.
pub struct Address {
    host: String,
    port: u16,
    is_loopback: bool,
    secret: String,
}

impl Client {
    /// Where the dyno's streams are. An error if that is no place to connect to.
    pub fn attachment(&self, dyno: &OneOffDyno) -> Result<Attachment> {
        let url = dyno.attach_url.as_deref();
        let url =
            url.ok_or_else(|| Error::failed(format!("Heroku gave no address to attach to {}", dyno.name)))?;
        attachment(&self.api, url)
    }
}

fn attachment(api: &Origin, url: &str) -> Result<Attachment> {
    // The URL itself is in no message.
    let unsafe_url = || Error::failed("Heroku gave an address to attach to that cannot be opened safely");
    let uri: Uri = url.parse().map_err(|_| unsafe_url())?;
    if matches!(uri.scheme_str(), Some("http" | "https")) {
        return Ok(Attachment::Ssh);
    }
    let authority = uri.authority().ok_or_else(unsafe_url)?;
    let port = authority.port_u16().ok_or_else(unsafe_url)?;
    let server = Origin::of_url(&format!("https://{authority}")).ok_or_else(unsafe_url)?;
    let secret = uri.path_and_query().map_or("", |path| path.as_str()).trim_start_matches('/').to_owned();
    if secret.is_empty() {
        return Err(unsafe_url());
    }
    let is_loopback = server.is_loopback();
    if !server.may_hold_token() || (is_loopback && !api.is_loopback()) {
        return Err(Error::failed(format!(
            "Heroku gave an address to attach to on {}, which is not a host of Heroku's",
            server.host()
        )));
    }
    let host = server.host().trim_matches(['[', ']']).to_owned();
    Ok(Attachment::Rendezvous(Address { host, port, is_loopback, secret }))
}

/// A connection to a rendezvous server. It does not block.
pub struct Rendezvous {
    tcp: TcpStream,
    tls: ClientConnection,
}

/// What reading led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// There may be more later.
    Open,
    /// The other side has closed.
    Closed,
}

impl Rendezvous {
    /// Connects, and says the secret.
    pub fn connect(to: &Address) -> Result<Self> {
        let failed = || format!("cannot connect to the dyno by way of {}", to.host);
        let mut tls = tls_session(to).context(failed)?;
        let mut tcp = open(to).context(failed)?;
        while tls.is_handshaking() {
            tls.complete_io(&mut tcp).map_err(not_in_time).context(failed)?;
        }
        tls.writer().write_all(format!("{}\r\n", to.secret).as_bytes())?;
        while tls.wants_write() {
            tls.write_tls(&mut tcp).map_err(not_in_time).context(failed)?;
        }
        tcp.set_nonblocking(true)?;
        keep_alive(&tcp);
        Ok(Self { tcp, tls })
    }

    /// The connection, to be waited for.
    pub fn socket(&self) -> &TcpStream {
        &self.tcp
    }

    /// Reads what has come, at most a few kilobytes at a time, and appends it to `to`.
    pub fn read(&mut self, to: &mut Vec<u8>) -> io::Result<Incoming> {
        let received = match self.tls.read_tls(&mut self.tcp) {
            Ok(received) => received,
            Err(error) if is_temporary(&error) => return Ok(Incoming::Open),
            Err(error) => return Err(error),
        };
        let state = self.tls.process_new_packets().map_err(io::Error::other)?;
        let begun = to.len();
        to.resize(begun + state.plaintext_bytes_to_read(), 0);
        self.tls.reader().read_exact(&mut to[begun..])?;
        let is_closed = received == 0 || state.peer_has_closed();
        Ok(if is_closed { Incoming::Closed } else { Incoming::Open })
    }

    /// Takes what of `bytes` there is room for, and sends what can be sent now; how many were taken.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = if bytes.is_empty() { 0 } else { self.tls.writer().write(bytes)? };
        self.send()?;
        Ok(taken)
    }

    /// Whether something waits until the connection takes it.
    pub fn is_sending(&self) -> bool {
        self.tls.wants_write()
    }

    /// Tells the other side that nothing more comes.
    pub fn close(&mut self) {
        self.tls.send_close_notify();
        // The other side may be gone.
        _ = self.send();
    }

    fn send(&mut self) -> io::Result<()> {
        while self.tls.wants_write() {
            match self.tls.write_tls(&mut self.tcp) {
                Ok(_) => {}
                Err(error) if is_temporary(&error) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn is_temporary(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

/// A deadline of a blocking socket reads as if there were merely nothing yet.
fn not_in_time(error: io::Error) -> io::Error {
    if is_temporary(&error) {
        return io::Error::new(
            ErrorKind::TimedOut,
            format!("no answer within {} seconds", CONNECT.as_secs()),
        );
    }
    error
}

fn open(to: &Address) -> io::Result<TcpStream> {
    let mut failure = io::Error::new(ErrorKind::NotFound, "its address cannot be found");
    for address in (to.host.as_str(), to.port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, CONNECT) {
            Ok(tcp) => {
                tcp.set_nodelay(true)?;
                tcp.set_read_timeout(Some(CONNECT))?;
                tcp.set_write_timeout(Some(CONNECT))?;
                return Ok(tcp);
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

#[cfg(unix)]
fn keep_alive(tcp: &TcpStream) {
    use rustix::net::sockopt;
    // Where the system does not know one of them, a connection that is cut is noticed later.
    _ = sockopt::set_socket_keepalive(tcp, true);
    _ = sockopt::set_tcp_keepidle(tcp, KEEP_ALIVE);
    _ = sockopt::set_tcp_keepintvl(tcp, KEEP_ALIVE);
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        _ = sockopt::set_tcp_user_timeout(tcp, UNANSWERED_MILLISECONDS);
    }
}

#[cfg(not(unix))]
fn keep_alive(_: &TcpStream) {}

/// A TLS session that trusts what the system trusts. On loopback it trusts the certificates of [`MORE_ROOTS`] instead.
fn tls_session(to: &Address) -> Result<ClientConnection> {
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(Arc::clone(&ring)).with_safe_default_protocol_versions()?;
    let more = std::env::var_os(MORE_ROOTS).filter(|file| to.is_loopback && !file.is_empty());
    let config = if let Some(file) = more {
        let mut roots = RootCertStore::empty();
        let unread = || format!("cannot read the certificates in {}", file.display());
        for certificate in CertificateDer::pem_file_iter(&file).context(unread)? {
            roots.add(certificate.context(unread)?)?;
        }
        builder.with_root_certificates(roots)
    } else {
        let system: Arc<dyn ServerCertVerifier> = Arc::new(rustls_platform_verifier::Verifier::new(ring)?);
        builder.dangerous().with_custom_certificate_verifier(system)
    };
    let name = ServerName::try_from(to.host.clone())?;
    Ok(ClientConnection::new(Arc::new(config.with_no_client_auth()), name)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(api: &str, url: &str) -> Result<Attachment> {
        attachment(&Origin::of_url(api).unwrap(), url)
    }

    #[test]
    fn a_rendezvous_is_at_heroku_or_with_the_api_on_loopback() {
        let heroku = "https://api.heroku.com";
        let Attachment::Rendezvous(to) =
            at(heroku, "rendezvous://rendezvous.runtime.heroku.com:5000/abc?d=e").unwrap()
        else {
            panic!("no rendezvous")
        };
        assert_eq!(
            (to.host.as_str(), to.port, to.secret.as_str()),
            ("rendezvous.runtime.heroku.com", 5000, "abc?d=e")
        );
        let local = "rendezvous://127.0.0.1:5000/abc";
        assert!(at(heroku, local).is_err());
        assert!(at("http://127.0.0.1:1", local).is_ok());
        assert!(at("http://127.0.0.1:1", "tcp://[::1]:5000/abc").is_ok());
        assert!(matches!(at(heroku, "https://space.example.com/x"), Ok(Attachment::Ssh)));
    }

    #[test]
    fn every_other_address_is_refused_and_its_secret_not_shown() {
        for url in [
            "rendezvous://evil.example.com:5000/secret",
            "rendezvous://heroku.com.evil.com:5000/secret",
            "rendezvous://a@rendezvous.heroku.com:5000/secret",
            "rendezvous://rendezvous.heroku.com/secret",
            "rendezvous://rendezvous.heroku.com:x/secret",
            "rendezvous://rendezvous.heroku.com:5000/",
            "rendezvous://rendezvous.heroku.com:5000",
            "secret",
            "",
        ] {
            let error = at("http://127.0.0.1:1", url).err().unwrap();
            assert!(!error.to_string().contains("secret"), "{url}");
        }
    }
}
