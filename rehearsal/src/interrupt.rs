//! Signals that must not end the process at once, because its folders have to be removed first.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// A signal that asks the process to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interrupt {
    /// Ctrl-C, which every program of the terminal's foreground group gets.
    Interrupted,
    /// `kill`, or a closed terminal.
    Terminated,
}

/// Receives signals in place of their default action, which ends the process.
pub fn interrupts() -> io::Result<Receiver<Interrupt>> {
    let (sender, receiver) = sync_channel(8);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // Registered before this function returns, so that no signal is missed.
    let listening = {
        let _inside = runtime.enter();
        Listening::new()?
    };
    thread::Builder::new()
        .name("interrupts".to_owned())
        .spawn(move || runtime.block_on(pass_on(listening, sender)))?;
    Ok(receiver)
}

#[cfg(unix)]
struct Listening {
    interrupted: tokio::signal::unix::Signal,
    terminated: tokio::signal::unix::Signal,
    hung_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Listening {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupted: signal(SignalKind::interrupt())?,
            terminated: signal(SignalKind::terminate())?,
            hung_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Interrupt {
        tokio::select! {
            _ = self.interrupted.recv() => Interrupt::Interrupted,
            _ = self.terminated.recv() => Interrupt::Terminated,
            _ = self.hung_up.recv() => Interrupt::Terminated,
        }
    }
}

#[cfg(not(unix))]
struct Listening(tokio::signal::windows::CtrlC);

#[cfg(not(unix))]
impl Listening {
    fn new() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) -> Interrupt {
        _ = self.0.recv().await;
        Interrupt::Interrupted
    }
}

async fn pass_on(mut listening: Listening, to: SyncSender<Interrupt>) {
    loop {
        let interrupt = listening.next().await;
        // A full channel means that several wait to be seen already.
        if let Err(std::sync::mpsc::TrySendError::Disconnected(_)) = to.try_send(interrupt) {
            return;
        }
    }
}
