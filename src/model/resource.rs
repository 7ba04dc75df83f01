//! The kinds of names that Heroku has for an app, an account or a project, which Tab offers.

/// A list of names that Heroku can be asked for.
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

impl Resource {
    /// The lists that a release changes.
    pub const RELEASED: &[Self] = &[Self::Releases, Self::RollbackTargets, Self::Dynos, Self::ProcessTypes];

    /// The lists that a rollback changes. It restores the config vars of the earlier release too.
    pub const ROLLED_BACK: &[Self] =
        &[Self::Releases, Self::RollbackTargets, Self::Dynos, Self::ProcessTypes, Self::ConfigVars];

    /// The lists that a change of config vars changes.
    pub const CONFIGURED: &[Self] = &[Self::ConfigVars, Self::Releases, Self::RollbackTargets, Self::Dynos];

    /// The lists that a change of the formation changes.
    pub const SCALED: &[Self] = &[Self::ProcessTypes, Self::Dynos];

    /// The lists that a change of the dynos changes.
    pub const RESTARTED: &[Self] = &[Self::Dynos];

    /// The lists that a feature changes.
    pub const FEATURED: &[Self] = &[Self::Features, Self::ConfigVars];

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
    pub fn named(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, named)| *named == word).map(|(resource, _)| *resource)
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
