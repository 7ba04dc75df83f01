//! The life of a one-off dyno, from its creation to its end.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{fs, io};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::code::Code;
use super::output::{Client, Listener, Log};
use super::process::{Plan, Process, Terminal};
use super::session::{self, Incoming};
use crate::faults::Fault;
use crate::state::one_off::{Connection, Request};
use crate::state::{Shared, lock};

/// A dyno that has been created, and everything that it needs to run.
pub(super) struct Launch {
    pub(super) app: usize,
    pub(super) id: String,
    pub(super) name: String,
    /// The command of the request with its process type resolved.
    pub(super) command: String,
    pub(super) env: BTreeMap<String, String>,
    pub(super) code: Code,
    pub(super) stopped: watch::Receiver<bool>,
    /// The secret in its attach URL.
    pub(super) secret: String,
    /// Brings the client of an attached dyno.
    pub(super) client: Option<oneshot::Receiver<Connection>>,
    pub(super) request: Request,
}

/// A dyno whose process can be started.
struct Ready {
    listener: Listener,
    incoming: Option<Incoming>,
    /// The folder with the app's code.
    folder: PathBuf,
    /// Removed after the process has ended.
    _around: tempfile::TempDir,
}

/// The status of a process that was stopped with SIGTERM, and of one that could not be started.
const STOPPED: i32 = 143;
const FAILED: i32 = 1;

/// Runs the dyno to its end, and removes it from the app.
pub(super) async fn run(shared: Shared, mut launch: Launch) {
    let deadline = launch.request.time_to_live.map(|time| Instant::now() + time);
    let (begin_asked, session_asked) = (launch.asked(deadline), launch.asked(deadline));
    let ready = tokio::select! {
        ready = launch.begin(&shared) => ready,
        () = begin_asked => {
            launch.say(&shared, "Stopping all processes with SIGTERM");
            Err(STOPPED)
        }
    };
    lock(&shared).awaiting.remove(&launch.secret);
    match ready {
        Err(status) => launch.end(&shared, status),
        Ok(ready) => match launch.start(&shared, &ready.folder) {
            Err(error) => {
                launch.say(&shared, &format!("Error: {error}"));
                launch.end(&shared, FAILED);
                ready.listener.close().await;
            }
            Ok(process) => {
                let stop_time = lock(&shared).settings.stop_time;
                let say = |text: &str| launch.say(&shared, text);
                let Ready { listener, incoming, .. } = ready;
                let played = session::play(process, listener, incoming, session_asked, stop_time, say).await;
                launch.end(&shared, played.status);
                played.close().await;
            }
        },
    }
}

impl Launch {
    /// Completes when the dyno has to stop: by a request, or because its time is over.
    fn asked(&self, deadline: Option<Instant>) -> impl Future<Output = ()> + use<> {
        let mut stopped = self.stopped.clone();
        async move {
            let over = async {
                match deadline {
                    Some(deadline) => sleep_until(deadline).await,
                    None => std::future::pending().await,
                }
            };
            let by_request = async {
                if stopped.wait_for(|stopped| *stopped).await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                () = over => {}
                () = by_request => {}
            }
        }
    }

    /// Gets everything ready: the code, and for an attached dyno its client. Otherwise the status that it ends with.
    async fn begin(&mut self, shared: &Shared) -> Result<Ready, i32> {
        let (around, wait) = {
            let state = lock(shared);
            (tempfile::tempdir_in(&state.folder), state.settings.dyno_start_time)
        };
        let code = std::mem::replace(&mut self.code, Code::None);
        let laid_out = async {
            let around = around?;
            let folder = around.path().join("app");
            fs::create_dir(&folder)?;
            code.write(&folder).await?;
            io::Result::Ok((around, folder))
        };
        let (laid_out, ()) = tokio::join!(laid_out, sleep(wait));
        let (around, folder) = laid_out.map_err(|error| {
            self.say(shared, &format!("Error: {error}"));
            FAILED
        })?;
        if self.client.is_some() {
            self.say(shared, "Awaiting client");
        }
        lock(shared).come_up(self.app, &self.id);
        let (listener, incoming) = match self.client.take() {
            None => (Listener::Log(Log::new(shared, self.app, &self.name)), None),
            Some(client) => self.attach(shared, client).await?,
        };
        Ok(Ready { listener, incoming, folder, _around: around })
    }

    /// Waits for the client and shakes hands.
    async fn attach(
        &self,
        shared: &Shared,
        client: oneshot::Receiver<Connection>,
    ) -> Result<(Listener, Option<Incoming>), i32> {
        let (patience, pause) = {
            let state = lock(shared);
            (state.settings.attach_timeout, state.settings.rendezvous_pause)
        };
        let Ok(Ok(Connection { stream, early })) = timeout(patience, client).await else {
            self.say(shared, "Error R13 (Attach error) -> Failed to attach to process");
            return Err(FAILED);
        };
        let (mut reader, mut writer) = tokio::io::split(stream);
        let fault = {
            let mut state = lock(shared);
            let name = state.apps[self.app].name().to_owned();
            state.faults.occur(|fault| fault.one_off() == Some(&name))
        };
        match fault {
            Some(Fault::SilentRendezvous { .. }) => {
                let mut buffer = [0; 1024];
                while reader.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
                return Err(FAILED);
            }
            Some(Fault::SlowRendezvous { delay_ms, .. }) => {
                sleep(std::time::Duration::from_millis(delay_ms)).await;
            }
            _ => {}
        }
        let mut head = b"rendezvous\r\n".to_vec();
        if !matches!(fault, Some(Fault::HastyOutput { .. })) {
            let sent = async {
                writer.write_all(&head).await?;
                writer.flush().await
            };
            sent.await.map_err(|_| FAILED)?;
            head.clear();
            sleep(pause).await;
        }
        let listener = Listener::Client(Client::new(writer, head, fault));
        Ok((listener, Some(Incoming { stream: reader, early })))
    }

    /// Starts the process.
    fn start(&self, shared: &Shared, folder: &std::path::Path) -> io::Result<Process> {
        let mut env = self.env.clone();
        env.insert("HOME".to_owned(), folder.to_string_lossy().into_owned());
        env.insert("PWD".to_owned(), folder.to_string_lossy().into_owned());
        let size = |name: &str, usual: u16| env.get(name).and_then(|text| text.parse().ok()).unwrap_or(usual);
        let terminal = Terminal { lines: size("LINES", 24), columns: size("COLUMNS", 80) };
        let has_terminal = self.request.attach && !self.request.force_no_tty;
        let plan =
            Plan { command: &self.command, env: &env, folder, terminal: has_terminal.then_some(terminal) };
        self.say(shared, &format!("Starting process with command `{}`", self.command));
        Process::start(&plan)
    }

    fn say(&self, shared: &Shared, text: &str) {
        lock(shared).apps[self.app].log.say("heroku", &self.name, text);
    }

    /// Removes the dyno from its app.
    fn end(&self, shared: &Shared, status: i32) {
        let state = &mut *lock(shared);
        let app = &mut state.apps[self.app];
        app.log.say("heroku", &self.name, &format!("Process exited with status {status}"));
        app.log.say("heroku", &self.name, "State changed from up to complete");
        app.dynos.retain(|dyno| dyno.id != self.id);
    }
}
