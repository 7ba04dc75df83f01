//! The output of a build or a release command, as `output_stream_url` streams it.

use tokio::sync::watch;

/// An output and its state.
#[derive(Debug)]
pub(crate) struct Output {
    /// Until it has started, the stream's URL answers with 404.
    pub(crate) started: bool,
    pub(crate) written: Vec<u8>,
    /// Whether it is complete.
    pub(crate) closed: bool,
    changed: watch::Sender<usize>,
}

impl Default for Output {
    fn default() -> Self {
        Self { started: false, written: Vec::new(), closed: false, changed: watch::Sender::new(0) }
    }
}

impl Output {
    pub(crate) fn start(&mut self) {
        self.started = true;
        self.tell();
    }

    pub(crate) fn line(&mut self, text: &str) {
        self.written.extend_from_slice(text.as_bytes());
        self.written.push(b'\n');
        self.tell();
    }

    pub(crate) fn close(&mut self) {
        self.started = true;
        self.closed = true;
        self.tell();
    }

    /// Notifies its readers of every change.
    pub(crate) fn watch(&self) -> watch::Receiver<usize> {
        self.changed.subscribe()
    }

    fn tell(&self) {
        self.changed.send_modify(|changes| *changes += 1);
    }
}
