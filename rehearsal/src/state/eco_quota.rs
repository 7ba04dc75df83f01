//! The account's pool of Eco dyno hours.

use serde_json::{Value, json};

/// The pool of a month, in seconds.
#[derive(Clone, Debug)]
pub(crate) struct EcoQuota {
    pub(crate) account: u64,
    /// What each app has used, by its id.
    pub(crate) used: Vec<(String, u64)>,
}

impl Default for EcoQuota {
    /// 1000 hours, all of which are left.
    fn default() -> Self {
        Self { account: 3_600_000, used: Vec::new() }
    }
}

impl EcoQuota {
    /// The quota as the API shows it.
    pub(crate) fn json(&self) -> Value {
        let apps: Vec<Value> =
            self.used.iter().map(|(app, used)| json!({ "app_uuid": app, "quota_used": used })).collect();
        let used: u64 = self.used.iter().map(|(_, used)| used).sum();
        json!({ "account_quota": self.account, "quota_used": used, "apps": apps })
    }
}
