//! What can be known from afar, and how long it stays true.

use std::time::Duration;

/// A list of things that Heroku knows of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// The names of the app's config vars.
    ConfigVars,
    /// Its dynos.
    Dynos,
    /// Its process types.
    ProcessTypes,
    /// The names of its add-ons.
    Addons,
    /// The names under which add-ons are attached to it.
    Attachments,
    /// Its domains.
    Domains,
    /// Its releases, newest first.
    Releases,
    /// Those of its releases that can be gone back to, newest first.
    RollbackTargets,
    /// The backups of its databases, newest first.
    Backups,
    /// Its features.
    Features,
    /// Its log drains, by id: their URLs hold secrets.
    Drains,
    /// Its webhooks, by id.
    Webhooks,
    /// Its certificates.
    Certificates,
    /// Who has access to it.
    Collaborators,
    /// The sizes that dynos may have.
    DynoSizes,
    /// The pipelines that the account sees.
    Pipelines,
    /// The apps that the account sees.
    Apps,
    /// The review apps of the project's pipeline.
    ReviewApps,
    /// The environment's own apps.
    OwnApps,
}

/// What a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::inventory) enum Scope {
    /// One app.
    App,
    /// The account.
    Account,
    /// The folder we stand in, with its configuration and its remotes.
    Here,
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

impl Resource {
    /// All of them, each with the word that it is called by.
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

    /// The word that it is called by.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(resource, _)| *resource == self).map_or("", |(_, word)| word)
    }

    /// The one that this word calls.
    pub(in crate::inventory) fn named(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, named)| *named == word).map(|(resource, _)| *resource)
    }

    /// What it is a list of.
    pub(in crate::inventory) fn scope(self) -> Scope {
        match self {
            Self::DynoSizes | Self::Pipelines | Self::Apps => Scope::Account,
            Self::ReviewApps | Self::OwnApps => Scope::Here,
            _ => Scope::App,
        }
    }

    /// How long it is taken for true, where nobody here changes it.
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
    fn each_has_a_word_of_its_own_that_can_be_a_files_name() {
        for (resource, word) in Resource::WORDS {
            assert_eq!((resource.word(), Resource::named(word)), (word, Some(resource)));
            assert!(word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{word}");
        }
        assert_eq!(Resource::named(""), None);
    }
}
