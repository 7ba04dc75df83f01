//! The person's editor, on a file that nobody else can read and that does not outlive it.

use std::env;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::error::{Context as _, Error, Result};
use crate::file;
use crate::interrupts::{HeededElsewhere, Interrupts};
use crate::process::{ChildProcess, CommandLine};
use crate::temporary;
use crate::terminal::Terminal;

/// What chooses the editor, first one first.
const VARIABLES: [&str; 2] = ["VISUAL", "EDITOR"];

/// The editor where nothing chooses one: the Heroku CLI's, or one that is there.
const DEFAULTS: [&str; 3] = ["vim", "vi", "nano"];

/// The pause between two looks for the editor's exit.
const TICK: Duration = Duration::from_millis(20);

/// More than Heroku takes as config vars, in bytes.
const LARGEST: u64 = 1 << 20;

/// The exit code after Ctrl-C.
const INTERRUPTED: u8 = 130;

/// Lets the person edit `text` in a file of this name, and returns the text after that. Exit 1 where the editor does not
/// start or fails, 128+n after an interrupt. The file is removed in each case.
pub fn edit(terminal: &Terminal, name: &str, text: &str) -> Result<String> {
    let (editor, shown) = chosen()?;
    // The order matters: the editor is ended before its folder is removed, and until then no interrupt ends this process.
    let interrupts = Interrupts::listen()?.heeded_elsewhere();
    let folder = temporary::Folder::new()?;
    let path = folder.path().join(name);
    create(&path, text).context(|| format!("cannot write {}", path.display()))?;
    terminal.status(&format!("waiting for {shown} to close {name}..."));
    let code = wait(&mut editor.args([&path]).start_on_terminal()?, &interrupts)?;
    match interrupts.code() {
        // An editor that goes on after Ctrl-C was meant alone.
        Some(INTERRUPTED) if code == 0 => interrupts.forget_ctrl_c(),
        Some(code) => return Err(Error::silent(code)),
        None => {}
    }
    if code != 0 {
        return Err(Error::failed(format!("{shown} failed (exit code {code}); nothing was changed")));
    }
    file::read_text(&path, LARGEST).context(|| format!("cannot read {name} again"))
}

/// Waits for the editor's exit code. Ctrl-C is the editor's to heed; an end from elsewhere ends the editor, too.
fn wait(editor: &mut ChildProcess, interrupts: &HeededElsewhere) -> Result<u8> {
    loop {
        if let Some(code) = interrupts.code().filter(|code| *code != INTERRUPTED) {
            return Err(Error::silent(code));
        }
        if let Some(code) = editor.finished(Duration::ZERO)? {
            return Ok(code);
        }
        thread::sleep(TICK);
    }
}

/// Readable by nobody else from the first byte on.
fn create(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

/// The editor, and how it is called in messages: what the environment names, or else one that is there.
fn chosen() -> Result<(CommandLine, String)> {
    let named = VARIABLES.iter().find_map(|variable| {
        let value = env::var_os(variable).filter(|value| !value.is_empty())?;
        Some((*variable, value))
    });
    let Some((variable, value)) = named else {
        let found = DEFAULTS.iter().find_map(|name| Some((CommandLine::find(name)?, (*name).to_owned())));
        return found.ok_or_else(|| {
            let there = DEFAULTS.join(", ");
            Error::failed(format!(
                "no editor found: VISUAL and EDITOR are not set, and none of {there} is on PATH"
            ))
        });
    };
    let value = value.to_string_lossy();
    // The Heroku CLI takes all of it for the program, blanks included.
    let whole = program(&value).map(|program| (program, Vec::new()));
    let (program, arguments) = whole
        .or_else(|| {
            let mut words = shell_words::split(&value).ok()?.into_iter();
            Some((program(&words.next()?)?, words.collect()))
        })
        .ok_or_else(|| Error::failed(format!("{variable} names no program on PATH: {value}")))?;
    let line = program.args(arguments);
    let shown = line.to_string();
    Ok((line, shown))
}

/// The program of this name on PATH, or at this absolute path.
fn program(name: &str) -> Option<CommandLine> {
    let path = Path::new(name);
    if path.is_absolute() {
        return path.is_file().then(|| CommandLine::at(path, name));
    }
    CommandLine::find(name)
}
