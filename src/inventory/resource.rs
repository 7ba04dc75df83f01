//! What a list of names belongs to, and how long it stays fresh.

use std::time::Duration;

use crate::model::Resource;

/// What a list belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::inventory) enum Scope {
    /// One app.
    App,
    /// The account.
    Account,
    /// The project in the current folder, with its configuration and its git remotes.
    Here,
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

impl Resource {
    /// What the list belongs to.
    pub(in crate::inventory) fn scope(self) -> Scope {
        match self {
            Self::DynoSizes | Self::Pipelines | Self::Apps => Scope::Account,
            Self::ReviewApps | Self::OwnApps => Scope::Here,
            _ => Scope::App,
        }
    }

    /// How long the list is considered fresh, unless a command on this machine changes it.
    pub(in crate::inventory) fn fresh_for(self) -> Duration {
        match self {
            Self::Dynos => Duration::from_secs(10),
            Self::Releases | Self::RollbackTargets | Self::ProcessTypes | Self::ReviewApps => 2 * MINUTE,
            Self::Backups => 5 * MINUTE,
            Self::OwnApps => 10 * MINUTE,
            Self::DynoSizes => 24 * HOUR,
            _ => HOUR,
        }
    }
}
