//! What an app says of a push: its builds and releases, looked at beside git and after it.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use super::slug_search::is_of;
use crate::error::Result;
use crate::heroku::{Build, Client, Release};

/// A push is looked at for the first time after so long: git tells more than the app does.
const FIRST: Duration = Duration::from_secs(1);

/// It is looked at this often in the end: the account's requests are counted.
const EVERY: Duration = Duration::from_secs(5);

/// What came to the app at the last moment is a build this soon.
const SOON: Duration = Duration::from_secs(3);

/// What an app says of a push.
pub(super) enum PushState {
    /// No build of the commit has begun.
    Nothing,
    /// A build of another commit is under way.
    Busy(Build),
    /// The build of the commit is under way.
    Building(Build),
    /// The build of the commit has ended without a release.
    Failed(Build),
    /// The build of the commit has ended with a release, which may be pending or have failed.
    Released(Release),
}

impl PushState {
    /// Whether nothing more comes of the push.
    pub(super) fn is_over(&self) -> bool {
        match self {
            Self::Failed(_) => true,
            Self::Released(release) => !release.is_pending(),
            Self::Nothing | Self::Busy(_) | Self::Building(_) => false,
        }
    }
}

/// Looks at an app for what becomes of a push.
#[derive(Clone)]
pub(super) struct Observer {
    /// The way to the app.
    pub(super) client: Arc<Client>,
    /// The app's id.
    pub(super) app: String,
    /// What is pushed.
    pub(super) commit: String,
    /// The newest build there was before, by id.
    pub(super) last_build: Option<String>,
    /// The newest release there was before.
    pub(super) last_release: u64,
}

impl Observer {
    /// What the app's newest build says.
    fn look(&self) -> Result<PushState> {
        let newest = self.client.builds(&self.app, 1)?.pop();
        let Some(build) = newest.filter(|build| Some(&build.id) != self.last_build.as_ref()) else {
            return Ok(PushState::Nothing);
        };
        if build.source_blob.version.as_deref() != Some(&self.commit) {
            return Ok(if build.is_pending() { PushState::Busy(build) } else { PushState::Nothing });
        }
        Ok(match (build.status.as_str(), &build.release) {
            ("pending", _) => PushState::Building(build),
            ("succeeded", Some(release)) => PushState::Released(self.client.release(&self.app, &release.id)?),
            _ => PushState::Failed(build),
        })
    }

    /// Looks again and again while git pushes; ends when nobody listens any more.
    pub(super) fn watch(&self) -> Receiver<PushState> {
        let (sender, seen) = mpsc::channel();
        let observer = self.clone();
        thread::spawn(move || {
            let mut pause = FIRST;
            loop {
                thread::sleep(pause);
                pause = (pause * 14 / 10).min(EVERY);
                // A look that fails says nothing; git goes on all the same.
                if sender.send(observer.look().unwrap_or(PushState::Nothing)).is_err() {
                    return;
                }
            }
        });
        seen
    }

    /// What became of a push that git no longer works at. What arrived at the last moment may take a moment to begin.
    pub(super) fn settled(&self) -> Result<PushState> {
        let until = Instant::now() + SOON;
        let mut pause = Duration::from_millis(50);
        loop {
            let seen = self.look();
            let is_early = Instant::now() < until;
            match seen {
                Ok(PushState::Nothing) if !is_early => break,
                Err(error) if !is_early => return Err(error),
                Ok(PushState::Nothing) | Err(_) => {}
                Ok(seen) => return Ok(seen),
            }
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(500));
        }
        Ok(self.newer_release()?.map_or(PushState::Nothing, PushState::Released))
    }

    /// The release of the commit that was not there before.
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
