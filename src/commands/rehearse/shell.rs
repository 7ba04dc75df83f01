//! An interactive shell for the rehearsal, with a greeting, a marked prompt and completion.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use super::Workspace;
use crate::context::Context;
use crate::error::Result;
use crate::names;
use crate::process::CommandLine;
use crate::shells;

/// How long a shell's completion may take to be installed.
const INSTALLING: Duration = Duration::from_secs(30);

/// What is said first. Everything in it works as it stands.
const GREETING: &str = "\
This shell is in a rehearsal: a Heroku on this machine, with a repository and an app in each stage. Do anything to them;
none of it reaches the real Heroku. Five things to try:

    production status
    staging tail                                             Ctrl-C ends it
    git commit --allow-empty -m Encore && git push origin main && prepare deploy
    production promote                                       shows what would come, and asks
    review 42 which

`exit` leaves, and everything here is removed.
";

/// What marks each shell's prompt: its file below the rehearsal's home, and what stands there.
const PROMPTS: [(&str, &str, &str); 5] = [
    ("bash", ".bashrc", "PS1='(rehearsal) \\W\\$ '\n"),
    ("zsh", ".zshrc", "PROMPT='(rehearsal) %1~%# '\n"),
    (
        "fish",
        ".config/fish/conf.d/rehearsal.fish",
        "set -g fish_greeting\nfunction fish_prompt; echo -n '(rehearsal) '(prompt_pwd)'> '; end\n",
    ),
    (
        "elvish",
        ".config/elvish/rc.elv",
        "set edit:prompt = { put '(rehearsal) '(tilde-abbr $pwd)'> ' }\nset edit:rprompt = { }\n",
    ),
    (
        "nushell",
        ".config/nushell/autoload/rehearsal.nu",
        "$env.config.show_banner = false\n\
         $env.PROMPT_COMMAND = {|| '(rehearsal) ' + ($env.PWD | path basename) }\n",
    ),
];

/// Gets such a shell ready, if this is one. The files are the rehearsal's own: nothing of the person's is read or written.
pub(super) fn make_ready(context: &Context, workspace: &Workspace, program: &OsStr) -> Result<()> {
    let Some(name) = Path::new(program).file_stem().and_then(OsStr::to_str) else { return Ok(()) };
    let Some(shell) = shells::of_program(name) else { return Ok(()) };
    let greenroom = workspace.binaries.path().join(names::file("greenroom"));
    let line = CommandLine::at(greenroom, "greenroom").args(["completions", shell.name(), "--install"]);
    // Without it there is a shell all the same.
    _ = workspace.within(line)?.output(INSTALLING);
    for (_, file, text) in PROMPTS.iter().filter(|(name, ..)| *name == shell.name()) {
        let file = workspace.sandbox.home().join(file);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        OpenOptions::new().create(true).append(true).open(&file)?.write_all(text.as_bytes())?;
    }
    if context.terminal.can_ask() {
        context.terminal.print(GREETING)?;
    }
    Ok(())
}
