//! Dynos.

use serde::Deserialize;

use super::{Accept, Client};
use crate::error::Result;

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
