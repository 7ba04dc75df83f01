//! The kinds of names that Heroku has for an app, an account or a project, and how long a list of them stays fresh.

use std::time::Duration;

/// A list that Heroku can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// The names of the app's config vars.
    ConfigVars,
    /// The app's dynos.
    Dynos,
    /// The app's process types.
    ProcessTypes,
    /// The names of the app's add-ons.
    Addons,
    /// The names under which add-ons are attached to the app.
    Attachments,
    /// The app's domains.
    Domains,
    /// The app's releases, newest first.
    Releases,
    /// The releases that a rollback can go back to, newest first.
    RollbackTargets,
    /// The backups of the app's databases, newest first.
    Backups,
    /// The app's Heroku Labs features.
    Features,
    /// The app's log drains, by id: their URLs contain secrets.
    Drains,
    /// The app's webhooks, by id.
    Webhooks,
    /// The app's SSL certificates.
    Certificates,
    /// The email addresses of the app's collaborators.
    Collaborators,
    /// The dyno sizes that Heroku offers.
    DynoSizes,
    /// The pipelines that the account can see.
    Pipelines,
    /// The apps that the account can see.
    Apps,
    /// The review apps of the project's pipeline.
    ReviewApps,
    /// The apps of the environment itself.
    OwnApps,
}

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
    /// All resources, each with its name in files and in arguments of `__refresh`.
    const WORDS: [(Self, &'static str); 19] = [
        (Self::ConfigVars, "config-vars"),
        (Self::Dynos, "dynos"),
        (Self::ProcessTypes, "process-types"),
        (Self::Addons, "addons"),
        (Self::Attachments, "attachments"),
        (Self::Domains, "domains"),
        (Self::Releases, "releases"),
        (Self::RollbackTargets, "rollback-targets"),
        (Self::Backups, "backups"),
        (Self::Features, "features"),
        (Self::Drains, "drains"),
        (Self::Webhooks, "webhooks"),
        (Self::Certificates, "certificates"),
        (Self::Collaborators, "collaborators"),
        (Self::DynoSizes, "dyno-sizes"),
        (Self::Pipelines, "pipelines"),
        (Self::Apps, "apps"),
        (Self::ReviewApps, "review-apps"),
        (Self::OwnApps, "own-apps"),
    ];

    /// Its name: `config-vars`.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(resource, _)| *resource == self).map_or("", |(_, word)| word)
    }

    /// The resource of this name.
    pub(in crate::inventory) fn named(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, named)| *named == word).map(|(resource, _)| *resource)
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_resources_are_unique_and_fit_for_files() {
        for (resource, word) in Resource::WORDS {
            assert_eq!((resource.word(), Resource::named(word)), (word, Some(resource)));
            assert!(word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{word}");
        }
        assert_eq!(Resource::named(""), None);
    }
}
