//! Takes over the terminal for a full-screen view and restores it whatever happens.
//!
//! Taken are the buffer (the other one is drawn on), the cursor (it is hidden), and lines and echo of the keyboard (keys
//! are read as they are typed). They are given back at the end, on `q`, when a signal ends or stops the process, and when
//! it panics.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;
use std::{panic, process, thread};

/// Whether it is taken.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Held while something is drawn, and while the terminal is taken or given back.
static DRAWING: Mutex<()> = Mutex::new(());

/// The other buffer, the cursor hidden, all cleared.
const TAKE: &str = "\x1b[?1049h\x1b[?25l\x1b[2J\x1b[H";

/// Restores line wrap, the cursor and the former screen.
const GIVE_BACK: &str = "\x1b[?7h\x1b[?25h\x1b[?1049l";

/// Takes the terminal; whether keys can be read. `redraw` hears when the screen has to be drawn anew.
pub(super) fn begin(redraw: Sender<()>) -> io::Result<bool> {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        give_back();
        before(info);
    }));
    listen(redraw)?;
    let drawing = lock();
    let has_keys = take()?;
    drop(drawing);
    if has_keys {
        thread::Builder::new().name("keys".to_owned()).spawn(read_keys)?;
    }
    Ok(has_keys)
}

/// Restores the terminal.
pub(super) fn end() {
    // A write to a stopped terminal may never end and must not keep the process alive.
    let mut drawing = DRAWING.try_lock();
    for _ in 0..20 {
        if !matches!(drawing, Err(TryLockError::WouldBlock)) {
            break;
        }
        thread::sleep(Duration::from_millis(10));
        drawing = DRAWING.try_lock();
    }
    give_back();
}

/// Draws, unless the terminal was restored meanwhile.
pub(super) fn while_taken(draw: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let _drawing = lock();
    if TAKEN.load(Ordering::SeqCst) { draw() } else { Ok(()) }
}

fn lock() -> MutexGuard<'static, ()> {
    DRAWING.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take() -> io::Result<bool> {
    let has_keys = keyboard::take()?;
    TAKEN.store(true, Ordering::SeqCst);
    write(TAKE)?;
    Ok(has_keys)
}

fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        keyboard::give_back();
        // An error on stdout is ignored here.
        _ = write(GIVE_BACK);
    }
}

fn write(text: &str) -> io::Result<()> {
    // Bypasses the standard library's lock on stdout, which the panicking thread may hold.
    #[cfg(unix)]
    return rustix::io::write(rustix::stdio::stdout(), text.as_bytes()).map(drop).map_err(Into::into);
    #[cfg(not(unix))]
    io::Write::write_all(&mut io::stdout(), text.as_bytes())
}

/// Reads what is typed until it is `q`.
fn read_keys() {
    use std::io::Read as _;
    let mut key = [0];
    while matches!(io::stdin().read(&mut key), Ok(1)) {
        if key == *b"q" {
            end();
            #[expect(clippy::exit, reason = "nothing is left to do, and a request may still be under way")]
            process::exit(0);
        }
    }
}

/// Hears the signals that end, stop or continue the process, or tell another size.
#[cfg(unix)]
fn listen(redraw: Sender<()>) -> io::Result<()> {
    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH])?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let mut was_stopped = false;
        for signal in signals.forever() {
            match signal {
                SIGCONT if was_stopped => {
                    let _drawing = lock();
                    // What cannot be taken again ends at the next drawing.
                    _ = take();
                    was_stopped = false;
                }
                SIGCONT | SIGWINCH => {}
                _ => {
                    end();
                    was_stopped = signal == SIGTSTP;
                    _ = emulate_default_handler(signal);
                }
            }
            // The receiver may be gone.
            _ = redraw.send(());
        }
    })?;
    Ok(())
}

#[cfg(not(unix))]
fn listen(_: Sender<()>) -> io::Result<()> {
    Ok(())
}

/// The keyboard, whose keys are read as they are typed, without echo. Ctrl-C stays a signal.
#[cfg(unix)]
mod keyboard {
    use std::io;
    use std::sync::Mutex;

    use rustix::stdio::stdin;
    use rustix::termios::{LocalModes, OptionalActions, Termios, isatty, tcgetattr, tcsetattr};

    /// As it was.
    static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

    pub(super) fn take() -> io::Result<bool> {
        if !isatty(stdin()) {
            return Ok(false);
        }
        let before = tcgetattr(stdin())?;
        let mut taken = before.clone();
        taken.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        tcsetattr(stdin(), OptionalActions::Now, &taken)?;
        if let Ok(mut kept) = BEFORE.lock() {
            *kept = Some(before);
        }
        Ok(true)
    }

    pub(super) fn give_back() {
        let before = BEFORE.try_lock().ok().and_then(|mut kept| kept.take());
        if let Some(before) = before {
            // Drops the keys typed meanwhile: they were not meant for the shell.
            _ = tcsetattr(stdin(), OptionalActions::Flush, &before);
        }
    }
}

#[cfg(not(unix))]
mod keyboard {
    pub(super) fn take() -> std::io::Result<bool> {
        Ok(false)
    }

    pub(super) fn give_back() {}
}
