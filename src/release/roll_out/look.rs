//! One look at a roll-out: the app's dynos, and what they are to be.

use std::time::{Duration, Instant};

use super::RollOut;
use crate::error::Result;
use crate::heroku::{Client, Dyno, Formation, Release};
use crate::model::AppName;
use crate::parallel::both;

/// How many releases are read: somebody may change config vars meanwhile, each of which makes one.
const NEWEST: usize = 10;

/// How long it is trusted what the dynos are to be.
const LASTS: Duration = Duration::from_secs(10);

/// What Heroku answers at one look.
pub(super) struct Seen {
    pub(super) dynos: Vec<Dyno>,
    /// Not at every look: the account's requests are counted.
    pub(super) expected: Option<Expected>,
}

/// What the dynos are to be, and when that was read.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) formation: Vec<Formation>,
    pub(super) releases: Vec<Release>,
    pub(super) read: Instant,
}

impl RollOut<'_> {
    /// Reads the dynos, and with them, every now and then and before the end, what they are to be.
    pub(super) fn look(&self, client: &Client) -> Result<Seen> {
        let is_fresh = self.expected.as_ref().is_some_and(|expected| expected.read.elapsed() < LASTS);
        if is_fresh && !self.confirms {
            return Ok(Seen { dynos: client.dynos(self.app.as_ref())?, expected: None });
        }
        let (dynos, expected) = both(|| client.dynos(self.app.as_ref()), || Expected::read(client, self.app));
        Ok(Seen { dynos: dynos?, expected: Some(expected?) })
    }
}

impl Expected {
    fn read(client: &Client, app: &AppName) -> Result<Self> {
        let (formation, releases) = both(|| client.formation(app), || client.releases(app.as_ref(), NEWEST));
        Ok(Self { formation: formation?, releases: releases?, read: Instant::now() })
    }
}
