//! Reads a stream on a thread of its own, so that the consumer sees pauses and gets many lines at once.
//!
//! A log stream may arrive one line at a time. The printer must flush when nothing more is waiting, and only then, or each
//! line costs a system call. A `sync_channel` would not do: it counts pieces, not bytes, so its limit is either a few lines
//! or many megabytes.

use std::io::{self, ErrorKind, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

const READ: usize = 64 * 1024;

/// How many bytes are read ahead at most.
const ROOM: usize = 512 * 1024;

/// A stream read by a thread of its own. The thread ends with the stream, or at the next byte after this is dropped.
#[derive(Debug)]
pub(super) struct ReadAhead {
    shared: Arc<Shared>,
}

/// What [`ReadAhead::next`] found.
#[derive(Debug)]
pub(super) enum Arrival {
    /// Bytes arrived.
    Bytes,
    /// Nothing arrived in time.
    Pause,
    /// Nothing more will arrive: the stream ended, or this error cut it off.
    End(io::Result<()>),
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    bytes: Vec<u8>,
    end: Option<io::Result<()>>,
    dropped: bool,
}

impl ReadAhead {
    /// Starts reading.
    pub(super) fn start(stream: impl Read + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        thread::Builder::new().name("log stream".into()).spawn(move || theirs.fill(stream))?;
        Ok(Self { shared })
    }

    /// Waits for bytes, at most for `patience`, and replaces the contents of `batch` with all that have arrived.
    pub(super) fn next(&self, batch: &mut Vec<u8>, patience: Duration) -> Arrival {
        batch.clear();
        let state = self.shared.lock();
        let waiting = |state: &mut State| state.bytes.is_empty() && state.end.is_none();
        let waited = self.shared.changed.wait_timeout_while(state, patience, waiting);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if !state.bytes.is_empty() {
            std::mem::swap(batch, &mut state.bytes);
            self.shared.changed.notify_one();
            return Arrival::Bytes;
        }
        state.end.take().map_or(Arrival::Pause, Arrival::End)
    }
}

impl Drop for ReadAhead {
    fn drop(&mut self) {
        self.shared.lock().dropped = true;
        self.shared.changed.notify_one();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fill(&self, mut stream: impl Read) {
        let mut buffer = vec![0; READ];
        loop {
            let length = match stream.read(&mut buffer) {
                Ok(0) => return self.end(Ok(())),
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return self.end(Err(error)),
            };
            let full = |state: &mut State| state.bytes.len() >= ROOM && !state.dropped;
            let mut state =
                self.changed.wait_while(self.lock(), full).unwrap_or_else(PoisonError::into_inner);
            if state.dropped {
                return;
            }
            let was_empty = state.bytes.is_empty();
            state.bytes.extend_from_slice(&buffer[..length]);
            if was_empty {
                self.changed.notify_one();
            }
        }
    }

    fn end(&self, end: io::Result<()>) {
        self.lock().end = Some(end);
        self.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    const LONG: Duration = Duration::from_secs(20);

    /// Reads what is sent, and fails once the sender is dropped.
    struct Pieces(mpsc::Receiver<&'static [u8]>);

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let piece = self.0.recv().map_err(|_| io::Error::from(ErrorKind::ConnectionReset))?;
            buffer[..piece.len()].copy_from_slice(piece);
            Ok(piece.len())
        }
    }

    #[test]
    fn bytes_pauses_and_the_cut_are_seen_in_order() {
        let (sender, receiver) = mpsc::channel();
        let ahead = ReadAhead::start(Pieces(receiver)).unwrap();
        let mut batch = Vec::new();
        assert!(matches!(ahead.next(&mut batch, Duration::from_millis(1)), Arrival::Pause));
        sender.send(b"one").unwrap();
        assert!(matches!(ahead.next(&mut batch, LONG), Arrival::Bytes));
        assert_eq!(batch, b"one");
        drop(sender);
        let Arrival::End(Err(error)) = ahead.next(&mut batch, LONG) else { panic!("not the end") };
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        assert!(batch.is_empty());
    }

    #[test]
    fn everything_arrives_and_little_waits() {
        let sent: Vec<u8> = (0..3 * ROOM).map(|number| u8::try_from(number % 251).unwrap()).collect();
        let ahead = ReadAhead::start(io::Cursor::new(sent.clone())).unwrap();
        let (mut batch, mut got) = (Vec::new(), Vec::new());
        while let Arrival::Bytes = ahead.next(&mut batch, LONG) {
            assert!(batch.len() < ROOM + READ);
            got.extend_from_slice(&batch);
        }
        assert!(got == sent);
    }
}
