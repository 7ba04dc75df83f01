//! The buildpacks that build an app, in the order in which they run.

use serde::Deserialize;
use serde_json::{Value, json};

use super::change::Change;
use super::{Accept, Client};
use crate::error::Result;
use crate::model::AppName;

#[derive(Deserialize)]
struct Installation {
    ordinal: u64,
    buildpack: Buildpack,
}

#[derive(Deserialize)]
struct Buildpack {
    url: String,
}

impl Client {
    /// The URLs of the app's buildpacks; none if builds detect them.
    pub fn buildpacks(&self, app: &AppName) -> Result<Vec<String>> {
        let mut installed: Vec<Installation> = self.list(&path(app), Accept::V3)?;
        installed.sort_unstable_by_key(|installation| installation.ordinal);
        Ok(installed.into_iter().map(|installation| installation.buildpack.url).collect())
    }
}

/// Gives the app these buildpacks and no others.
pub fn set_buildpacks(app: &AppName, urls: &[String]) -> Change {
    let updates: Vec<Value> = urls.iter().map(|url| json!({ "buildpack": url })).collect();
    Change::put(path(app), json!({ "updates": updates })).outdates_nothing()
}

/// A buildpack's URL as a person writes it: `heroku/ruby` for `urn:buildpack:heroku/ruby`.
pub fn buildpack_name(url: &str) -> &str {
    url.strip_prefix("urn:buildpack:").unwrap_or(url)
}

fn path(app: &AppName) -> String {
    format!("/apps/{app}/buildpack-installations")
}
