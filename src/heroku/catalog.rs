//! Where apps can be made: teams, private spaces, regions, stacks.

use serde::Deserialize;

use super::apps::Team;
use super::pipelines::encoded;
use super::{Accept, Client};
use crate::error::Result;

/// A private space.
#[derive(Clone, Debug, Deserialize)]
pub struct SpaceInfo {
    /// Its name.
    pub name: String,
    /// The team that it belongs to.
    pub team: Team,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

impl Client {
    /// The team of this name; a refusal where the account is not a member.
    pub fn team(&self, name: &str) -> Result<Team> {
        self.get(&format!("/teams/{}", encoded(name)), Accept::V3)
    }

    /// The private space of this name.
    pub fn space(&self, name: &str) -> Result<SpaceInfo> {
        self.get(&format!("/spaces/{}", encoded(name)), Accept::V3)
    }

    /// The names of the regions.
    pub fn regions(&self) -> Result<Vec<String>> {
        self.names_of("/regions")
    }

    /// The names of the stacks.
    pub fn stacks(&self) -> Result<Vec<String>> {
        self.names_of("/stacks")
    }

    fn names_of(&self, path: &str) -> Result<Vec<String>> {
        let all: Vec<Named> = self.list(path, Accept::V3)?;
        Ok(all.into_iter().map(|named| named.name).collect())
    }
}
