//! Pipelines and the apps coupled to them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::change::Change;
use super::{Accept, ApiError, App, Client};
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::model::{AppName, Resource, Stage};

/// A pipeline.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Pipeline {
    /// Its id.
    pub id: String,
    /// Its name; the API leaves it out in some answers, then it is the id.
    #[serde(default)]
    pub name: String,
}

/// Something that is named by its id only.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Id {
    /// The id.
    pub id: String,
}

/// An app's place in a pipeline.
#[derive(Clone, Debug, Deserialize)]
pub struct Coupling {
    /// The app, by id only.
    pub app: Id,
    /// The pipeline.
    pub pipeline: Pipeline,
    /// The stage it is in.
    pub stage: Stage,
    /// When it was put there: RFC 3339.
    #[serde(default)]
    pub created_at: String,
}

impl Client {
    /// The pipelines that the account sees.
    pub fn pipelines(&self) -> Result<Vec<Pipeline>> {
        self.list("/pipelines", Accept::Pipelines)
    }

    /// The pipeline of this name or id. Two of one name: exit 3, naming their ids.
    pub fn pipeline(&self, name: &str) -> Result<Pipeline> {
        self.find_pipeline(name)?.ok_or_else(|| {
            Error::unresolved(format!("there is no pipeline named {name:?} that you can see"))
                .hint(Hint::heroku(["pipelines"]))
        })
    }

    /// The same; `None` if there is no pipeline of this name.
    pub fn find_pipeline(&self, name: &str) -> Result<Option<Pipeline>> {
        let found: Vec<Pipeline> = if is_uuid(name) {
            vec![self.get(&format!("/pipelines/{name}"), Accept::Pipelines)?]
        } else {
            self.list(&format!("/pipelines?eq[name]={}", encoded(name)), Accept::Pipelines)?
        };
        match <[Pipeline; 1]>::try_from(found) {
            Ok([pipeline]) => Ok(Some(pipeline)),
            Err(none) if none.is_empty() => Ok(None),
            Err(several) => {
                let ids = several.iter().map(|pipeline| pipeline.id.as_str()).collect::<Vec<_>>().join(", ");
                Err(Error::unresolved(format!("several pipelines are named {name:?}: {ids}"))
                    .hint(Hint::setting("pipeline", &several[0].id).note("in greenroom.toml")))
            }
        }
    }

    /// Whoever is logged in, as the owner of a pipeline.
    pub fn account_as_owner(&self) -> Result<Owner> {
        let account: Id = self.get("/account", Accept::V3)?;
        Ok(Owner { id: account.id, kind: "user" })
    }

    /// The app's coupling; `None` if it is in no pipeline. An app without access is an error.
    pub fn coupling_of(&self, app: &AppName) -> Result<Option<Coupling>> {
        let mut coupling: Coupling = match self.get(&format!("/apps/{app}/pipeline-couplings"), Accept::V3) {
            Ok(coupling) => coupling,
            Err(error) if error.downcast_ref().is_some_and(lacks_coupling) => return Ok(None),
            Err(error) => return Err(error),
        };
        if coupling.pipeline.name.is_empty() {
            coupling.pipeline.name.clone_from(&coupling.pipeline.id);
        }
        Ok(Some(coupling))
    }

    /// The places of several apps, asked for in parallel; the answers in the apps' order.
    pub fn couplings_of<'a>(
        &self,
        apps: impl IntoIterator<Item = &'a AppName>,
    ) -> Vec<Result<Option<Coupling>>> {
        crate::parallel::in_parallel(apps, |app| self.coupling_of(app))
    }

    /// Every app coupled to the pipeline, review apps too.
    pub fn pipeline_couplings(&self, pipeline: &str) -> Result<Vec<Coupling>> {
        self.long_list(&format!("/pipelines/{pipeline}/pipeline-couplings"), Accept::Sdk)
    }

    /// The apps of these ids that can be seen, in one request.
    pub fn apps_by_id(&self, ids: &[&str]) -> Result<Vec<App>> {
        self.post_all("/filters/apps", Accept::Filters, &json!({ "in": { "id": ids } }))
    }
}

/// Who a pipeline belongs to.
#[derive(Clone, Debug)]
pub struct Owner {
    /// The id of the account or the team.
    pub id: String,
    /// `user` or `team`.
    pub kind: &'static str,
}

/// Makes a pipeline.
pub fn create_pipeline(name: &str, owner: &Owner) -> Change {
    Change::post("/pipelines", json!({ "name": name, "owner": { "id": owner.id, "type": owner.kind } }))
        .outdates([], &[Resource::Pipelines])
}

/// Puts an app in a stage of the pipeline with this id.
pub fn couple(app: &AppName, pipeline: &str, stage: &Stage) -> Change {
    Change::post("/pipeline-couplings", json!({ "app": app, "pipeline": pipeline, "stage": stage }))
        .outdates([], if *stage == Stage::Review { &[Resource::ReviewApps] } else { &[] })
}

/// Whether this says that the coupling is not there, rather than the app, or that the app may not be seen.
fn lacks_coupling(refusal: &ApiError) -> bool {
    let named = match &refusal.resource {
        Some(resource) => resource.contains("coupling"),
        None => refusal.message.contains("coupling"),
    };
    refusal.status == 404 && named
}

/// Whether the text has the form of a UUID.
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

/// `text` as a value in a URL's query.
pub(super) fn encoded(text: &str) -> PercentEncode<'_> {
    const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, ESCAPED)
}
