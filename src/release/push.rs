//! A deploy is done: git pushes, or an archive is built, or a slug is released again; and the release lands.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::build::{build_from_archive, follow_build};
use super::deploy::{Deploy, Way, again};
use super::landing::outcome;
use super::plan::short;
use super::prepared::is_of;
use super::promotion::{Outcome, unsure};
use super::wait::{TICK, Wait};
use crate::error::{Error, Result};
use crate::heroku::{Build, Release};
use crate::interrupts::Interrupts;
use crate::process::{CommandLine, exit_code};

/// What git said last may come this much later than its end.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How git ended.
enum Ended {
    /// By itself, with this exit code.
    Left(u8),
    /// It took too long.
    TooLate,
    /// By an interrupt, with the exit code for that.
    Interrupted(u8),
}

/// A release is there this soon after the push that made it.
const SOON: Duration = Duration::from_secs(30);

/// How a push ended.
pub enum Pushed {
    /// With a release, or without one because it failed.
    Done(Outcome),
    /// Somebody else's build came first.
    Busy(Build),
}

impl Deploy<'_> {
    /// Does it, and waits until the app runs the commit or the release failed.
    pub fn go(&self, way: &Way) -> Result<Pushed> {
        let app = self.app.app.id.as_str();
        let release = match way {
            Way::Push { branch, replaces } => match self.push(branch, replaces.as_deref())? {
                Ok(release) => release,
                Err(build) => return Ok(Pushed::Busy(build)),
            },
            Way::Again(release) => {
                let slug = release.slug_id().unwrap_or_default();
                self.terminal.status(&format!("releasing the slug of v{} again", release.version));
                let made = self.client.release_slug(app, slug, &again(release));
                made.map_err(|error| unsure(error, "the release", [&self.app.app.name].into_iter()))?
            }
            Way::Archive => {
                let (client, terminal) = (self.client, self.terminal);
                let name = &self.app.app.name;
                build_from_archive(client, terminal, name, self.repository, self.commit, self.deadline)?
            }
        };
        outcome(self.client, self.terminal, release, self.deadline).map(Pushed::Done)
    }

    /// Pushes; the release it made, or the build of somebody else that was in the way.
    fn push(&self, branch: &str, replaces: Option<&str>) -> Result<Result<Release, Build>> {
        let lent = self.repository.lend()?;
        let progress = self.terminal.stderr_is_terminal();
        let line = self.repository_at(&lent).push(self.commit, branch, replaces, progress)?;
        let code = match self.relayed(&line)? {
            Ended::Left(code) => code,
            Ended::TooLate => return Err(self.too_late()),
            Ended::Interrupted(code) => return Err(self.interrupted(code)),
        };
        if code == 0 {
            return self.made().map(Ok);
        }
        // The connection may be lost while the build goes on.
        match self.new_build()? {
            Some(build) if self.is_ours(&build) => {
                if build.is_pending() {
                    self.terminal
                        .status("the connection to git was lost; the build goes on, and is followed");
                }
                let name = self.app.app.name.as_ref();
                follow_build(self.client, self.terminal, name, build, self.deadline).map(Ok)
            }
            Some(build) if build.is_pending() => Ok(Err(build)),
            _ => Err(Error::failed(format!("git push to {} failed (exit code {code})", self.app.app.name))
                .hint("what git said is above; it can be repeated as it is")),
        }
    }

    /// The build that has begun since the plan was made.
    fn new_build(&self) -> Result<Option<Build>> {
        let newest = self.client.builds(&self.app.app.id, 1)?.pop();
        Ok(newest.filter(|build| Some(&build.id) != self.last_build.as_ref()))
    }

    fn is_ours(&self, build: &Build) -> bool {
        build.source_blob.version.as_deref() == Some(self.commit)
    }

    /// Runs git, passing on what it says.
    fn relayed(&self, line: &CommandLine) -> Result<Ended> {
        let interrupts = Interrupts::listen()?;
        let mut child = line.spawn_piped()?;
        let (sender, quiet) = mpsc::channel();
        if let Some(said) = child.stderr.take() {
            let terminal = self.terminal.clone();
            thread::spawn(move || {
                terminal.relay(said);
                // Nobody may wait any longer.
                _ = sender.send(());
            });
        }
        let given_up = loop {
            if quiet.recv_timeout(TICK) != Err(mpsc::RecvTimeoutError::Timeout) {
                break None;
            }
            match interrupts.code() {
                Some(code) => break Some(Ended::Interrupted(code)),
                None if Instant::now() >= self.deadline => break Some(Ended::TooLate),
                None => {}
            }
        };
        if given_up.is_some() {
            // It may have ended just now. Its last words come before ours.
            _ = child.kill();
            _ = quiet.recv_timeout(LAST_WORDS);
        }
        let code = exit_code(child.wait()?);
        // Ctrl-C ends git as well.
        let interrupted = interrupts.code().map(Ended::Interrupted);
        Ok(given_up.or(interrupted).unwrap_or(Ended::Left(code)))
    }

    /// Exit 6, and whether the build goes on.
    fn too_late(&self) -> Error {
        let (commit, app) = (short(self.commit), &self.app.app.name);
        let goes_on = self.goes_on();
        match goes_on {
            Some(true) => Error::timed_out(format!(
                "the build of {commit} on {app} is not done yet; it goes on by itself"
            ))
            .hint_about(app, ["releases"]),
            Some(false) => {
                Error::timed_out(format!("the push of {commit} to {app} took too long; nothing is built"))
            }
            None => Error::timed_out(format!("{commit} may be built on {app} by now; that cannot be seen"))
                .hint_about(app, ["releases"]),
        }
    }

    /// Exit 128+n, after the word whether the build goes on.
    fn interrupted(&self, code: u8) -> Error {
        self.terminal.status(match self.goes_on() {
            Some(true) => "interrupted: the build goes on by itself",
            Some(false) => "interrupted: nothing is built",
            None => "interrupted: a build that has begun goes on by itself",
        });
        Error::silent(code)
    }

    /// Whether a build of the commit is under way or done; none where that cannot be seen.
    fn goes_on(&self) -> Option<bool> {
        let build = self.new_build().ok()?;
        Some(build.is_some_and(|build| self.is_ours(&build)))
    }

    /// The release that the push made.
    fn made(&self) -> Result<Release> {
        let before = self.app.newest.as_ref().map_or(0, |newest| newest.version);
        let mut wait = Wait::begin(self.terminal, "the release")?;
        let until = (Instant::now() + SOON).min(self.deadline);
        loop {
            if let Some(release) = wait.seen(self.newer_of_the_commit(before))?.flatten() {
                return Ok(release);
            }
            if Instant::now() >= until {
                return Err(Error::failed(format!(
                    "{} was pushed to {}, but no release of it is to be seen",
                    short(self.commit),
                    self.app.app.name
                ))
                .hint_about(&self.app.app.name, ["releases"]));
            }
            wait.pause(until)?;
        }
    }

    fn newer_of_the_commit(&self, than: u64) -> Result<Option<Release>> {
        let releases = self.client.releases(&self.app.app.id, 10)?;
        for release in releases.into_iter().filter(|release| release.version > than) {
            if is_of(self.client, &release, self.commit)? {
                return Ok(Some(release));
            }
        }
        Ok(None)
    }
}
