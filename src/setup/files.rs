//! `greenroom.toml`.

use std::path::PathBuf;

use crate::config::PROJECT_FILE;
use crate::context::Context;
use crate::error::{Context as _, Result};
use crate::file;
use crate::hint::Hint;
use crate::steps::{NewFile, PlanItem, Step};

/// No file is read that is larger; in bytes.
const LARGEST: u64 = 1 << 20;

/// The item for a line `pipeline = "NAME"` in the team's file: a new file, or a first line of the one that is there.
pub(super) fn names_pipeline(context: &Context, pipeline: &str) -> Result<PlanItem> {
    let before = text_of(context, PROJECT_FILE)?;
    let line = Hint::setting("pipeline", pipeline).to_string();
    let what = match before {
        None => format!("write {PROJECT_FILE}: {line}"),
        Some(_) => format!("add to {PROJECT_FILE}: {line}"),
    };
    let text = format!("{line}\n{}", before.as_deref().unwrap_or_default());
    Ok(PlanItem::to_do(what, Step::Write(NewFile { path: PathBuf::from(PROJECT_FILE), text, before })))
}

/// The text of a file of the project; none where there is no such file.
pub(super) fn text_of(context: &Context, name: &str) -> Result<Option<String>> {
    let path = context.root()?.unwrap_or_default().join(name);
    match file::read_text(&path, LARGEST) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        text => text.map(Some).context(|| format!("cannot read {name}")),
    }
}
