//! `greenroom trust`: lets greenroom run what the project names in `greenroom.toml`, as it is now.

use crate::context::Context;
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::postgres::restore::Hook;
use crate::terminal::aligned;
use crate::trust::Trust;
use crate::values::Values;

/// One line of help.
pub const ABOUT: &str = "Trust the programs that the project runs, as they are now";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  greenroom trust             shows what the project runs after a restore, and asks
  greenroom trust --revoke    nothing of this project is trusted any more

A repository's files are data until they are trusted. A file that changes has to be trusted again. SQL has to be trusted
only for a superuser, who can start programs with it.";

/// No command of the Heroku CLI bears this name.
pub const HEROKU: &[&str] = &[];

/// No argument takes a value.
pub const VALUES: Values = &[];

/// Whether trust is taken away.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Trust nothing of this project any more
    #[arg(long)]
    revoke: bool,
}

/// Trusts the files, or takes it back.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let terminal = &context.terminal;
    let root =
        context.root()?.ok_or_else(|| Error::failed("the current folder was removed"))?.canonicalize()?;
    let mut trust = Trust::read();
    if args.revoke {
        let was_there = !context.options.dry_run && trust.remove(&root)?;
        terminal.status(if was_there {
            "nothing of this project is trusted any more"
        } else {
            "nothing of this project was trusted"
        });
        return Ok(());
    }
    let names = context.config()?.restore.after.clone().unwrap_or_default();
    let hooks: Vec<Hook> = names.iter().map(|name| Hook::read(&root, name)).collect::<Result<_>>()?;
    let new: Vec<&Hook> =
        hooks.iter().filter(|hook| !trust.has(hook.root(), &hook.name, &hook.digest())).collect();
    if new.is_empty() {
        terminal.status(if hooks.is_empty() {
            "this project runs nothing by itself"
        } else {
            "everything that this project runs is trusted"
        });
        return Ok(());
    }
    let state = |hook: &Hook| if trust.had(hook.root(), &hook.name) { "changed" } else { "new" };
    let row = |hook: &&Hook| {
        vec![hook.name.clone(), state(hook).to_owned(), hook.digest().to_string()[..12].to_owned()]
    };
    terminal.status(aligned(&new.iter().map(row).collect::<Vec<_>>(), 2).trim_end());
    if context.options.dry_run {
        return Ok(());
    }
    if !context.options.yes {
        if !terminal.can_ask() {
            return Err(Error::refused("trust is given on a terminal, or with --yes")
                .hint(Hint::line(["greenroom", "trust", "--yes"]).note("once you have read them")));
        }
        if !terminal.confirm("Trust them as they are now?")? {
            return Err(Error::silent(5));
        }
    }
    for hook in new {
        trust.add(hook.root(), &hook.name, hook.digest())?;
    }
    terminal.status("they are trusted until they change");
    Ok(())
}
