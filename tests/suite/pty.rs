//! A pseudo-terminal in which a command runs: its screen, and typing.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

use super::scene::signal;

const ROWS: NonZeroU16 = NonZeroU16::new(40).unwrap();
const COLUMNS: NonZeroU16 = NonZeroU16::new(160).unwrap();

/// Longer than anything here takes, even on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A command in a terminal of its own.
pub struct Pty {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    written: Arc<Mutex<Vec<u8>>>,
    reader: thread::JoinHandle<()>,
    master: Box<dyn MasterPty + Send>,
    columns: u16,
}

/// The terminal after the command has ended.
pub struct Shown {
    pub bytes: Vec<u8>,
    pub status: ExitStatus,
    columns: u16,
    /// The terminal's input modes at the end.
    pub modes: String,
}

impl Pty {
    /// Starts a prepared command; its streams are the terminal, an `xterm-256color` unless it says otherwise.
    pub fn start(command: &Command) -> Self {
        Self::with_columns(command, COLUMNS.get())
    }

    /// Starts it in a terminal of another width.
    pub fn with_columns(command: &Command, columns: u16) -> Self {
        let size = PtySize { rows: ROWS.get(), cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let mut builder = CommandBuilder::new(command.get_program());
        builder.args(command.get_args());
        builder.cwd(command.get_current_dir().expect("a folder"));
        builder.env_clear();
        builder.env("TERM", "xterm-256color");
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => builder.env(name, value),
                None => builder.env_remove(name),
            }
        }
        let child = pair.slave.spawn_command(builder).expect("a program that starts");
        // Held by the command alone, so that its end is the end of what can be read.
        drop(pair.slave);
        let written = Arc::new(Mutex::new(Vec::new()));
        let mut screen = pair.master.try_clone_reader().expect("a reader");
        let kept = Arc::clone(&written);
        let reader = thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = screen.read(&mut buffer) {
                kept.lock().expect("no panic in here").extend_from_slice(&buffer[..count]);
            }
        });
        let keyboard = pair.master.take_writer().expect("a writer");
        Self { child, keyboard, written, reader, master: pair.master, columns }
    }

    /// Types these bytes: `\r` is Enter, `\x03` is Ctrl-C.
    pub fn types(&mut self, keys: &str) -> &mut Self {
        self.keyboard.write_all(keys.as_bytes()).and_then(|()| self.keyboard.flush()).expect("a keyboard");
        self
    }

    /// Waits until `text` was written `count` times.
    pub fn sees(&mut self, text: &str, count: usize) -> &mut Self {
        let begun = Instant::now();
        while self.so_far().matches(text).count() < count {
            assert!(begun.elapsed() < PATIENCE, "no {text:?} on the terminal:\n{}", self.so_far());
            thread::sleep(Duration::from_millis(10));
        }
        self
    }

    /// Changes the terminal's width; the command receives SIGWINCH.
    pub fn resize(&mut self, columns: u16) -> &mut Self {
        let size = PtySize { rows: ROWS.get(), cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.resize(size).expect("a terminal");
        self
    }

    /// Sends the command a signal, such as `-TERM`.
    pub fn signal(&self, name: &str) {
        signal(name, &self.child.process_id().expect("a process").to_string());
    }

    /// Whether the command was stopped and waits to be continued.
    pub fn is_stopped(&self) -> bool {
        let id = self.child.process_id().expect("a process").to_string();
        let state = Command::new("ps").args(["-o", "stat=", "-p", &id]).output().expect("ps").stdout;
        state.trim_ascii_start().starts_with(b"T")
    }

    /// The terminal's input modes: lines and echo.
    pub fn modes(&self) -> String {
        format!("{:?}", self.master.get_termios().expect("a terminal"))
    }

    /// The input modes of a new terminal.
    pub fn modes_of_a_new_one() -> String {
        let pair = native_pty_system().openpty(PtySize::default()).expect("a terminal");
        format!("{:?}", pair.master.get_termios().expect("a terminal"))
    }

    fn so_far(&self) -> String {
        String::from_utf8_lossy(&self.written.lock().expect("no panic in there")).into_owned()
    }

    /// The output after the first `count` bytes.
    pub fn written_since(&self, count: usize) -> Vec<u8> {
        self.written.lock().expect("no panic in there")[count..].to_vec()
    }

    /// An emulator of this terminal.
    pub fn screen() -> vt100::Parser {
        vt100::Parser::new(ROWS, COLUMNS, 0)
    }

    /// Waits for the command's end.
    pub fn end(mut self) -> Shown {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            if begun.elapsed() > PATIENCE {
                _ = self.child.kill();
                panic!("it does not end:\n{}", self.so_far());
            }
            thread::sleep(Duration::from_millis(5));
        };
        let modes = self.modes();
        self.reader.join().expect("a reader");
        let bytes = self.written.lock().expect("no panic in there").clone();
        Shown { bytes, status, columns: self.columns, modes }
    }

    /// Waits for the command's end, with this exit code.
    pub fn ends(self, code: u32) -> Shown {
        let shown = self.end();
        assert_eq!(shown.code(), code, "{}", shown.raw());
        shown
    }
}

impl Shown {
    /// All output with its escape sequences, with `\n` for the terminal's `\r\n`.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.bytes).replace("\r\n", "\n")
    }

    /// The screen at the end, without blank lines below the text.
    pub fn screen(&self) -> String {
        self.terminal().screen().contents()
    }

    /// Asserts that the screen contains `text` at the end.
    pub fn has(&self, text: &str) {
        assert!(self.screen().contains(text), "no {text:?}:\n{}", self.screen());
    }

    /// Asserts that the screen ends with `text`.
    pub fn closes_with(&self, text: &str) {
        assert!(self.screen().trim_end().ends_with(text), "not {text:?}:\n{}", self.screen());
    }

    /// The emulator at the end.
    pub fn terminal(&self) -> vt100::Parser {
        let mut terminal = vt100::Parser::new(ROWS, NonZeroU16::new(self.columns).expect("a width"), 0);
        terminal.process(&self.bytes);
        terminal
    }

    /// Every control sequence that was written.
    pub fn sequences(&self) -> Vec<String> {
        escape_sequences(&self.raw())
    }

    /// The exit code.
    pub fn code(&self) -> u32 {
        assert_eq!(self.status.signal(), None, "{}", self.raw());
        self.status.exit_code()
    }

    /// Whether a shell would report 130: ended by SIGINT, or with that exit code.
    pub fn was_interrupted(&self) -> bool {
        self.status.signal() == Some("Interrupt") || self.status.exit_code() == 130
    }
}

/// Every control sequence in `text`, as far as its last letter; other control characters alone.
pub fn escape_sequences(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_control() && !"\n\t".contains(c)) {
        rest = &rest[at..];
        let body = rest.strip_prefix("\u{1b}[").unwrap_or("");
        let end = body.find(|c: char| ('@'..='~').contains(&c)).map_or(0, |end| 2 + end);
        let length = end + rest[end..].chars().next().map_or(0, char::len_utf8);
        found.push(rest[..length].to_owned());
        rest = &rest[length..];
    }
    found
}
