//! Takes over the terminal for a full-screen view, and always restores it.
//!
//! It switches to the alternate buffer, hides the cursor, and turns off line mode and echo, so that keys are read as they are
//! typed. All of it is undone at the end, on `q`, when a signal ends or stops the process, and on a panic.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;
use std::{panic, process, thread};

use super::keyboard::{self, Keys};

/// Whether the terminal is taken over.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Held while the screen is drawn, and while the terminal is taken over or restored.
static DRAWING: Mutex<()> = Mutex::new(());

/// Switches to the alternate buffer, hides the cursor and clears the screen.
const TAKE: &str = "\x1b[?1049h\x1b[?25l\x1b[2J\x1b[H";

/// Restores line wrap, the cursor and the former screen.
const GIVE_BACK: &str = "\x1b[?7h\x1b[?25h\x1b[?1049l";

/// Takes over the terminal; returns whether keys can be read. `redraw` gets a message when the screen has to be redrawn.
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
    let has_keys = keyboard::take(Keys::Single)?;
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

/// Reads keys until `q`.
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

/// Handles the signals that end, stop or continue the process, or report another size.
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
                    // If that fails, the next drawing ends the view.
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
