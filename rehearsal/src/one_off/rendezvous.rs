//! The rendezvous server: TLS on a port of its own, where a client meets its dyno. It sends the secret of its attach URL
//! and CR LF; the dyno answers when it is there (`docs/heroku.md#one-off-dynos`).

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::faults::Fault;
use crate::state::one_off::Connection;
use crate::state::{Shared, lock};

/// How long a client may take to send its secret.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest line that is read, in bytes.
const LONGEST: usize = 1024;

/// Serves every client, each by itself.
pub(crate) async fn serve(shared: &Shared, listener: &TcpListener, acceptor: &TlsAcceptor) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Too many files are open, perhaps: some will be closed.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        if lock(shared).faults.occur(|fault| matches!(fault, Fault::RefuseTls { .. })).is_some() {
            continue;
        }
        let (shared, acceptor) = (shared.clone(), acceptor.clone());
        tokio::spawn(async move {
            let met = tokio::time::timeout(PATIENCE, meet(&acceptor, stream)).await;
            let Ok(Ok((secret, mut connection))) = met else { return };
            let dyno = lock(&shared).awaiting.remove(&secret);
            match dyno {
                // The dyno may have given up.
                Some(dyno) => drop(dyno.send(connection)),
                None => drop(connection.stream.shutdown().await),
            }
        });
    }
}

/// Reads the secret of a new client.
async fn meet(acceptor: &TlsAcceptor, stream: TcpStream) -> io::Result<(String, Connection)> {
    stream.set_nodelay(true)?;
    let mut stream = acceptor.accept(stream).await?;
    let mut read = Vec::new();
    let end = loop {
        if let Some(end) = read.windows(2).position(|two| two == b"\r\n") {
            break end;
        }
        if read.len() > LONGEST || stream.read_buf(&mut read).await? == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
    };
    let early = read.split_off(end + 2);
    read.truncate(end);
    let secret = String::from_utf8(read).map_err(io::Error::other)?;
    Ok((secret, Connection { stream, early }))
}
