//! `greenroom link qa`: an environment gets its command.

use std::env;
use std::fmt::{self, Display};
use std::fs;
use std::path::{self, Path, PathBuf};

use crate::context::Context;
use crate::error::{Context as _, Error, Result};
use crate::hint::Hint;
use crate::names;
use crate::names::check_name;
use crate::process::CommandLine;
use crate::text::quote;
use crate::values::{Values, Words};

/// One line of help.
pub const ABOUT: &str = "Create a command for another environment, next to greenroom";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  greenroom link qa          then: qa tail, qa promote, qa ps
  greenroom --dry-run link qa";

/// No command of the Heroku CLI bears this name.
pub const HEROKU: &[&str] = &[];

/// The values that completion offers for its arguments.
pub const VALUES: Values = &[("environment", &[Words::Environments])];

/// Which environment.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The environment's name: a git remote, or a name in greenroom.toml
    environment: String,
}

/// Creates the link unless it exists.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    let name = args.environment.as_str();
    check_name(name).map_err(|message| Error::usage(message).hint("greenroom link qa"))?;
    if names::is_needed(name) {
        return Err(Error::refused(format!("a command called {name} would hide another program"))
            .hint_line(["greenroom", "on", name, "which"]));
    }
    let link = Link::beside(&found_at()?, name);
    if fs::symlink_metadata(&link.at).is_ok() {
        already_there(context, &link)?;
        if !context.options.dry_run {
            keep(context, name);
        }
        return Ok(());
    }
    if let Ok(other) = which::which_global(name) {
        return Err(Error::refused(format!("{name} is already another program: {}", other.display())).hint(
            Hint::line(["greenroom", "link", &format!("{name}-app")]).note("a name that is still free"),
        ));
    }
    if context.options.dry_run {
        let list = names::list().filter(|_| !names::COMMANDS.contains(&name));
        let kept = list.map(|list| {
            let folder = list.parent().unwrap_or(&list);
            format!("mkdir -p {} && echo {name} >>{}\n", quote(folder.as_os_str()), quote(list.as_os_str()))
        });
        return context.terminal.print(&format!("{link}\n{}", kept.unwrap_or_default()));
    }
    names::link(&link.target, &link.at).context(|| format!("cannot make {}", link.at.display()))?;
    keep(context, name);
    context.terminal.print(&format!("{}\n", link.at.display()))?;
    if which::which_global(name).is_err() {
        context.terminal.warn(&format!("{} is not on PATH", link.folder.display()));
        context.terminal.hint(Hint::script("export PATH={}:\"$PATH\"", [[&link.folder]]));
    }
    Ok(())
}

/// Tells the shells of the new name. Where that fails there is a command all the same.
fn keep(context: &Context, name: &str) {
    let Some(list) = names::list().filter(|_| !names::COMMANDS.contains(&name)) else { return };
    if let Err(error) = names::keep(&list, name) {
        context.terminal.warn(&format!("Tab will not complete {name}: {}: {error}", list.display()));
    }
}

/// A second name for greenroom, in the folder that has the first.
struct Link {
    folder: PathBuf,
    /// Relative, so that the folder can move and the file behind the first name can be another one tomorrow.
    target: PathBuf,
    at: PathBuf,
}

impl Link {
    fn beside(greenroom: &Path, name: &str) -> Self {
        let folder = greenroom.parent().unwrap_or(Path::new(".")).to_owned();
        let target = greenroom.file_name().map_or(greenroom.to_owned(), PathBuf::from);
        Self { at: folder.join(names::file(name)), folder, target }
    }
}

impl Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ln -s {} {}", quote(self.target.as_os_str()), quote(self.at.as_os_str()))
    }
}

/// Where greenroom was found when it was called. That may be a link, as Homebrew's are: the file behind it is in a
/// folder that the next release replaces, and that is not on PATH.
fn found_at() -> Result<PathBuf> {
    let myself = env::current_exe().context(|| "cannot tell where greenroom is installed")?;
    let called = PathBuf::from(env::args_os().next().unwrap_or_default());
    let has_folder = called.parent().is_some_and(|folder| !folder.as_os_str().is_empty());
    let found = if has_folder {
        path::absolute(&called).ok()
    } else {
        CommandLine::find(&called.to_string_lossy()).map(|line| line.program().to_owned())
    };
    // Whoever starts a program may call it what they like.
    Ok(found.filter(|found| is_same(found, &myself)).unwrap_or(myself))
}

fn is_same(one: &Path, other: &Path) -> bool {
    fs::canonicalize(one).is_ok_and(|one| fs::canonicalize(other).is_ok_and(|other| one == other))
}

fn already_there(context: &Context, link: &Link) -> Result<()> {
    if is_same(&link.at, &link.folder.join(&link.target)) || names::is_ours(&link.at) {
        context.terminal.status(&format!("{} already exists", link.at.display()));
        return Ok(());
    }
    Err(Error::refused(format!("{} exists, and is not greenroom's", link.at.display())).hint_line([
        "ls".as_ref(),
        "-l".as_ref(),
        link.at.as_os_str(),
    ]))
}
