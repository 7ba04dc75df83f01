//! The apps that code moves to.

use std::collections::BTreeSet;

use super::pipeline_state::{PipelineState, StageApp};
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::model::AppName;

/// The environment's `apps` in the pipeline, or those of their stage that `only` names.
pub fn targets<'a>(
    pipeline: &'a PipelineState,
    apps: &[AppName],
    only: &[AppName],
) -> Result<Vec<&'a StageApp>> {
    let find = |app: &AppName| {
        pipeline.app(app.as_ref()).ok_or_else(|| {
            Error::failed(format!(
                "{app} is in no stage of pipeline {} that code is promoted to",
                pipeline.name
            ))
            .hint(Hint::pipeline("pipelines:info", &pipeline.name))
        })
    };
    let ours = each_once(apps.iter().map(find).collect::<Result<Vec<_>>>()?);
    if only.is_empty() {
        return Ok(ours);
    }
    let first = ours[0];
    let named = each_once(only.iter().map(find).collect::<Result<Vec<_>>>()?);
    match named.iter().find(|target| target.stage != first.stage) {
        Some(other) => {
            let (theirs, ours) = (other.stage_name(), first.stage_name());
            Err(Error::usage(format!("{} is in stage {theirs}, not in {ours}", other.app.name))
                .hint(Hint::pipeline("pipelines:info", &pipeline.name)))
        }
        None => Ok(named),
    }
}

/// An app that is named twice is one target.
fn each_once(mut apps: Vec<&StageApp>) -> Vec<&StageApp> {
    let mut seen = BTreeSet::new();
    apps.retain(|target| seen.insert(target.app.id.as_str()));
    apps
}
