//! A real PostgreSQL server in a scratch folder. It is stopped when it is dropped, and when this process ends in any way:
//! a shell beside it waits for the end of a pipe that only this process holds.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::installed::installed;
use super::user::{User, quiet};
use crate::folder::Folder;

/// A running server. Everybody may connect without a password, as anyone, except members of the role `with_password`,
/// which does not exist at first.
#[derive(Debug)]
pub struct Server {
    major: u32,
    programs: PathBuf,
    port: u16,
    process: Child,
    // Dropped after the process has ended.
    folder: Folder,
}

/// How long a server may take to start on a busy machine.
const START: Duration = Duration::from_secs(60);

/// The first line is what the role `with_password` is for.
const ACCESS: &str = "host all +with_password 127.0.0.1/32 scram-sha-256\n\
                      host all all 127.0.0.1/32 trust\n\
                      local all all trust\n";

/// Nothing here outlives the process, so nothing has to survive a crash of the machine.
const SETTINGS: [&str; 6] = [
    "listen_addresses=127.0.0.1",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "shared_buffers=32MB",
    "log_min_messages=warning",
];

impl Server {
    /// Starts a server of this major, which takes about a second. Fails with `NotFound` if it is not installed
    /// ([`installed`]), and with what the server said if it does not start.
    pub fn start(major: u32) -> io::Result<Self> {
        let programs = installed().remove(&major).ok_or_else(|| {
            io::Error::new(io::ErrorKind::NotFound, format!("PostgreSQL {major} is not installed"))
        })?;
        Self::start_from(major, programs)
    }

    /// The server of this major that the whole process shares; started by the first one who asks. Make databases with
    /// names of your own in it.
    pub fn shared(major: u32) -> io::Result<&'static Self> {
        Self::shared_by("tests", major, |_| Ok(()))
    }

    /// The server of this major that some share, prepared by the first of them.
    pub(crate) fn shared_by(
        whose: &'static str,
        major: u32,
        prepare: impl FnOnce(&Self) -> io::Result<()>,
    ) -> io::Result<&'static Self> {
        static SHARED: Mutex<BTreeMap<(&str, u32), &'static Server>> = Mutex::new(BTreeMap::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = shared.get(&(whose, major)) {
            return Ok(server);
        }
        let server = Self::start(major)?;
        prepare(&server)?;
        let server: &'static Self = Box::leak(Box::new(server));
        shared.insert((whose, major), server);
        Ok(server)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of its Unix socket, for `PGHOST`.
    pub fn socket_folder(&self) -> PathBuf {
        socket_folder(self.folder.path())
    }

    /// The server's major version, such as 15.
    pub fn major(&self) -> u32 {
        self.major
    }

    /// The folder of its programs: `pg_dump` and the others.
    pub fn programs(&self) -> &Path {
        &self.programs
    }

    /// The process id of its postmaster.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// `postgres://postgres@127.0.0.1:PORT/DATABASE`: as the superuser.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// One of its programs, told to connect to it as the superuser.
    pub fn program(&self, name: &str) -> Command {
        let mut command = quiet(&self.programs.join(name));
        command.env("PGHOST", "127.0.0.1").env("PGPORT", self.port.to_string()).env("PGUSER", "postgres");
        command
    }

    /// Runs SQL as the superuser and gives what it prints: a line for each row, fields parted by `|`. Ends at the first
    /// error and fails with it.
    pub fn psql(&self, database: &str, sql: &str) -> io::Result<String> {
        let mut command = self.program("psql");
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", "-"]);
        let printed = run(&mut command, sql)?;
        Ok(printed.trim_end().to_owned())
    }

    fn start_from(major: u32, programs: PathBuf) -> io::Result<Self> {
        let folder = Folder::new()?;
        let user = User::of_server(&[&programs, folder.path()])?;
        make_cluster(&programs, folder.path(), &user)?;
        let mut attempts = 1;
        loop {
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
            let mut process = launch(&programs, folder.path(), &user, port)?;
            match wait(&mut process, folder.path()) {
                Ok(()) => return Ok(Self { major, programs, port, process, folder }),
                // Another process may have taken the port in between.
                Err(error) if attempts == 3 => return Err(error),
                Err(_) => attempts += 1,
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

/// Lets the shell beside the server kill it, and waits for that.
fn end(process: &mut Child) {
    drop(process.stdin.take());
    _ = process.wait();
}

fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}

fn socket_folder(folder: &Path) -> PathBuf {
    folder.join("socket")
}

/// Makes the folders and the files of a new server.
fn make_cluster(programs: &Path, folder: &Path, user: &User) -> io::Result<()> {
    user.let_pass(folder)?;
    for inner in [data(folder), socket_folder(folder)] {
        fs::create_dir(&inner)?;
        user.give(&inner)?;
    }
    let mut initdb = user.command(&programs.join("initdb"));
    initdb.arg("-D").arg(data(folder)).current_dir(folder);
    initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
    run(&mut initdb, "")?;
    fs::write(data(folder).join("pg_hba.conf"), ACCESS)
}

/// Starts the server below a shell that kills it when the pipe to it is closed.
fn launch(programs: &Path, folder: &Path, user: &User, port: u16) -> io::Result<Child> {
    const KEEPER: &str =
        "exec 3<&0; (cat <&3 >/dev/null; kill -QUIT $$) 2>/dev/null & exec 3<&-; exec \"$@\" </dev/null";
    let log = File::create(folder.join("log"))?;
    let mut command = user.command(Path::new("/bin/sh"));
    command.args(["-c", KEEPER, "sh"]).arg(programs.join("postgres"));
    command.arg("-D").arg(data(folder)).arg("-k").arg(socket_folder(folder));
    command.args(["-p", &port.to_string()]);
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    command.current_dir(folder).stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log);
    // Ctrl-C is for us: what is running here is stopped when we end.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn()
}

/// Waits until the server accepts connections, which it notes in the last line of a file. A server that fails is ended.
fn wait(process: &mut Child, folder: &Path) -> io::Result<()> {
    let deadline = Instant::now() + START;
    loop {
        let note = fs::read_to_string(data(folder).join("postmaster.pid")).unwrap_or_default();
        if note.lines().last().is_some_and(|line| line.trim() == "ready") {
            return Ok(());
        }
        let failed = process.try_wait()?.is_some();
        if failed || Instant::now() > deadline {
            end(process);
            let said = fs::read_to_string(folder.join("log")).unwrap_or_default();
            return Err(io::Error::other(format!("PostgreSQL has not started: {}", said.trim_end())));
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Runs a program to its end with this input, and gives its output. Fails with what it said if it fails.
pub(super) fn run(command: &mut Command, input: &str) -> io::Result<String> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let stdin = child.stdin.take();
    let output = thread::scope(|scope| {
        // It may end before it has read everything.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input.as_bytes())));
        child.wait_with_output()
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("{}: {}", command.get_program().display(), said.trim_end())))
}
