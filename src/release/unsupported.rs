//! What Heroku does not promote is refused before anything is tried.

use super::pipeline_state::StageApp;
use crate::error::{Error, Result};
use crate::hint::Hint;

/// Exit 1 where a container image or another team's app is involved, or a Fir app and another one.
pub fn refuse_unsupported(source: &StageApp, targets: &[&StageApp]) -> Result<()> {
    let to = targets.iter().map(|target| target.app.name.as_ref()).collect::<Vec<_>>().join(",");
    for running in [source].into_iter().chain(targets.iter().copied()) {
        let app = &running.app;
        if app.is_container() {
            return Err(Error::failed(format!(
                "{} runs a container image, which cannot be promoted",
                app.name
            ))
            .hint(Hint::heroku(["container:push", "--recursive", "--app", &to])));
        }
        if running.is_fir() != source.is_fir() {
            let [fir, cedar] = if running.is_fir() { [running, source] } else { [source, running] };
            return Err(Error::failed(format!(
                "{} is a Fir app and {} is not; nothing can be promoted between them",
                fir.app.name, cedar.app.name
            ))
            .hint_about(&app.name, ["apps:info"]));
        }
        check_team(source, running)?;
    }
    Ok(())
}

/// Heroku promotes only within a team.
fn check_team(source: &StageApp, other: &StageApp) -> Result<()> {
    let team = |running: &StageApp| running.app.team.as_ref().map(|team| team.name.clone());
    if team(other) == team(source) {
        return Ok(());
    }
    let of = |running| team(running).map_or("no team".to_owned(), |team| format!("team {team}"));
    Err(Error::failed(format!(
        "{} belongs to {} and {} to {}; slugs cannot be promoted between them",
        source.app.name,
        of(source),
        other.app.name,
        of(other)
    ))
    .hint_about(&source.app.name, ["apps:transfer", "TEAM"]))
}
