//! The output of a build or a release command while it is being written: the far end of `output_stream_url`.

use tokio::sync::watch;

/// What has been written so far.
#[derive(Debug)]
pub(crate) struct Output {
    /// Until then the stream's URL is answered with 404.
    pub(crate) started: bool,
    pub(crate) written: Vec<u8>,
    /// Nothing more will come.
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

    /// Wakes its holder at every change.
    pub(crate) fn watch(&self) -> watch::Receiver<usize> {
        self.changed.subscribe()
    }

    fn tell(&self) {
        self.changed.send_modify(|changes| *changes += 1);
    }
}
