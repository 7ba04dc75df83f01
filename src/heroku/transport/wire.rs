//! The connections below the agent: watched, so that an answer that never ends is given up, and one that never came is
//! told from one that comes too slowly.

use std::cell::Cell;
use std::fmt;

use ureq::unversioned::transport::time::Duration;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport,
};
use ureq::{Error, Timeout};

/// The most that an answer with a deadline may have on the wire: the body, and around it interim answers, chunk sizes and
/// trailers, of which there may be any number.
const LARGEST: usize = 64 << 20;

thread_local! {
    /// Whether anything came since this thread last sent something. An exchange is one thread's from its beginning to its
    /// end, and ureq ends one whose time is over without asking the connection.
    static ANSWERED: Cell<bool> = const { Cell::new(false) };
}

/// Whether the answer to what this thread sent last had begun to come.
pub(super) fn answer_has_begun() -> bool {
    ANSWERED.get()
}

/// An answer that is larger than any that is read.
#[derive(Debug)]
pub(super) struct TooLarge;

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer is too large")
    }
}

impl std::error::Error for TooLarge {}

/// Opens connections as ureq does, and watches them.
#[derive(Debug, Default)]
pub(super) struct WatchedConnector(DefaultConnector);

impl Connector for WatchedConnector {
    type Out = Watched;

    fn connect(&self, details: &ConnectionDetails, chained: Option<()>) -> Result<Option<Watched>, Error> {
        let opened = self.0.connect(details, chained).map_err(|error| match error {
            // Whichever deadline it was: nothing of the request was sent.
            Error::Timeout(_) => Error::Timeout(Timeout::Connect),
            other => other,
        })?;
        Ok(opened.map(|connection| Watched { connection: Box::new(connection), received: 0 }))
    }
}

/// A connection, and how much came over it since the last request was sent.
#[derive(Debug)]
pub(super) struct Watched {
    connection: Box<dyn Transport>,
    received: usize,
}

impl Transport for Watched {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.connection.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.received = 0;
        ANSWERED.set(false);
        self.connection.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let before = self.connection.buffers().input().len();
        let more = self.connection.await_input(timeout)?;
        self.received += self.connection.buffers().input().len() - before;
        ANSWERED.set(ANSWERED.get() || self.received > 0);
        // A stream has no deadline and no size limit.
        if self.received > LARGEST && timeout.after != Duration::NotHappening {
            return Err(Error::Other(Box::new(TooLarge)));
        }
        Ok(more)
    }

    fn is_open(&mut self) -> bool {
        self.connection.is_open()
    }

    fn is_tls(&self) -> bool {
        self.connection.is_tls()
    }
}
