//! The hours that an account's eco dynos have in a month.

use serde::Deserialize;

use super::{Accept, App, Client, Id};

/// The quota of the account, in seconds.
#[derive(Clone, Debug, Deserialize)]
pub struct EcoQuota {
    /// What all apps together may use in a month.
    pub account_quota: f64,
    /// What they have used of it.
    pub quota_used: f64,
    /// What each app has used.
    #[serde(default)]
    pub apps: Vec<EcoUsage>,
}

/// The seconds that an app has used.
#[derive(Clone, Debug, Deserialize)]
pub struct EcoUsage {
    /// The app's id.
    pub app_uuid: String,
    /// The seconds.
    pub quota_used: f64,
}

impl Client {
    /// The quota of an app that belongs to the account of the token and runs eco dynos; none for any other app, and where
    /// it cannot be read. No request is made for other apps.
    pub fn eco_quota(&self, app: &App) -> Option<EcoQuota> {
        let owner = app.owner.as_ref().filter(|_| app.process_tier.as_deref() == Some("eco"))?;
        let path = format!("/accounts/{}/actions/get-quota", owner.id);
        let (account, quota) = crate::parallel::both(
            || self.glance::<Id>("/account", Accept::Sdk),
            || self.glance(&path, Accept::AccountQuotas),
        );
        quota.filter(|_| account.is_some_and(|account| account.id == owner.id))
    }
}
