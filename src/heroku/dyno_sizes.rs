//! Dyno sizes.

use serde::Deserialize;

use super::{Accept, Client};
use crate::error::Result;

/// A size that dynos may have.
#[derive(Clone, Debug, Deserialize)]
pub struct DynoSize {
    /// Its name, such as `Standard-1X`.
    pub name: String,
    /// Its memory, in GB.
    pub memory: f64,
    /// Whether it is only for private spaces.
    #[serde(default)]
    pub private_space_only: bool,
}

impl Client {
    /// The sizes that there are.
    pub fn dyno_sizes(&self) -> Result<Vec<DynoSize>> {
        self.list("/dyno-sizes", Accept::V3)
    }
}
