//! Dynos.

use serde::Deserialize;

use super::change::Change;
use super::{Accept, Client};
use crate::error::Result;
use crate::model::AppName;

/// A dyno.
#[derive(Clone, Debug, Deserialize)]
pub struct Dyno {
    /// Its name, such as `web.1`.
    pub name: String,
    /// Its process type, such as `web`.
    #[serde(rename = "type")]
    pub process_type: String,
    /// `up`, `starting`, `crashed`, `idle` or `down`.
    pub state: String,
    /// Its size, such as `Standard-1X`.
    #[serde(default)]
    pub size: String,
}

impl Client {
    /// The app's dynos, one-off ones too.
    pub fn dynos(&self, app: &str) -> Result<Vec<Dyno>> {
        self.list(&format!("/apps/{app}/dynos"), Accept::Sdk)
    }
}

/// Restarts all dynos of `app`; the answer is empty.
pub fn restart_dynos(app: &AppName) -> Change {
    Change::delete(format!("/apps/{app}/dynos")).accept(Accept::Sdk)
}
