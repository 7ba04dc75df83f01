//! `greenroom rehearse`: a Heroku on loopback to try everything on.

use std::cell::Cell;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use rehearsal::{Interrupt, Rehearsal, Sandbox, Settings, interrupts};

use crate::context::Context;
use crate::error::{Context as _, Error, Result};
use crate::names;
use crate::process::{CommandLine, exit_code};
use crate::temporary;
use crate::text::quote;
use crate::values::{Values, Words};

mod again;
mod serve;
mod shell;
mod tour;

/// One line of help.
pub const ABOUT: &str = "Try greenroom on a simulated Heroku on this machine";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  greenroom rehearse                     take a short tour
  greenroom rehearse -- bash             open a shell: staging tail, production promote, …
  greenroom rehearse -- staging which    run one command
  greenroom rehearse serve               keep running, and print the variables to export
  greenroom rehearse serve --env FILE    write them to FILE, for `. FILE` in other shells";

/// No command of the Heroku CLI bears this name.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for its arguments.
pub const VALUES: Values = &[
    ("action", &[Words::These(&["serve"])]),
    ("port", &[Words::Free]),
    ("env", &[Words::Files]),
    ("command", &[Words::LocalCommand]),
];

/// What to rehearse.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// `serve` keeps running until it is interrupted
    action: Option<Action>,

    /// The port on 127.0.0.1 [default: a free one]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    port: u16,

    /// Write the variables to FILE, and remove it at the end
    #[arg(long, value_name = "FILE", requires = "action")]
    env: Option<PathBuf>,

    /// The command to run in the rehearsal, and its arguments
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// The subcommand; the default is the tour.
#[derive(Clone, Copy, Debug)]
enum Action {
    Serve,
}

impl std::str::FromStr for Action {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "serve" => Ok(Action::Serve),
            other => Err(format!("a command to run comes after `--`: greenroom rehearse -- {other} …")),
        }
    }
}

/// Plays the tour, or runs the command, or serves.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    // First of all, so that whatever interrupts from here on, the folders are removed.
    let interrupts = interrupts().context(|| "cannot listen for interrupts")?;
    let workspace = Workspace::set_up(args.port, interrupts)?;
    match (args.action, args.command.split_first()) {
        (Some(Action::Serve), None) => serve::serve(context, &workspace, args.env.as_deref()),
        (None, Some((program, arguments))) => {
            if arguments.is_empty() {
                shell::make_ready(context, &workspace, program)?;
            }
            match workspace.run(program, arguments)? {
                0 => Ok(()),
                code => Err(Error::silent(code)),
            }
        }
        (None, None) => tour::play(context, &workspace),
        (Some(Action::Serve), Some(_)) => {
            Err(Error::usage("serve runs no command").hint("greenroom rehearse -- COMMAND"))
        }
    }
}

/// A rehearsal, a sandbox to run commands in, and our commands under all their names. Dropping it removes everything.
struct Workspace {
    rehearsal: Rehearsal,
    sandbox: Sandbox,
    binaries: temporary::Folder,
    interrupts: Receiver<Interrupt>,
    /// The last interrupt that came while a command ran.
    interrupted: Cell<Option<Interrupt>>,
}

impl Workspace {
    fn set_up(port: u16, interrupts: Receiver<Interrupt>) -> Result<Self> {
        let pace = Settings {
            port,
            build_time: Duration::from_secs(1),
            release_phase_time: Duration::from_secs(1),
            promotion_time: Duration::from_millis(500),
            log_interval: Duration::from_millis(300),
            dyno_start_time: Duration::from_millis(500),
            transfer_time: Duration::from_secs(2),
            // Started by the first command that asks for a database.
            postgres: rehearsal::postgres::installed().into_keys().next_back(),
            ..Settings::default()
        };
        let rehearsal = Rehearsal::start_with(pace).context(|| match port {
            0 => "cannot start the rehearsal".to_owned(),
            port => format!("cannot start the rehearsal on port {port}"),
        })?;
        let sandbox =
            Sandbox::new(&rehearsal).context(|| "cannot make the rehearsal's repository (is git there?)")?;
        let binaries = temporary::Folder::new()?;
        let myself = env::current_exe().context(|| "cannot tell where greenroom is")?;
        for name in names::COMMANDS {
            names::link(&myself, &binaries.path().join(names::file(name)))?;
        }
        let workspace = Self { rehearsal, sandbox, binaries, interrupts, interrupted: Cell::new(None) };
        fs::create_dir(workspace.temporary())?;
        Ok(workspace)
    }

    /// Where what is started here puts what it wants for a while.
    fn temporary(&self) -> PathBuf {
        self.sandbox.home().join("tmp")
    }

    /// PATH with our commands first.
    fn path(&self) -> Result<OsString> {
        let inherited = env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.binaries.path().to_owned()).chain(env::split_paths(&inherited));
        env::join_paths(folders).context(|| "PATH has a folder that cannot be in it")
    }

    /// Runs a program in the sandbox's repository, on this terminal; its exit code.
    fn run(&self, program: &OsString, arguments: &[OsString]) -> Result<u8> {
        self.wait(self.start(program, arguments)?)
    }

    fn start(&self, program: &OsString, arguments: &[OsString]) -> Result<Child> {
        // What came while this was set up would otherwise end nothing: the program was not there to be told.
        if let Some(interrupt) = self.interrupt_within(Duration::ZERO) {
            return Err(Error::silent(code(interrupt)));
        }
        let path = self.path()?;
        let found = which::which_in_global(program, Some(&path)).ok().and_then(|mut found| found.next());
        let found =
            found.or_else(|| PathBuf::from(program).canonicalize().ok().filter(|file| file.is_file()));
        let Some(found) = found else {
            return Err(Error::failed(format!("there is no program {}", quote(program)))
                .hint("greenroom rehearse -- bash"));
        };
        let line = CommandLine::at(found, program.to_string_lossy()).args(arguments.iter().cloned());
        self.within(line)?.spawn()
    }

    /// The sandbox's variables. Time is short there, for dynos too.
    fn environment(&self) -> Vec<(OsString, Option<OsString>)> {
        let mut variables = self.sandbox.environment();
        variables.push(("GREENROOM_DYNO_SETTLE".into(), Some("0.3".into())));
        variables
    }

    /// The line, run in the sandbox.
    fn within(&self, line: CommandLine) -> Result<CommandLine> {
        let line = line.current_dir(self.sandbox.repository()).env("PATH", self.path()?);
        // Shells leave folders there.
        let line = line.env("TMPDIR", self.temporary());
        Ok(self.environment().into_iter().fold(line, |line, (name, value)| match value {
            Some(value) => line.env(name, value),
            None => line.without_env(name),
        }))
    }

    /// Waits for its end. Ctrl-C is the program's own matter; asked to end, we end it first.
    fn wait(&self, mut child: Child) -> Result<u8> {
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(exit_code(status));
            }
            let Some(interrupt) = self.interrupt_within(Duration::from_millis(10)) else { continue };
            self.interrupted.set(Some(interrupt));
            if interrupt == Interrupt::Terminated {
                child.kill()?;
                child.wait()?;
                return Ok(code(interrupt));
            }
        }
    }

    /// The interrupt that comes within this time, if one does.
    fn interrupt_within(&self, time: Duration) -> Option<Interrupt> {
        match self.interrupts.recv_timeout(time) {
            Ok(interrupt) => Some(interrupt),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Interrupt::Terminated),
        }
    }
}

/// The exit code that a shell gives to what this interrupt ended.
fn code(interrupt: Interrupt) -> u8 {
    match interrupt {
        Interrupt::Interrupted => 130,
        Interrupt::Terminated => 143,
    }
}
