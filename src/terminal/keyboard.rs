//! The terminal's keyboard, taken so that keys are read as they are typed, and given back as it was.

/// How keys are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// One by one and without echo. Ctrl-C stays a signal.
    Single,
    /// Every key is read, Ctrl-C too; and what is written drives the terminal as it is, without line ends of its own.
    Raw,
}

pub use system::{give_back, take};

#[cfg(unix)]
mod system {
    use std::io;
    use std::sync::Mutex;

    use rustix::stdio::stdin;
    use rustix::termios::{LocalModes, OptionalActions, Termios, isatty, tcgetattr, tcsetattr};

    use super::Keys;

    /// As it was, while it is taken.
    static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

    /// Takes it, or takes it again after another program has had it; false where stdin is no terminal.
    pub fn take(keys: Keys) -> io::Result<bool> {
        if !isatty(stdin()) {
            return Ok(false);
        }
        let Ok(mut before) = BEFORE.lock() else { return Ok(false) };
        // What another program found and put back may be what this one had set.
        let first = match before.take() {
            Some(first) => first,
            None => tcgetattr(stdin())?,
        };
        let mut taken = first.clone();
        match keys {
            Keys::Single => taken.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO),
            Keys::Raw => taken.make_raw(),
        }
        *before = Some(first);
        tcsetattr(stdin(), OptionalActions::Now, &taken)?;
        Ok(true)
    }

    /// Gives it back, if it is taken.
    pub fn give_back() {
        let before = BEFORE.try_lock().ok().and_then(|mut kept| kept.take());
        if let Some(before) = before {
            // Drops the keys typed meanwhile: they were not meant for the shell.
            _ = tcsetattr(stdin(), OptionalActions::Flush, &before);
        }
    }
}

#[cfg(not(unix))]
mod system {
    use super::Keys;

    /// Keys cannot be taken here.
    pub fn take(_: Keys) -> std::io::Result<bool> {
        Ok(false)
    }

    /// Nothing was taken.
    pub fn give_back() {}
}
