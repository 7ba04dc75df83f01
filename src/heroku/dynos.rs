//! Dynos.

use serde::Deserialize;
use serde_json::Value;

use super::change::Change;
use super::{Accept, Client};
use crate::error::Result;
use crate::model::{AppName, DynoSelection, ReleaseVersion, Resource};

/// A dyno (Platform API reference, "Dyno").
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Dyno {
    /// Its id. A dyno that was restarted has another one.
    #[serde(default)]
    pub id: String,
    /// Its name, such as `web.1`.
    pub name: String,
    /// Its process type, such as `web`.
    #[serde(rename = "type")]
    pub process_type: String,
    /// `up`, `starting`, `crashed`, `idle` or `down`.
    pub state: String,
    /// Its size, such as `Standard-1X`.
    pub size: Option<String>,
    /// What it runs, such as `node server.js`.
    pub command: Option<String>,
    /// The release that it runs.
    pub release: Option<DynoRelease>,
    /// When its state changed last: RFC 3339 in UTC, to the second.
    #[serde(default)]
    pub updated_at: String,
}

/// The release of a dyno.
#[derive(Clone, Debug, Deserialize)]
pub struct DynoRelease {
    /// Its number.
    pub version: ReleaseVersion,
}

impl Client {
    /// The app's dynos, one-off ones too.
    pub fn dynos(&self, app: &str) -> Result<Vec<Dyno>> {
        self.list(&path(app), Accept::Sdk)
    }

    /// The same as Heroku tells it.
    pub fn dynos_as_told(&self, app: &str) -> Result<Vec<Value>> {
        self.list(&path(app), Accept::Sdk)
    }
}

/// Restarts these dynos of `app`; the answer is empty.
pub fn restart_dynos(app: &AppName, dynos: &DynoSelection) -> Change {
    Change::delete(selected(app, dynos)).accept(Accept::Sdk).outdates([app], Resource::RESTARTED)
}

/// Stops these dynos of `app`; the answer is empty. Those of the formation are started again later.
pub fn stop_dynos(app: &AppName, dynos: &DynoSelection) -> Change {
    let change = Change::post(format!("{}/actions/stop", selected(app, dynos)), Value::Null);
    change.accept(Accept::Sdk).outdates([app], Resource::RESTARTED)
}

/// The path of dynos that are restarted or stopped.
fn selected(app: &AppName, dynos: &DynoSelection) -> String {
    match dynos {
        DynoSelection::All => path(app.as_ref()),
        DynoSelection::Type(name) => format!("/apps/{app}/formations/{name}"),
        DynoSelection::Named(name) => format!("/apps/{app}/dynos/{name}"),
    }
}

fn path(app: &str) -> String {
    format!("/apps/{app}/dynos")
}
