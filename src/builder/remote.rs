//! The git remote of the app that builds.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::AppName;
use crate::text::with_operands;

/// The remote's name, and whether it exists; none outside a repository. Exit 5 where it points to another app.
pub fn remote(context: &Context, app: &AppName) -> Result<Option<(String, bool)>> {
    if context.repository()?.is_none() {
        return Ok(None);
    }
    let configured = context.config()?.environments.get("prepare");
    let name = configured.and_then(|prepare| prepare.remote.as_deref()).unwrap_or("prepare");
    context.with_project(|project| {
        let is_ours =
            project.heroku_remotes().iter().any(|(remote, named)| remote.name == name && *named == app);
        if !is_ours && project.remotes().any(|remote| remote.name == name) {
            return Err(Error::refused(format!(
                "the git remote {name} does not point to {app} and was not changed"
            ))
            .hint_line(with_operands(&["git", "remote", "rename"], [name, &format!("{name}-before")])));
        }
        Ok(Some((name.to_owned(), is_ours)))
    })
}
