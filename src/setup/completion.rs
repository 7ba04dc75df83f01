//! Tab completion for the shell that `$SHELL` names.

use crate::error::Result;
use crate::shells::install::{self, InstallState, Part};
use crate::shells::{self, Shell};
use crate::steps::{PlanItem, State, Step};

/// The item for it; none where the shell is not known.
pub(super) fn item() -> Option<PlanItem> {
    let shell = shells::chosen(None).ok()?;
    let text = format!("Tab completion for {}", shell.name());
    Some(match is_current(shell) {
        Ok(true) => PlanItem::there(text),
        Ok(false) => PlanItem::to_do(format!("install {text}"), Step::InstallCompletion(shell)),
        Err(error) => {
            let hint = error.hints().next().cloned().unwrap_or_else(|| "greenroom doctor completion".into());
            PlanItem::blocked(format!("{text}: {error}"), hint)
        }
    })
}

/// The shell whose Tab completion is missing.
pub fn missing_completion() -> Option<&'static str> {
    match item()?.state {
        State::Missing(Step::InstallCompletion(shell)) => Some(shell.name()),
        _ => None,
    }
}

fn is_current(shell: &dyn Shell) -> Result<bool> {
    let parts = install::parts(shell)?;
    let states = parts.iter().map(Part::state).collect::<Result<Vec<_>>>()?;
    Ok(states.iter().all(|state| *state == InstallState::Current))
}
