//! `staging config:edit`: edits config vars in the person's editor.

use std::ffi::OsString;
use std::sync::Arc;

use crate::config_vars::{ConfigChange, Difference, changes_between, edit, editable, named};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::heroku::{ApiError, Client, ConfigChanges, ConfigVars, Secret};
use crate::inventory::Resource;
use crate::model::AppName;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Edit config vars in an editor, which restarts the app";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging config:edit
  staging config:edit TLS_KEY                  the value alone, as plain text
  VISUAL='code --wait' staging config:edit
  staging --dry-run config:edit                edit, then print the request, without values

The editor is $VISUAL, else $EDITOR, else vim. Each config var is a line NAME=value, as `heroku config:edit` has them; a
line that is removed unsets its config var. It prints the names of what changes (+ new, ! another value, - unset), never
values, and asks. If somebody else has changed the same config vars meanwhile, it says so first.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["config:edit"];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[("key", &[Words::Live(Resource::ConfigVars)])];

/// What is edited.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Edit this config var alone
    key: Option<String>,
}

/// What is being edited.
struct Edit<'a> {
    context: &'a Context,
    client: &'a Arc<Client>,
    app: &'a AppName,
    key: Option<&'a str>,
    /// The config vars that the person began with.
    before: ConfigVars,
}

/// Edits, asks, and changes what was edited in one request. What the person wrote can be edited again if it cannot be read,
/// and if Heroku refuses it.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let key = args.key.as_deref();
    if key.is_some_and(|key| key.is_empty() || key.contains('=')) {
        return Err(Error::usage("KEY must be the name of a config var")
            .hint(context.command(["config:set", "NAME=VALUE"])));
    }
    let app = context.target()?.one_app()?;
    let client = context.heroku()?;
    let edited = Edit { context, client, app, key, before: read(client, app, key)? };
    let (name, mut text) = edited.text()?;
    loop {
        text = edit(&context.terminal, &name, &text)?;
        match edited.apply(&text) {
            Err(error) if edited.can_edit_again(&error) => {
                context.terminal.warn(&error.to_string());
                if !context.terminal.confirm("Edit again?")? {
                    context.terminal.status("nothing was changed");
                    return Err(Error::silent(error.kind().exit_code()));
                }
            }
            done => return done,
        }
    }
}

/// The config vars that are edited: all, or one.
fn read(client: &Client, app: &AppName, key: Option<&str>) -> Result<ConfigVars> {
    let mut vars = client.config_vars(app.as_ref())?;
    vars.retain(|name, _| key.is_none_or(|key| key == name));
    Ok(vars)
}

impl Edit<'_> {
    /// The file's name, and what is in it first.
    fn text(&self) -> Result<(String, String)> {
        let app = self.app;
        if let Some(key) = self.key {
            let value = self.before.get(key).map_or("", Secret::reveal);
            return Ok((format!("heroku-{app}-config-value.txt"), value.to_owned()));
        }
        let text = editable::write(&self.before);
        if !editable::read(&text).is_ok_and(|vars| vars == self.before) {
            return Err(Error::failed(format!(
                "a config var of {app} has a name that cannot be edited in a file"
            ))
            .hint(self.context.command(["config:edit", "NAME"])));
        }
        Ok((format!("heroku-{app}-config.sh"), text))
    }

    /// The config vars that an edited text means.
    fn meant(&self, text: &str) -> Result<ConfigVars> {
        let Some(key) = self.key else { return editable::read(text) };
        let old = self.before.get(key).map_or("", Secret::reveal);
        // Editors end the last line, as the Heroku CLI knows too.
        let ended = text.strip_suffix('\n').filter(|_| !old.ends_with('\n'));
        let new = ended.map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
        let is_still_unset = new.is_empty() && !self.before.contains_key(key);
        let var = (!is_still_unset).then(|| (key.to_owned(), Secret::new(new)));
        Ok(var.into_iter().collect())
    }

    /// Tells what an edited text changes, asks, and changes it.
    fn apply(&self, text: &str) -> Result<()> {
        let Self { context, client, app, before, .. } = self;
        let changes = changes_between(before, &self.meant(text)?);
        if changes.is_empty() {
            context.terminal.status("no changes to config vars");
            return Ok(());
        }
        Difference::new(before, &changes).tell(&context.terminal);
        let names = named(&changes);
        let change = ConfigChange::prepare(context, client, app, changes)?;
        if context.options.dry_run {
            return context.terminal.print_lines(&change.describe());
        }
        let again: Vec<OsString> = ["config:edit"].into_iter().chain(self.key).map(Into::into).collect();
        change.ask("config:edit asks before a change", &format!("Change {names} on {app}?"), &again)?;
        self.look_for_others(&change.changes, &again)?;
        let done = change.send()?;
        change.report(&format!("Changing {names}"), &done);
        if context.options.json { change.print_json(done.version) } else { Ok(()) }
    }

    /// Looks again before the change: what somebody else has changed meanwhile is not replaced without a question.
    fn look_for_others(&self, ours: &ConfigChanges, again: &[OsString]) -> Result<()> {
        let Self { context, app, before, .. } = self;
        let theirs = changes_between(before, &read(self.client, app, self.key)?);
        let is_lost = |name: &&String| ours.get(*name).is_some_and(|value| Some(value) != theirs.get(*name));
        let lost: Vec<&str> = theirs.keys().filter(is_lost).map(String::as_str).collect();
        let rest: Vec<&str> =
            theirs.keys().map(String::as_str).filter(|name| !ours.contains_key(*name)).collect();
        if !rest.is_empty() {
            let rest = rest.join(", ");
            context.terminal.status(&format!("somebody else has changed {rest} meanwhile; that stays"));
        }
        if lost.is_empty() {
            return Ok(());
        }
        let lost = lost.join(", ");
        let message = format!("somebody else has changed {lost} meanwhile");
        // To agree with `--yes` to one's own change is not to agree to the loss of another's.
        if !context.terminal.can_ask() {
            return Err(Error::failed(format!("{message}; nothing was changed")).hint(context.command(again)));
        }
        context.terminal.warn(&message);
        if context.terminal.confirm(&format!("Replace {lost} by yours?"))? {
            return Ok(());
        }
        context.terminal.status("nothing was changed");
        Err(Error::silent(Kind::Refused.exit_code()))
    }

    /// Whether a text that led to this error can be edited again: it cannot be read, or Heroku refuses what is in it.
    fn can_edit_again(&self, error: &Error) -> bool {
        let is_refused =
            || error.downcast_ref::<ApiError>().is_some_and(|refusal| matches!(refusal.status, 400 | 422));
        self.context.terminal.can_ask() && (error.kind() == Kind::Usage || is_refused())
    }
}
