//! The config vars of a local review app: the pipeline's for review apps, those of `app.json`, those of `--env`, and what
//! records which review app it is.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;

use super::create::Maker;
use crate::app_manifest::EnvVar;
use crate::environment::{REVIEW_BRANCH, REVIEW_NUMBER, REVIEW_PREDESTROY, REVIEW_STATUS};
use crate::error::{Context as _, Error, Result};
use crate::heroku::{ConfigChanges, ConfigVars, OrderedConfigVars, Secret, change_config_vars};
use crate::hint::Hint;
use crate::model::AppName;

/// The bytes of a secret that `"generator": "secret"` asks for.
const SECRET: usize = 32;

/// Exit 2 where `app.json` requires a config var that nothing gives.
pub(super) fn check_required(maker: &Maker<'_>) -> Result<()> {
    let given = maker.client.review_config_vars(&maker.pipeline.id)?;
    let is_given = |name: &str| {
        given.get(name).is_some()
            || maker.request.env.iter().any(|(known, _)| known == name)
            || name.starts_with("HEROKU_")
            || maker.setup.addons.iter().any(|addon| addon.may_set(name))
    };
    let required = maker.setup.env.iter().filter(|(_, var)| var.is_required);
    let missing: Vec<&str> = required.map(|(name, _)| name.as_str()).filter(|name| !is_given(name)).collect();
    let Some(first) = missing.first() else { return Ok(()) };
    Err(Error::usage(format!(
        "app.json requires {}, which pipeline {} does not give to review apps",
        missing.join(", "),
        maker.pipeline.name
    ))
    .hint(Hint::line(["review", "stage-config", &format!("{first}=VALUE")]))
    .hint(Hint::text(format!("or give it to this app alone: --env {first}=VALUE"))))
}

/// Sets what the app lacks; true where the app is complete already. What somebody changed since stays, unless `--env` says
/// otherwise.
pub(super) fn set(maker: &Maker<'_>, app: &AppName, exists: bool) -> Result<bool> {
    let now = if exists { maker.client.config_vars(app.as_ref())? } else { ConfigVars::new() };
    let was_created = now.get(REVIEW_STATUS).is_some_and(|status| status.reveal() == "created");
    let mut wanted: BTreeMap<String, String> = BTreeMap::new();
    let given = maker.client.review_config_vars(&maker.pipeline.id)?;
    wanted.extend(given.0.iter().map(|(name, value)| (name.clone(), value.reveal().to_owned())));
    if !was_created {
        tell_replaced(maker, &given);
    }
    for (name, var) in &maker.setup.env {
        if let Some(value) = &var.value {
            wanted.insert(name.clone(), value.clone());
        } else if var.is_generated && !now.contains_key(name) {
            wanted.insert(name.clone(), secret()?);
        }
    }
    wanted.insert("HEROKU_APP_NAME".to_owned(), app.to_string());
    wanted.insert("HEROKU_BRANCH".to_owned(), maker.request.branch.clone());
    wanted.insert(REVIEW_STATUS.to_owned(), "creating".to_owned());
    let mut changes: ConfigChanges =
        wanted.into_iter().filter(|(name, _)| !now.contains_key(name)).map(some).collect();
    // Set on each run, also where the app has another value.
    let mut always: Vec<(String, String)> = maker.request.env.clone();
    always.push((REVIEW_BRANCH.to_owned(), maker.request.branch.clone()));
    if let Some(number) = maker.request.number {
        always.push(("HEROKU_PR_NUMBER".to_owned(), number.to_string()));
        always.push((REVIEW_NUMBER.to_owned(), number.to_string()));
    }
    always.extend(maker.setup.predestroy.clone().map(|line| (REVIEW_PREDESTROY.to_owned(), line)));
    let differs =
        |(name, value): &(String, String)| now.get(name).is_none_or(|known| known.reveal() != value);
    changes.extend(always.into_iter().filter(differs).map(some));
    if maker.setup.predestroy.is_none() && now.contains_key(REVIEW_PREDESTROY) {
        changes.insert(REVIEW_PREDESTROY.to_owned(), None);
    }
    if !changes.is_empty() {
        maker.send(&change_config_vars(app, &changes))?;
    }
    Ok(was_created)
}

/// Names the config vars that `app.json` and the pipeline give different values: Heroku does not document which goes first.
fn tell_replaced(maker: &Maker<'_>, given: &OrderedConfigVars) {
    let is_replaced = |(name, var): &(&String, &EnvVar)| {
        let given =
            given.get(name).filter(|given| var.value.as_deref().is_some_and(|own| own != given.reveal()));
        given.is_some() && maker.request.env.iter().all(|(chosen, _)| chosen != *name)
    };
    for (name, _) in maker.setup.env.iter().filter(is_replaced) {
        let message = format!(
            "{name} is set to the value in app.json, not to the pipeline's; --env {name}=VALUE sets another"
        );
        maker.context.terminal.status(&message);
    }
}

/// Notes that all of the app is there.
pub(super) fn mark_created(maker: &Maker<'_>, app: &AppName, was_created: bool) -> Result<()> {
    if was_created {
        return Ok(());
    }
    let created = [(REVIEW_STATUS.to_owned(), Some(Secret::new("created")))].into();
    maker.send(&change_config_vars(app, &created))
}

fn some((name, value): (String, String)) -> (String, Option<Secret>) {
    (name, Some(Secret::new(value)))
}

/// 64 hexadecimal digits that nobody can guess.
fn secret() -> Result<String> {
    let mut bytes = [0_u8; SECRET];
    let cannot = || "cannot make up a secret";
    File::open("/dev/urandom").context(cannot)?.read_exact(&mut bytes).context(cannot)?;
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
    Ok(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect())
}
