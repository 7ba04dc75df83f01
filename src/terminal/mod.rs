//! The terminal: data goes to stdout, messages to stderr.

use std::env;
use std::ffi::OsStr;
use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use terminal_size::terminal_size_of;

use crate::error::{Error, Result};
use crate::hint::Hint;

mod age;
mod change;
mod columns;
mod counted;
mod fields;
mod json;
pub mod keyboard;
mod listing;
pub mod log_colors;
mod log_message;
mod progress;
mod region;
mod relay;
mod report;
mod sanitize;
mod screen;
mod table;
mod takeover;
mod wrap;

pub use age::{age, time_and_age};
pub use columns::{columns, cut, one_line, pad};
pub use counted::counted;
pub use fields::{fields, heading, value};
pub use json::{escape_json, write_json};
pub use listing::listing;
pub use progress::Progress;
pub use region::Region;
pub use report::{report, report_json};
pub use sanitize::{sanitize_line, sanitize_log, sanitize_message, sanitize_status};
pub use screen::Screen;
pub use table::{Cell, Narrower, Table, aligned};

/// The terminal's capabilities, decided once at start.
#[derive(Clone, Debug)]
pub struct Terminal {
    stdout_color: ColorChoice,
    stderr_color: ColorChoice,
    verbose: bool,
    shared: Arc<Shared>,
}

/// The state that all clones of a terminal share.
#[derive(Debug, Default)]
struct Shared {
    /// Receives messages in place of stderr.
    listener: Mutex<Option<SyncSender<String>>>,
    /// The number of questions asked so far; locked while one waits for its answer.
    questions: Mutex<usize>,
    /// What is being waited for.
    waits: Arc<progress::Waits>,
}

/// The labels of messages.
const WARNING: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Yellow)));
const HINT: Style = Style::new().bold().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Cyan)));
const DIM: Style = Style::new().dimmed();

impl Terminal {
    /// Looks at the streams and at `NO_COLOR`, `CLICOLOR_FORCE` and `TERM`; `no_color` is the flag.
    pub fn new(no_color: bool, verbose: bool) -> Self {
        let choose = |auto: ColorChoice| if no_color { ColorChoice::Never } else { auto };
        Self {
            stdout_color: choose(AutoStream::choice(&io::stdout())),
            stderr_color: choose(AutoStream::choice(&io::stderr())),
            verbose,
            shared: Arc::default(),
        }
    }

    /// One whose words are captured as everything is that a test prints.
    #[cfg(test)]
    #[expect(clippy::print_stderr, reason = "the test harness captures it")]
    pub fn captured() -> Self {
        let terminal = Self::new(true, false);
        let (listener, said) = std::sync::mpsc::sync_channel(1);
        terminal.divert(Some(listener));
        std::thread::spawn(move || said.iter().for_each(|line: String| eprintln!("{line}")));
        terminal
    }

    /// Stdout, with color if enabled.
    pub fn stdout(&self) -> AutoStream<io::Stdout> {
        AutoStream::new(io::stdout(), self.stdout_color)
    }

    /// Stderr, with color if enabled.
    pub fn stderr(&self) -> AutoStream<io::Stderr> {
        drop(self.shared.waits.make_room());
        self.raw_stderr()
    }

    fn raw_stderr(&self) -> AutoStream<io::Stderr> {
        AutoStream::new(io::stderr(), self.stderr_color)
    }

    /// Whether stdout is colored.
    pub fn colors_stdout(&self) -> bool {
        self.stdout_color != ColorChoice::Never
    }

    /// Whether stderr is colored.
    pub fn colors_stderr(&self) -> bool {
        self.stderr_color != ColorChoice::Never
    }

    /// Whether stdout is a terminal.
    pub fn stdout_is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Whether stderr is a terminal.
    pub fn stderr_is_terminal(&self) -> bool {
        io::stderr().is_terminal()
    }

    /// Whether a line on stderr can be drawn again in place: it is a terminal whose cursor moves, and ours to draw on.
    fn can_redraw(&self) -> bool {
        let moves = env::var_os("TERM").is_none_or(|term| term != "dumb");
        moves && self.stderr_is_terminal() && is_in_foreground()
    }

    /// Whether what is waited for is drawn, in place of lines.
    pub fn draws_progress(&self) -> bool {
        self.can_redraw() && !self.is_diverted()
    }

    fn is_diverted(&self) -> bool {
        self.shared.listener.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Whether questions can be asked: stdin and stderr are terminals.
    pub fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Writes a part of the output to stdout.
    ///
    /// A closed pipe ends the process quietly: the reader has enough.
    pub fn print(&self, text: &str) -> Result<()> {
        let _room = self.shared.waits.make_room();
        let mut out = self.stdout();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(closed_or_failed)
    }

    /// The same for lines with something from outside in them: control characters are shown, not obeyed.
    pub fn print_lines(&self, lines: &str) -> Result<()> {
        self.print(&sanitize::sanitize(lines))
    }

    /// Writes values to stdout: a program reads every byte as it is, color sequences too; on a terminal control characters
    /// are shown, not obeyed.
    pub fn print_exact(&self, text: &str) -> Result<()> {
        if self.stdout_is_terminal() {
            return self.print_lines(text);
        }
        let _room = self.shared.waits.make_room();
        let mut out = io::stdout();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(closed_or_failed)
    }

    /// The terminal's width in columns if stdout is one: `COLUMNS`, or the terminal's own.
    /// `None` if a program reads it, which gets everything.
    pub fn width(&self) -> Option<usize> {
        if !self.stdout_is_terminal() {
            return None;
        }
        let told =
            env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
        let size = || Some(usize::from(terminal_size_of(io::stdout())?.0.0));
        told.or_else(size)
    }

    /// Prints a status message on stderr.
    pub fn status(&self, message: &str) {
        self.say(&sanitize_status(message));
    }

    /// Prints a warning on stderr.
    pub fn warn(&self, message: &str) {
        self.say(&format!("{WARNING}warning:{WARNING:#} {}", sanitize_message(message)));
    }

    /// Prints a hint on stderr.
    pub fn hint(&self, hint: impl Into<Hint>) {
        let hint = hint.into().to_string();
        self.say(&format!("{HINT}hint:{HINT:#} {}", sanitize_message(&hint)));
    }

    /// Prints a command line as a hint on stderr.
    pub fn hint_line<W: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = W>) {
        self.hint(Hint::line(words));
    }

    /// Prints a detail on stderr, with `--verbose` only.
    pub fn detail(&self, message: impl FnOnce() -> String) {
        if self.verbose {
            self.say(&format!("{DIM}{}{DIM:#}", sanitize_status(&message())));
        }
    }

    fn say(&self, text: &str) {
        let listener = self.shared.listener.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // A send error means that nobody waits for it.
        if let Some(listener) = listener {
            _ = listener.send(strip_str(text).to_string());
        } else {
            let _room = self.shared.waits.make_room();
            _ = writeln!(self.raw_stderr(), "{text}");
        }
    }

    /// Redirects messages to `listener`, without color; `None` sends them to stderr again.
    /// It holds for all clones of this terminal.
    pub fn divert(&self, listener: Option<SyncSender<String>>) {
        *self.shared.listener.lock().unwrap_or_else(PoisonError::into_inner) = listener;
    }

    /// Keeps questions off the screen while something is drawn there, and tells how many there were; none while one waits
    /// for its answer.
    fn quiet(&self) -> Option<MutexGuard<'_, usize>> {
        match self.shared.questions.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Asks for a line of input, on stderr. Exit 2 without a terminal.
    pub fn ask(&self, question: &str) -> Result<String> {
        if !self.can_ask() {
            return Err(Error::usage(format!("cannot ask without a terminal: {question}")));
        }
        let mut questions = self.shared.questions.lock().unwrap_or_else(PoisonError::into_inner);
        *questions += 1;
        let mut err = self.stderr();
        write!(err, "{} ", sanitize_message(question))?;
        err.flush()?;
        let mut line = String::new();
        if io::stdin().read_line(&mut line)? == 0 {
            // Later output, such as the shell's prompt, starts on a line of its own.
            writeln!(err)?;
            return Err(Error::silent(130));
        }
        Ok(line.trim().to_owned())
    }

    /// Asks which of `options` is meant, on stderr: its place in the list. Exit 5 where the answer is none of them.
    pub fn choose(&self, question: &str, options: &[String]) -> Result<usize> {
        self.status(question);
        for (place, option) in options.iter().enumerate() {
            self.status(&format!("  {}  {option}", place + 1));
        }
        let answer = self.ask(&format!("Which one? [1-{}]", options.len()))?;
        let place = answer.parse().ok().filter(|number| (1..=options.len()).contains(number));
        place.map(|number| number - 1).ok_or_else(|| Error::refused("none of them was chosen"))
    }

    /// Asks a yes/no question; anything but `y` or `yes` means no.
    pub fn confirm(&self, question: &str) -> Result<bool> {
        let answer = self.ask(&format!("{question} [y/N]"))?;
        Ok(matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes"))
    }
}

/// Whether the terminal on stderr takes its input for us: a job in the background must not draw over another's lines.
#[cfg(unix)]
fn is_in_foreground() -> bool {
    rustix::termios::tcgetpgrp(io::stderr()).is_ok_and(|group| group == rustix::process::getpgrp())
}

#[cfg(not(unix))]
fn is_in_foreground() -> bool {
    true
}

/// Whether stdout is a pipe without a reader, as in `tail | head` once `head` has ended.
pub fn stdout_has_no_reader() -> bool {
    #[cfg(unix)]
    {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let stdout = io::stdout();
        let mut watched = [PollFd::new(&stdout, PollFlags::OUT)];
        let asked = poll(&mut watched, Some(&Timespec::default()));
        asked.is_ok() && watched[0].revents().intersects(PollFlags::ERR | PollFlags::HUP)
    }
    #[cfg(not(unix))]
    false
}

/// The error for a failed write to stdout: quiet when the reader went away.
pub fn closed_or_failed(error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Error::silent(0);
    }
    Error::from(error).context("cannot write to stdout")
}
