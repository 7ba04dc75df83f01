//! The state of a push as the app shows it: its builds and releases, polled while git pushes and after git has ended.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use super::backoff::Backoff;
use super::slug_search::is_of;
use crate::error::Result;
use crate::heroku::{Build, Client, Release};
use crate::model::{BuildStatus, CommitId, ReleaseVersion};

/// The pause before the first look: git reports most ends of a push sooner than the app does.
const FIRST: Duration = Duration::from_secs(1);

/// The longest pause between looks. The account's requests are counted.
const EVERY: Duration = Duration::from_secs(5);

/// A commit that arrived when git ended is in a build after at most this long.
const SOON: Duration = Duration::from_secs(3);

/// This many of the newest builds are read.
const BUILDS: usize = 5;

/// The state of a push, as the app's builds and releases show it.
pub(super) enum PushState {
    /// No build of the commit has begun.
    Nothing,
    /// A build of another commit is under way.
    Busy(Build),
    /// The build of the commit is under way, or has succeeded and not named its release yet.
    Building(Build),
    /// The build of the commit failed.
    Failed(Build),
    /// The build of the commit made a release, which may be pending or have failed.
    Released(Release),
}

impl PushState {
    /// Whether the push has come to its end.
    pub(super) fn is_over(&self) -> bool {
        match self {
            Self::Failed(_) => true,
            Self::Released(release) => !release.is_pending(),
            Self::Nothing | Self::Busy(_) | Self::Building(_) => false,
        }
    }
}

/// Reads the state of a push from the app.
#[derive(Clone)]
pub(super) struct Observer {
    /// Reaches the app.
    pub(super) client: Arc<Client>,
    /// The app's id.
    pub(super) app: String,
    /// The commit that is pushed.
    pub(super) commit: CommitId,
    /// The id of the newest build before the push.
    pub(super) last_build: Option<String>,
    /// The version of the newest release before the push.
    pub(super) last_release: ReleaseVersion,
}

impl Observer {
    /// What the app's builds since the push say.
    fn look(&self) -> Result<PushState> {
        let builds = self.client.builds(&self.app, BUILDS)?.into_iter();
        let mut since: Vec<Build> =
            builds.take_while(|build| Some(&build.id) != self.last_build.as_ref()).collect();
        // Another build may have begun since ours came to its end.
        let ours = since.iter().position(|build| build.source_blob.version.as_ref() == Some(&*self.commit));
        let Some(build) = ours.map(|at| since.swap_remove(at)) else {
            let other = since.into_iter().find(Build::is_pending);
            return Ok(other.map_or(PushState::Nothing, PushState::Busy));
        };
        Ok(match (&build.status, &build.release) {
            // A build may say that it succeeded before it names its release.
            (BuildStatus::Pending, _) | (BuildStatus::Succeeded, None) => PushState::Building(build),
            (BuildStatus::Succeeded, Some(release)) => {
                PushState::Released(self.client.release(&self.app, &release.id)?)
            }
            _ => PushState::Failed(build),
        })
    }

    /// Polls in a thread while git pushes; ends once the receiver is dropped.
    pub(super) fn watch(&self) -> Receiver<PushState> {
        let (sender, seen) = mpsc::channel();
        let observer = self.clone();
        thread::spawn(move || {
            let mut pauses = Backoff::gentle(FIRST, EVERY);
            loop {
                thread::sleep(pauses.pause());
                // A failed look is not a failed push: git goes on.
                if sender.send(observer.look().unwrap_or(PushState::Nothing)).is_err() {
                    return;
                }
            }
        });
        seen
    }

    /// The state of a push after git has ended. A commit that arrived last may take a moment to be built.
    pub(super) fn settled(&self) -> Result<PushState> {
        let until = Instant::now() + SOON;
        let mut pauses = Backoff::doubling(Duration::from_millis(50), Duration::from_millis(500));
        loop {
            let seen = self.look();
            let is_early = Instant::now() < until;
            match seen {
                Ok(PushState::Nothing) if !is_early => break,
                Err(error) if !is_early => return Err(error),
                Ok(PushState::Nothing) | Err(_) => {}
                Ok(seen) => return Ok(seen),
            }
            thread::sleep(pauses.pause());
        }
        Ok(self.newer_release()?.map_or(PushState::Nothing, PushState::Released))
    }

    /// The release of the commit that was made since the push began.
    pub(super) fn newer_release(&self) -> Result<Option<Release>> {
        let releases = self.client.releases(&self.app, 10)?;
        for release in releases.into_iter().filter(|release| release.version > self.last_release) {
            if is_of(&self.client, &release, &self.commit)? {
                return Ok(Some(release));
            }
        }
        Ok(None)
    }
}
