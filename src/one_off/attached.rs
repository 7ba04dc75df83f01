//! While a session goes on: the keyboard is the dyno's, and whatever ends this process gives it back and says what goes on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::{panic, thread};

use rustix::process::getpgrp;
use rustix::stdio::stdin;
use rustix::termios::tcgetpgrp;
use signal_hook::consts::{SIGCONT, SIGQUIT, SIGTSTP};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use super::last_words::LastWords;
use crate::error::{Context as _, Result};
use crate::interrupts::{self, HeededElsewhere, Interrupts};
use crate::terminal::keyboard::{self, Keys};

/// Whether a session goes on.
static GOES_ON: AtomicBool = AtomicBool::new(false);

/// A session that goes on until it is dropped.
#[derive(Debug)]
pub(super) struct Attached {
    _heeded: HeededElsewhere,
}

impl Attached {
    /// Listens for signals, whose last words are `words`, and takes the keyboard if it is to be `raw`.
    pub(super) fn begin(raw: bool, words: &LastWords, interrupts: Interrupts) -> Result<Self> {
        let failed = || "cannot listen for signals";
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            keyboard::give_back();
            before(info);
        }));
        let signals = interrupts::signals().chain([SIGQUIT, SIGTSTP, SIGCONT]);
        let signals = Signals::new(signals).context(failed)?;
        let words = words.clone();
        GOES_ON.store(true, Ordering::SeqCst);
        thread::Builder::new().spawn(move || listen(signals, raw, &words)).context(failed)?;
        let attached = Self { _heeded: interrupts.heeded_elsewhere() };
        if raw {
            keyboard::take(Keys::Raw).context(|| "cannot take the keyboard")?;
        }
        Ok(attached)
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        GOES_ON.store(false, Ordering::SeqCst);
        keyboard::give_back();
    }
}

fn listen(mut signals: Signals, raw: bool, words: &LastWords) {
    for signal in signals.forever() {
        let goes_on = GOES_ON.load(Ordering::SeqCst);
        match signal {
            SIGCONT => {
                if goes_on && raw && is_in_foreground() {
                    // A keyboard that cannot be taken again sends whole lines.
                    _ = keyboard::take(Keys::Raw);
                }
            }
            SIGTSTP => {
                keyboard::give_back();
                _ = emulate_default_handler(signal);
            }
            // Whoever listens now decides.
            _ if !goes_on && signal != SIGQUIT => {}
            _ => {
                keyboard::give_back();
                if goes_on {
                    words.say("");
                }
                _ = emulate_default_handler(signal);
            }
        }
    }
}

fn is_in_foreground() -> bool {
    tcgetpgrp(stdin()).is_ok_and(|group| group == getpgrp())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use portable_pty::{CommandBuilder, PtySize, native_pty_system};
    use rustix::termios::tcgetattr;

    use super::*;
    use crate::context::{Context, Options};

    /// Set in the process that the test starts in a terminal.
    const IN_A_TERMINAL: &str = "GREENROOM_TEST_IN_A_TERMINAL";

    #[test]
    fn a_panic_gives_the_keyboard_back() {
        if std::env::var_os(IN_A_TERMINAL).is_some() {
            return panics_in_a_session();
        }
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        command.args(["--exact", "one_off::attached::tests::a_panic_gives_the_keyboard_back", "--nocapture"]);
        command.env(IN_A_TERMINAL, "1");
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut said = Vec::new();
        // At the end of the terminal Linux gives an error.
        _ = pair.master.try_clone_reader().unwrap().read_to_end(&mut said);
        let said = String::from_utf8_lossy(&said);
        assert!(child.wait().unwrap().success() && said.contains("1 passed"), "{said}");
    }

    /// The release binaries abort behind the hook, before anything is dropped; so the session goes on here.
    fn panics_in_a_session() {
        let modes = || format!("{:?}", tcgetattr(stdin()).unwrap());
        let before = modes();
        let context = Context::new("staging", Options::default(), None);
        let words = LastWords::about(&context, "run.1");
        let _attached = Attached::begin(true, &words, Interrupts::listen().unwrap()).unwrap();
        assert_ne!(modes(), before);
        let panicked = panic::catch_unwind(|| panic!("in a session"));
        assert!(panicked.is_err());
        assert_eq!(modes(), before);
    }
}
