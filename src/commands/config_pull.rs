//! `staging config:pull`: writes the config vars to a file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use crate::config_vars::{Difference, EnvFile};
use crate::confirm;
use crate::context::Context;
use crate::dotenv;
use crate::error::{Error, Result};
use crate::heroku::{ConfigChanges, ConfigVars};
use crate::hint::Hint;
use crate::model::AppName;
use crate::terminal::counted;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Write the config vars to a .env file";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging config:pull                    into .env
  staging config:pull staging.env
  staging --dry-run config:pull          print the names that would change

Only you can read the file. If it is there, values are replaced in their lines and new names are added at the end;
comments, and names that the app does not have, stay. It prints the names (+ new, ! another value), and asks before it
replaces a value. The file is written in the dotenv format, which a shell reads too.";

/// No command of the Heroku CLI does this.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for the arguments.
pub const VALUES: Values = &[("file", &[Words::Files])];

/// Where to.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The file
    #[arg(default_value = ".env")]
    file: PathBuf,
}

/// What was written, by name.
#[derive(Serialize)]
struct Answer<'a> {
    app: &'a AppName,
    file: String,
    added: Vec<&'a str>,
    changed: Vec<&'a str>,
}

/// Compares, asks where a value would be replaced, and writes.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let path = args.file.as_path();
    let shown = path.display();
    if path == Path::new("-") {
        return Err(Error::usage("config:pull writes to a file").hint(context.command(["config", "--shell"])));
    }
    let file = EnvFile::read_to_change(path)?;
    let app = context.target()?.one_app()?;
    let vars = writable(context, Arc::as_ref(context.heroku()?).config_vars(app.as_ref())?);
    let before = file.vars();
    let other = vars.iter().filter(|(name, value)| before.get(*name) != Some(*value));
    let changes: ConfigChanges = other.map(|(name, value)| (name.clone(), Some(value.clone()))).collect();
    let difference = Difference::new(&before, &changes);
    let (added, replaced) = (difference.added(), difference.changed());
    if changes.is_empty() {
        context.terminal.status(&format!("nothing to write: {shown} has the config vars of {app}"));
    } else {
        difference.tell(&context.terminal);
        if !context.options.dry_run {
            warn_of_git(context, path)?;
            ask(context, path, &replaced)?;
            file.write(&vars)?;
        }
        let verb = if context.options.dry_run { "would write" } else { "wrote" };
        let count = counted(changes.len(), "config var");
        context.terminal.status(&format!("{verb} {count} of {app} to {shown}"));
    }
    if context.options.json {
        let file = shown.to_string();
        return context.terminal.print_json(&Answer { app, file, added, changed: replaced });
    }
    Ok(())
}

/// The config vars whose names a file can set; a warning names the others.
fn writable(context: &Context, mut vars: ConfigVars) -> ConfigVars {
    vars.retain(|name, _| {
        let is_name = dotenv::is_name(name);
        if !is_name {
            context.terminal.warn(&format!("{name} is left out: a file cannot set a variable of this name"));
        }
        is_name
    });
    vars
}

/// Asks before values in the file are replaced.
fn ask(context: &Context, path: &Path, replaced: &[&str]) -> Result<()> {
    if replaced.is_empty() {
        return Ok(());
    }
    let (shown, names) = (path.display(), replaced.join(", "));
    let why = format!("{shown} has other values");
    let command = ["config:pull".into(), path.into()];
    confirm::agree(context, &why, &format!("Replace {names} in {shown}?"), &command)?;
    Ok(())
}

/// Warns where git would take the file, secrets and all.
fn warn_of_git(context: &Context, path: &Path) -> Result<()> {
    let Some(repository) = context.repository()? else { return Ok(()) };
    if repository.would_take(&std::path::absolute(path)?)? {
        context
            .terminal
            .warn(&format!("git does not ignore {}: its values could be committed", path.display()));
        if let Some(name) = path.file_name() {
            context.terminal.hint(Hint::script("echo {} >> .gitignore", [[name]]));
        }
    }
    Ok(())
}
