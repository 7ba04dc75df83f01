//! Add-ons and their attachments.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::change::Change;
use super::{Accept, Client};
use crate::error::Result;
use crate::model::{AppName, Resource};
use crate::parallel::both;

/// An add-on.
#[derive(Clone, Debug, Deserialize)]
pub struct Addon {
    /// Its name, such as `postgresql-curved-12345`.
    pub name: String,
    /// What it is.
    pub plan: Plan,
    /// `provisioning`, `provisioned` or `deprovisioned`.
    #[serde(default)]
    pub state: String,
    #[serde(default)]
    config_vars: Vec<String>,
}

/// The plan of an add-on.
#[derive(Clone, Debug, Deserialize)]
pub struct Plan {
    /// Its name, such as `heroku-postgresql:standard-0`.
    pub name: String,
}

/// An add-on under the name that an app knows it by.
#[derive(Clone, Debug, Deserialize)]
pub struct Attachment {
    /// That name, such as `DATABASE`.
    pub name: String,
    /// The add-on.
    pub addon: Attached,
    #[serde(default)]
    config_vars: Vec<String>,
}

/// The add-on of an attachment.
#[derive(Clone, Debug, Deserialize)]
pub struct Attached {
    /// Its name.
    pub name: String,
}

impl Client {
    /// The app's own add-ons.
    pub fn addons(&self, app: &AppName) -> Result<Vec<Addon>> {
        self.list(&format!("/apps/{app}/addons"), Accept::Sdk)
    }

    /// The app's attachments, including those of other apps' add-ons.
    pub fn attachments(&self, app: &AppName) -> Result<Vec<Attachment>> {
        let path = format!("/apps/{app}/addon-attachments");
        self.list_including(&path, Accept::Sdk, "config_vars")
    }

    /// The app's own add-ons with their services and plans, as the JSON that the API sent.
    pub fn addons_as_told(&self, app: &AppName) -> Result<Vec<Value>> {
        self.list_expanding(&format!("/apps/{app}/addons"), Accept::Sdk, "addon_service,plan")
    }

    /// The attachments that the account can see, as the JSON that the API sent: the app's, and, unless somebody else's
    /// eyes are borrowed (`X-Heroku-Sudo`), those of its add-ons to other apps.
    pub fn attachments_as_told(&self, app: &AppName) -> Result<Vec<Value>> {
        let is_there = |header: &str| self.extra.contains_key(header);
        if is_there("x-heroku-sudo") && !is_there("x-heroku-sudo-user") {
            return self.list(&format!("/apps/{app}/addon-attachments"), Accept::V3);
        }
        self.list("/addon-attachments", Accept::V3)
    }

    /// The names of the config vars that add-ons set on the app: those of its own add-ons, and those of the ones that
    /// are attached to it from other apps.
    pub fn addon_config_vars(&self, app: &AppName) -> Result<BTreeSet<String>> {
        let (addons, attached) = both(|| self.addons(app), || self.attachments(app));
        let (addons, attached) = (addons?, attached?);
        let mut names: BTreeSet<String> = addons.into_iter().flat_map(|addon| addon.config_vars).collect();
        for attachment in attached {
            names.insert(format!("{}_URL", attachment.name));
            names.extend(attachment.config_vars);
        }
        Ok(names)
    }
}

/// Creates an add-on of `plan` for the app, attached as `alias`, with the service's own `options`; the answer is an [`Addon`].
pub fn create_addon(app: &AppName, plan: &str, alias: Option<&str>, options: &Map<String, Value>) -> Change {
    let mut body = json!({ "plan": plan });
    if let Some(alias) = alias {
        body["attachment"] = json!({ "name": alias });
    }
    if !options.is_empty() {
        body["config"] = Value::Object(options.clone());
    }
    Change::post(format!("/apps/{app}/addons"), body).outdates([app], Resource::CONFIGURED)
}
