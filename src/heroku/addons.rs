//! What add-ons bring to an app.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{Accept, AppName, Client};
use crate::error::Result;

#[derive(Deserialize)]
struct Addon {
    config_vars: Vec<String>,
}

#[derive(Deserialize)]
struct Attachment {
    name: String,
    #[serde(default)]
    config_vars: Vec<String>,
}

impl Client {
    /// The names of the config vars that add-ons set on the app: those of its own add-ons, and those of the ones that
    /// are attached to it from other apps.
    pub fn addon_config_vars(&self, app: &AppName) -> Result<BTreeSet<String>> {
        let addons: Vec<Addon> = self.list(&format!("/apps/{app}/addons"), Accept::Sdk)?;
        let path = format!("/apps/{app}/addon-attachments");
        let attached: Vec<Attachment> = self.list_including(&path, Accept::Sdk, "config_vars")?;
        let mut names: BTreeSet<String> = addons.into_iter().flat_map(|addon| addon.config_vars).collect();
        for attachment in attached {
            names.insert(format!("{}_URL", attachment.name));
            names.extend(attachment.config_vars);
        }
        Ok(names)
    }
}
