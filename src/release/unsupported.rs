//! What Heroku does not promote is refused before anything is tried.

use super::pipeline_state::StageApp;
use crate::error::{Error, Result};
use crate::hint::Hint;

/// Exit 1 where an image, a Fir app or another team's app is involved.
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
        if running.is_fir() {
            return Err(Error::failed(format!(
                "{} is a Fir app, which only the Heroku CLI promotes",
                app.name
            ))
            .hint_line([
                "heroku",
                "pipelines:promote",
                "--app",
                source.app.name.as_ref(),
                "--to",
                &to,
            ]));
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
