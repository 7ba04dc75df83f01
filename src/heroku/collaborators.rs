//! Who has access to an app.

use serde::Deserialize;

use super::{Accept, Client, User};
use crate::error::Result;
use crate::model::AppName;

/// A collaborator's account.
#[derive(Clone, Debug, Deserialize)]
pub struct Collaborator {
    /// Who it is.
    pub user: User,
    /// `admin`, `member`, `owner` and the like, in teams.
    #[serde(default)]
    pub role: Option<String>,
}

impl Client {
    /// Who has access to the app.
    pub fn collaborators(&self, app: &AppName) -> Result<Vec<Collaborator>> {
        self.list(&format!("/apps/{app}/collaborators"), Accept::V3)
    }
}
