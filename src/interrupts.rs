//! Interrupts that must not end the process at once: something that was begun has to be ended first, or told of.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{SigId, flag, low_level};

use crate::error::{Context as _, Result};

/// What ends a process from outside: Ctrl-C, `kill`, and a terminal that goes away.
const SIGNALS: &[i32] = &[
    SIGINT,
    SIGTERM,
    #[cfg(unix)]
    signal_hook::consts::SIGHUP,
];

/// How many listen.
static LISTENING: AtomicUsize = AtomicUsize::new(0);

/// What the signal handlers know; they are there once somebody has listened.
static HANDLERS: OnceLock<Handlers> = OnceLock::new();

struct Handlers {
    /// The last signal; 0 before the first.
    came: Arc<AtomicUsize>,
    /// While nobody listens, a signal does what it does elsewhere.
    nobody: Arc<AtomicBool>,
    /// Whether one came already, so that the next one ends the process.
    again: Arc<AtomicBool>,
    /// What sets `again`.
    setters: Mutex<Vec<SigId>>,
}

/// Listens for interrupts as long as it is there: the first one ends nothing by itself, the second one ends the process
/// at once.
#[derive(Debug)]
pub struct Interrupts(());

impl Interrupts {
    /// Begins to listen.
    pub fn listen() -> Result<Self> {
        if HANDLERS.get().is_none() {
            let handlers = Handlers::install().context(|| "cannot listen for interrupts")?;
            // Another thread may have been first; its handlers do the same.
            _ = HANDLERS.set(handlers);
        }
        LISTENING.fetch_add(1, Ordering::SeqCst);
        set_nobody(false);
        Ok(Self(()))
    }

    /// The exit code that a shell gives to what such an interrupt ended, once one came.
    pub fn code(&self) -> Option<u8> {
        match HANDLERS.get()?.came.load(Ordering::SeqCst) {
            0 => None,
            signal => u8::try_from(128 + signal).ok(),
        }
    }
}

/// Interrupts that somebody else heeds, as long as it is there: whoever made it ends the process.
#[derive(Debug)]
pub struct HeededElsewhere {
    interrupts: Interrupts,
}

impl Interrupts {
    /// Leaves interrupts to the caller, who listens for [`signals`] too: not even the second one ends the process.
    pub fn heeded_elsewhere(self) -> HeededElsewhere {
        if let Some(handlers) = HANDLERS.get() {
            for setter in handlers.setters().drain(..) {
                low_level::unregister(setter);
            }
            handlers.again.store(false, Ordering::SeqCst);
        }
        HeededElsewhere { interrupts: self }
    }
}

impl HeededElsewhere {
    /// As [`Interrupts::code`].
    pub fn code(&self) -> Option<u8> {
        self.interrupts.code()
    }

    /// Forgets a Ctrl-C that came: it was meant for another program on the same terminal.
    pub fn forget_ctrl_c(&self) {
        if let Some(handlers) = HANDLERS.get() {
            let sigint = usize::try_from(SIGINT).unwrap_or_default();
            // Another signal may have come since; that one stays.
            _ = handlers.came.compare_exchange(sigint, 0, Ordering::SeqCst, Ordering::SeqCst);
        }
    }
}

impl Drop for HeededElsewhere {
    fn drop(&mut self) {
        if let Some(handlers) = HANDLERS.get() {
            // Where that fails, it takes a stronger signal to end the process at once.
            _ = handlers.set_again();
        }
    }
}

/// The signals that end a process from outside, but for those that whoever started this one wants to be without effect.
pub fn signals() -> impl Iterator<Item = i32> {
    SIGNALS.iter().copied().filter(|signal| !is_ignored(*signal))
}

impl Drop for Interrupts {
    fn drop(&mut self) {
        if LISTENING.fetch_sub(1, Ordering::SeqCst) == 1 {
            set_nobody(true);
        }
    }
}

fn set_nobody(nobody: bool) {
    if let Some(handlers) = HANDLERS.get() {
        handlers.nobody.store(nobody, Ordering::SeqCst);
    }
}

/// Whether whoever started this process wants the signal to be without effect, as `nohup` does. Only Linux tells.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    u32::try_from(signal - 1).ok().and_then(|bit| mask.checked_shr(bit)).is_some_and(|mask| mask & 1 == 1)
}

impl Handlers {
    fn install() -> std::io::Result<Self> {
        let handlers = Self {
            came: Arc::default(),
            nobody: Arc::default(),
            again: Arc::default(),
            setters: Mutex::default(),
        };
        for signal in signals() {
            // In this order: only the second one finds the flag set.
            flag::register_conditional_default(signal, Arc::clone(&handlers.nobody))?;
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&handlers.again))?;
            let value = usize::try_from(signal).unwrap_or_default();
            flag::register_usize(signal, Arc::clone(&handlers.came), value)?;
        }
        handlers.set_again()?;
        Ok(handlers)
    }

    /// Lets the first interrupt be remembered, for the second one.
    fn set_again(&self) -> std::io::Result<()> {
        for signal in signals() {
            let setter = flag::register(signal, Arc::clone(&self.again))?;
            self.setters().push(setter);
        }
        Ok(())
    }

    fn setters(&self) -> std::sync::MutexGuard<'_, Vec<SigId>> {
        self.setters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
