//! The terminal: data to stdout, everything said to a person to stderr.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use crate::error::{Error, Result};

pub mod log_colors;
mod log_message;
mod sanitize;

pub use sanitize::{sanitize_line, sanitize_log, sanitize_message, sanitize_status};

/// What the terminal can do, decided once at start.
#[derive(Clone, Debug)]
pub struct Terminal {
    stdout_color: ColorChoice,
    stderr_color: ColorChoice,
    verbose: bool,
}

/// How a message to a person begins.
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
        }
    }

    /// Stdout, with colour where it is wanted.
    pub fn stdout(&self) -> AutoStream<io::Stdout> {
        AutoStream::new(io::stdout(), self.stdout_color)
    }

    /// Stderr, with colour where it is wanted.
    pub fn stderr(&self) -> AutoStream<io::Stderr> {
        AutoStream::new(io::stderr(), self.stderr_color)
    }

    /// Whether the answer is written in colour.
    pub fn colors_stdout(&self) -> bool {
        self.stdout_color != ColorChoice::Never
    }

    /// Whether what is said on stderr is written in colour.
    pub fn colors_stderr(&self) -> bool {
        self.stderr_color != ColorChoice::Never
    }

    /// Whether a person reads the answer as it comes.
    pub fn stdout_is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Whether a person reads what is said on stderr.
    pub fn stderr_is_terminal(&self) -> bool {
        io::stderr().is_terminal()
    }

    /// Whether a person can be asked: stdin to answer, stderr to read the question.
    pub fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Writes one piece of the answer to stdout.
    ///
    /// A closed pipe ends the process quietly: whoever reads has enough.
    pub fn print(&self, text: &str) -> Result<()> {
        let mut out = self.stdout();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(closed_or_failed)
    }

    /// Says what happens, on stderr.
    pub fn status(&self, message: &str) {
        _ = writeln!(self.stderr(), "{}", sanitize_status(message));
    }

    /// Warns, on stderr.
    pub fn warn(&self, message: &str) {
        _ = writeln!(self.stderr(), "{WARNING}warning:{WARNING:#} {}", sanitize_message(message));
    }

    /// Gives a way on, on stderr.
    pub fn hint(&self, message: &str) {
        _ = writeln!(self.stderr(), "{HINT}hint:{HINT:#} {}", sanitize_message(message));
    }

    /// Says how something is done, with `--verbose` only.
    pub fn detail(&self, message: impl FnOnce() -> String) {
        if self.verbose {
            _ = writeln!(self.stderr(), "{DIM}{}{DIM:#}", sanitize_status(&message()));
        }
    }

    /// Asks a question that wants a line, on stderr. Exit 2 where nobody can be asked.
    pub fn ask(&self, question: &str) -> Result<String> {
        if !self.can_ask() {
            return Err(Error::usage(format!("cannot ask without a terminal: {question}")));
        }
        let mut err = self.stderr();
        write!(err, "{} ", sanitize_message(question))?;
        err.flush()?;
        let mut line = String::new();
        if io::stdin().read_line(&mut line)? == 0 {
            // What comes next, the shell's prompt for instance, does not stand behind the question.
            writeln!(err)?;
            return Err(Error::silent(130));
        }
        Ok(line.trim().to_owned())
    }

    /// Asks for a yes; anything but `y` or `yes` is a no.
    pub fn confirm(&self, question: &str) -> Result<bool> {
        let answer = self.ask(&format!("{question} [y/N]"))?;
        Ok(matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes"))
    }
}

/// The error for a failed write to stdout: quiet when the reader went away.
pub fn closed_or_failed(error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Error::silent(0);
    }
    Error::from(error).context("cannot write to stdout")
}
