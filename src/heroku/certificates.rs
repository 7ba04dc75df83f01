//! Certificates, which the API calls SNI endpoints.

use serde::Deserialize;

use super::{Accept, Client};
use crate::error::Result;
use crate::model::AppName;

/// A certificate of an app.
#[derive(Clone, Debug, Deserialize)]
pub struct Certificate {
    /// Its name, such as `tokyo-1234`.
    pub name: String,
    /// The domains it is for.
    #[serde(default)]
    pub ssl_cert: Option<Content>,
}

/// The contents of a certificate.
#[derive(Clone, Debug, Deserialize)]
pub struct Content {
    /// The domains that it is for.
    #[serde(default)]
    pub cert_domains: Vec<String>,
}

impl Client {
    /// The app's certificates.
    pub fn certificates(&self, app: &AppName) -> Result<Vec<Certificate>> {
        self.list(&format!("/apps/{app}/sni-endpoints"), Accept::V3)
    }
}
