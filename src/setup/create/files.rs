//! The files of a new project: Procfile, app.json, the CI service's pipeline. Those that are there are left alone.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::Wanted;
use super::ci;
use crate::builder;
use crate::config::PROJECT_FILE;
use crate::context::Context;
use crate::error::Result;
use crate::framework::{self, Serving};
use crate::hint::Hint;
use crate::procfile;
use crate::setup::files::text_of;
use crate::steps::{NewFile, PlanItem, Step};

/// The manifest that review apps are made by.
const APP_JSON: &str = "app.json";

/// What is missing of Procfile and app.json, and can be written: the framework's commands are known.
pub(super) fn missing(context: &Context) -> Result<Vec<&'static str>> {
    let Some(serving) = framework::serving(&root(context)?)? else { return Ok(Vec::new()) };
    let texts = [(procfile::NAME, procfile_of(&serving)), (APP_JSON, app_json(&serving))];
    let mut missing = Vec::new();
    for (name, text) in texts {
        if text.is_some() && text_of(context, name)?.is_none() {
            missing.push(name);
        }
    }
    Ok(missing)
}

/// The items for Procfile and app.json.
pub(super) fn items(context: &Context) -> Result<Vec<PlanItem>> {
    let serving = framework::serving(&root(context)?)?;
    let told = |text: fn(&Serving) -> Option<String>| serving.as_ref().and_then(text);
    let mut items = Vec::new();
    for (name, text) in [(procfile::NAME, told(procfile_of)), (APP_JSON, told(app_json))] {
        if text_of(context, name)?.is_some() {
            items.push(PlanItem::there(name));
        } else if let Some(text) = text {
            items.push(new_file(name, text));
        }
    }
    Ok(items)
}

/// The item for the CI service's pipeline.
pub(super) fn ci(context: &Context, wanted: &Wanted<'_>, branch: &str) -> Result<Option<PlanItem>> {
    let Some(service) = wanted.ci else { return Ok(None) };
    let path = service.path();
    if text_of(context, path)?.is_some() {
        return Ok(Some(PlanItem::there(path)));
    }
    let test = framework::serving(&root(context)?)?.map_or("bin/test", |serving| serving.test);
    Ok(Some(new_file(path, ci::pipeline(service, test, branch, wanted.prepare))))
}

/// The item for `greenroom.toml`. For CI it names the branch as well, which its clones do not tell.
pub(super) fn configuration(context: &Context, pipeline: &str, branch: Option<&str>) -> Result<PlanItem> {
    if context.config()?.pipeline.as_deref() == Some(pipeline) {
        return Ok(PlanItem::there(format!("{PROJECT_FILE}: pipeline {pipeline}")));
    }
    let item = crate::setup::files::names_pipeline(context, pipeline)?;
    let (Some(branch), None) = (branch, text_of(context, PROJECT_FILE)?) else { return Ok(item) };
    let text = format!(
        "{}\n\n[environments.production]\n{}\n",
        Hint::setting("pipeline", pipeline),
        Hint::setting("branch", branch)
    );
    let new = NewFile { path: PathBuf::from(PROJECT_FILE), text, before: None };
    Ok(PlanItem::to_do(item.text, Step::Write(new)))
}

fn new_file(name: &str, text: String) -> PlanItem {
    let new = NewFile { path: PathBuf::from(name), text, before: None };
    PlanItem::to_do(format!("write {name}"), Step::Write(new))
}

/// The release phase runs on an app without a database as well: at the first deploy, and on the app that builds.
fn procfile_of(serving: &Serving) -> Option<String> {
    let web = serving.web.as_ref()?;
    let release = serving.migrate.as_ref().map(|command| format!("release: {}\n", builder::guarded(command)));
    Some(format!("web: {web}\n{}", release.unwrap_or_default()))
}

fn app_json(serving: &Serving) -> Option<String> {
    let postdeploy = builder::guarded(serving.migrate.as_ref()?);
    let manifest = json!({ "scripts": { "postdeploy": postdeploy } });
    Some(format!("{}\n", serde_json::to_string_pretty(&manifest).ok()?))
}

pub(super) fn root(context: &Context) -> Result<PathBuf> {
    Ok(context.root()?.unwrap_or_else(|| Path::new(".").to_owned()))
}
