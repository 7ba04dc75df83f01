/// Which variant of the Platform API answers: the `Accept` header.
///
/// The variants are the ones that the official CLI asks for. They differ little: in [`Accept::Sdk`] an app's
/// `generation` is a string and a log session takes `dyno`; in [`Accept::V3`] they are an object and `dyno_name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accept {
    /// `version=3`: the public API, and the default.
    V3,
    /// `version=3.sdk`: apps, dynos, releases, slugs, log sessions, couplings.
    Sdk,
    /// `version=3.pipelines`: pipelines by name.
    Pipelines,
    /// `version=3.review-apps`: review apps and their configuration.
    ReviewApps,
    /// `version=3.repositories-api`: the repository that a pipeline is connected to.
    Repositories,
    /// `version=3.filters`: `POST /filters/apps`.
    Filters,
    /// `version=3.account-quotas`: the hours of eco dynos.
    AccountQuotas,
    /// `version=3.webhooks`: an app's webhooks.
    Webhooks,
}

impl Accept {
    /// The header's value.
    pub(super) fn header(self) -> &'static str {
        match self {
            Accept::V3 => "application/vnd.heroku+json; version=3",
            Accept::Sdk => "application/vnd.heroku+json; version=3.sdk",
            Accept::Pipelines => "application/vnd.heroku+json; version=3.pipelines",
            Accept::ReviewApps => "application/vnd.heroku+json; version=3.review-apps",
            Accept::Repositories => "application/vnd.heroku+json; version=3.repositories-api",
            Accept::Filters => "application/vnd.heroku+json; version=3.filters",
            Accept::AccountQuotas => "application/vnd.heroku+json; version=3.account-quotas",
            Accept::Webhooks => "application/vnd.heroku+json; version=3.webhooks",
        }
    }
}
