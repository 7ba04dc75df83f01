//! The git remote of each environment.

use crate::environment::{
    AppRemote, GitHosts, Known, Pipeline, Project, Reason, RemoteState, StandsFor, UNNAMED, app_remotes,
    stage_named,
};
use crate::hint::Hint;
use crate::model::AppName;
use crate::steps::{PlanItem, Step};
use crate::text::with_operands;

/// The remotes of an environment, as items; `renames` is whether a remote called `heroku` becomes the environment's.
pub(super) fn items(
    known: &Known,
    pipeline: Option<&Pipeline>,
    renames: bool,
    project: &Project<'_>,
) -> Vec<PlanItem> {
    if let Some(item) = pipeline.and_then(|pipeline| elsewhere(known, pipeline)) {
        return vec![item];
    }
    match &known.stands_for {
        Ok(StandsFor::Apps { apps, .. }) => {
            let refused = apps.iter().filter_map(|app| {
                let hint = Hint::about(&app.name, ["apps:info"]);
                Some(PlanItem::blocked(
                    format!("{}: {} ({})", known.name, app.refused.as_ref()?, app.name),
                    hint,
                ))
            });
            let is_there =
                |remote: &AppRemote| apps.iter().any(|app| app.name == remote.app && app.refused.is_none());
            let remotes = app_remotes(known, project).into_iter().filter(is_there);
            refused.chain(remotes.map(|remote| item(&remote, renames))).collect()
        }
        // One that `greenroom link` made may belong to another project.
        Err(error) if project.config.environments.contains_key(&known.name) => {
            let hint = error.hints().next().cloned().unwrap_or_else(|| "greenroom environments".into());
            vec![PlanItem::blocked(error.to_string(), hint)]
        }
        _ => Vec::new(),
    }
}

/// A remote that bears a stage's name and is another app than those in the stage: it hides them.
fn elsewhere(known: &Known, Pipeline { place, apps }: &Pipeline) -> Option<PlanItem> {
    let Ok(StandsFor::Apps { apps: found, reason: Reason::Remote(remote) }) = &known.stands_for else {
        return None;
    };
    let stage = stage_named(&known.name).filter(|_| remote.name == known.name)?;
    let in_stage: Vec<&AppName> = apps.iter().filter(|(_, at)| *at == stage).map(|(app, _)| app).collect();
    if in_stage.is_empty() || found.iter().any(|app| in_stage.contains(&&app.name)) {
        return None;
    }
    let text = format!(
        "git remote {} is {}, and stage {stage} of pipeline {} has {}",
        remote.name,
        found.first()?.name,
        place.pipeline.name,
        in_stage[0]
    );
    let url = GitHosts::from_environment().url(in_stage[0]);
    let line = with_operands(&["git", "remote", "set-url"], [remote.name.as_str(), &url]);
    Some(PlanItem::blocked(text, Hint::line(line)))
}

/// One remote.
pub(super) fn item(remote: &AppRemote, renames: bool) -> PlanItem {
    let AppRemote { name, app, url, .. } = remote;
    match remote.state {
        RemoteState::There => PlanItem::there(format!("git remote {name}, {app}")),
        RemoteState::Unnamed if renames => PlanItem::to_do(
            format!("rename git remote {UNNAMED} to {name}, {app}"),
            Step::RenameRemote(UNNAMED.to_owned(), name.clone()),
        ),
        RemoteState::Missing | RemoteState::Unnamed => PlanItem::to_do(
            format!("add git remote {name}, {url}"),
            Step::AddRemote(name.clone(), url.clone()),
        ),
        RemoteState::Taken => PlanItem::blocked(
            format!("git remote {name}: there is one, and it is not {app}"),
            Hint::line(remote.words().unwrap_or_default()),
        ),
    }
}
