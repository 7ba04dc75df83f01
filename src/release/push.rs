//! Runs a deploy method: a git push, a build of an archive, or the release of an earlier slug; then waits for the release.

use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::build::{build_from_archive, failed_build, follow_build};
use super::deploy_method::{Deploy, DeployMethod, again};
use super::outcome::outcome;
use super::polling::Polling;
use super::promotion::{Outcome, unsure};
use super::push_observer::{Observer, PushState};
use crate::error::{Error, Result};
use crate::git::is_denial;
use crate::heroku::{Build, Release, release_again};
use crate::hint::Hint;
use crate::interrupts::Interrupts;
use crate::model::{CommitId, ReleaseStatus, ReleaseVersion, Resource};
use crate::process::{CommandLine, Ended, Place};

/// git is ended this long after the app shows that the push is over.
const LATE: Duration = Duration::from_secs(5);

/// A release appears at most this long after the push that made it.
const SOON: Duration = Duration::from_secs(30);

/// This much of git's last output is searched for the reason of a failure. In bytes.
const REASON: usize = 4096;

/// Why git was ended.
enum GivenUp {
    /// The deadline came.
    TooLate,
    /// An interrupt, with its exit code.
    Interrupted(u8),
    /// The app shows that the push is over, but git does not end.
    Over,
}

/// How a deploy ended.
pub(super) enum Pushed {
    /// With a release, or without one because it failed.
    Done(Outcome),
    /// Somebody else's build came first.
    Busy(Build),
}

/// The release that a push made, or somebody else's build that came first.
type PushMade = Result<Release, Build>;

impl Deploy<'_> {
    /// Runs the deploy method, and waits until the app runs the commit or the release failed.
    pub(super) fn run(&self, method: &DeployMethod) -> Result<Pushed> {
        let app = &self.app.app.name;
        let release = match method {
            DeployMethod::Push { branch, replaces } => match self.push(branch, replaces.as_ref())? {
                Ok(release) => release,
                Err(build) => return Ok(Pushed::Busy(build)),
            },
            DeployMethod::Rerelease(release) => {
                self.terminal.status(&format!("releasing the slug of {} again", release.version));
                let made = self.client.change(&release_again(app, release, &again(release)));
                made.map_err(|error| unsure(error, "the release", [app].into_iter()))?
            }
            DeployMethod::Archive => {
                let (client, terminal) = (self.client, self.terminal);
                build_from_archive(client, terminal, app, self.repository, self.commit, self.deadline)?
            }
        };
        outcome(self.client, self.terminal, release, self.deadline).map(Pushed::Done)
    }

    /// Pushes the commit, and returns the release it made, or somebody else's build that came first.
    fn push(&self, branch: &str, replaces: Option<&CommitId>) -> Result<PushMade> {
        self.client.note_stale(std::slice::from_ref(&self.app.app.name), Resource::RELEASED);
        let lent = self.repository.lend()?;
        let progress = self.terminal.stderr_is_terminal();
        let line = self.repository_at(&lent).push(self.commit, branch, replaces, progress)?;
        let observer = self.observer();
        let (ended, said) = self.relayed(&line, &observer)?;
        let app = &self.app.app.name;
        match ended {
            Ended::Left(0) => self.made(&observer).map(Ok),
            Ended::Left(code) if is_denial(&said) => {
                Err(Error::denied(format!("git push to {app} was refused (exit code {code})"))
                    .hint_about(app, ["access"]))
            }
            Ended::Left(code) => self.after_failure(code, &said, observer.settled()?),
            Ended::GivenUp(GivenUp::Over) => self.without_git(observer.settled()?),
            Ended::GivenUp(GivenUp::TooLate) => self.too_late(observer.settled()),
            Ended::GivenUp(GivenUp::Interrupted(code)) => Err(self.interrupted(code, observer.settled())),
        }
    }

    fn observer(&self) -> Observer {
        Observer {
            client: Arc::clone(self.client),
            app: self.app.app.id.clone(),
            commit: self.commit.clone(),
            last_build: self.last_build.clone(),
            last_release: self.app.newest.as_ref().map_or(ReleaseVersion::NONE, |newest| newest.version),
        }
    }

    /// Runs git, passing on its output, until git or the app shows that the push is over; with git's last output.
    fn relayed(&self, line: &CommandLine, observer: &Observer) -> Result<(Ended<u8, GivenUp>, String)> {
        let interrupts = Interrupts::listen()?;
        let _waiting =
            self.terminal.progress(format!("the push of {} to {}", self.commit.short(), self.app.app.name));
        let heard = Heard::default();
        let (terminal, said) = (self.terminal.clone(), heard.clone());
        let relay = move |stream| terminal.relay(Overheard { stream, said });
        // Without a terminal git cannot ask a question that nobody would see.
        let git = line.start(Place::WithoutTerminal)?;
        let watch = observer.watch();
        let mut over = None;
        let given_up = || {
            while let Ok(seen) = watch.try_recv() {
                over = over.or_else(|| seen.is_over().then(Instant::now));
            }
            match interrupts.code() {
                Some(code) => Some(GivenUp::Interrupted(code)),
                None if over.is_some_and(|since| since.elapsed() >= LATE) => Some(GivenUp::Over),
                None => (Instant::now() >= self.deadline).then_some(GivenUp::TooLate),
            }
        };
        let ended = git.read_to_end([Box::new(|_| {}), Box::new(relay)], given_up)?;
        Ok((ended, heard.text()))
    }

    /// After git failed: the build may go on although the connection was lost.
    fn after_failure(&self, code: u8, said: &str, seen: PushState) -> Result<PushMade> {
        let app = self.app.app.name.as_ref();
        match seen {
            PushState::Building(build) => {
                self.terminal.status("the connection to git was lost; following the build, which continues");
                follow_build(self.client, self.terminal, app, build, self.deadline).map(Ok)
            }
            // git has shown the build's output.
            PushState::Failed(build) => Err(failed_build(app, &build)),
            PushState::Released(release) => Ok(Ok(release)),
            PushState::Busy(build) => Ok(Err(build)),
            PushState::Nothing => {
                Err(Error::failed(format!("git push to {app} failed (exit code {code})"))
                    .hint(self.again(said)))
            }
        }
    }

    /// After a push that changed nothing: git's own message, where it had one, else the app's releases.
    fn again(&self, said: &str) -> Hint {
        if said.trim().is_empty() {
            Hint::about(&self.app.app.name, ["releases"])
        } else {
            "see git's message above; the command can be repeated".into()
        }
    }

    /// After git was ended because the app shows that the push is over.
    fn without_git(&self, seen: PushState) -> Result<PushMade> {
        let app = self.app.app.name.as_ref();
        self.terminal.status(
            "git got no answer from Heroku; reading the end of the push from the app's builds and releases",
        );
        match seen {
            PushState::Building(build) | PushState::Failed(build) => {
                follow_build(self.client, self.terminal, app, build, self.deadline).map(Ok)
            }
            PushState::Released(release) => Ok(Ok(release)),
            PushState::Busy(build) => Ok(Err(build)),
            PushState::Nothing => {
                Err(Error::failed(format!("the push to {app} may have gone through; check before retrying"))
                    .hint_about(app, ["releases"]))
            }
        }
    }

    /// After the deadline: the release, where it was made in time; else exit 6 with the state of the build.
    fn too_late(&self, seen: Result<PushState>) -> Result<PushMade> {
        let (commit, app) = (self.commit.short(), &self.app.app.name);
        Err(match seen {
            Ok(PushState::Released(release)) => return Ok(Ok(release)),
            Ok(PushState::Failed(build)) => failed_build(app.as_ref(), &build),
            Ok(PushState::Building(_)) => Error::timed_out(format!(
                "the build of {commit} on {app} is still under way and continues at Heroku"
            ))
            .hint_about(app, ["releases"]),
            Ok(PushState::Nothing | PushState::Busy(_)) => Error::timed_out(format!(
                "the push of {commit} to {app} took too long and was ended; nothing is built"
            ))
            .hint_about(app, ["releases"]),
            Err(_) => {
                Error::timed_out(format!("{commit} may have been built on {app}; check before retrying"))
                    .hint_about(app, ["releases"])
            }
        })
    }

    /// Exit 128+n, after a message about the state of the push.
    fn interrupted(&self, code: u8, seen: Result<PushState>) -> Error {
        let released =
            |release: &Release, what: &str| format!("{} {} {what}", release.app.name, release.version);
        let state = match seen {
            Ok(PushState::Nothing | PushState::Busy(_)) => "nothing is built".to_owned(),
            Ok(PushState::Building(_)) => "the build continues at Heroku".to_owned(),
            Ok(PushState::Failed(_)) => "the build has failed".to_owned(),
            Ok(PushState::Released(release)) => match release.status {
                ReleaseStatus::Succeeded => released(&release, "was released"),
                ReleaseStatus::Pending => released(&release, "is being released; it continues at Heroku"),
                _ => released(&release, "has failed"),
            },
            Err(_) => "a build that has begun continues at Heroku".to_owned(),
        };
        self.terminal.status(&format!("interrupted: {state}"));
        Error::silent(code)
    }

    /// The release that the push made.
    fn made(&self, observer: &Observer) -> Result<Release> {
        let mut polling = Polling::begin(self.terminal, "the release")?;
        let until = (Instant::now() + SOON).min(self.deadline);
        let found = polling.until(until, || observer.newer_release(), |error| error)?;
        let app = &self.app.app.name;
        found.ok_or_else(|| {
            Error::failed(format!(
                "{} was pushed to {app}, but no release of it appeared",
                self.commit.short()
            ))
            .hint_about(app, ["releases"])
        })
    }
}

/// The end of git's output, kept while it is passed on.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

impl Heard {
    fn keep(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(bytes);
        let surplus = kept.len().saturating_sub(REASON);
        kept.drain(..surplus);
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

/// A stream that keeps what is read from it in `said`.
struct Overheard<R> {
    stream: R,
    said: Heard,
}

impl<R: Read> Read for Overheard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.stream.read(buffer)?;
        self.said.keep(&buffer[..count]);
        Ok(count)
    }
}
