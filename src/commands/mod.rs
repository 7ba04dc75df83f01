//! The commands: one file each, and one word in a table here.
//!
//! A command's file has `ABOUT` (one line), `EXAMPLES`, `HEROKU` (the command of the Heroku CLI whose name it bears
//! and whose flags it takes, if it does), `Args` and `run`. The table feeds the parser, the help and the tests that
//! demand all of them.

use clap::{ArgMatches, FromArgMatches};

use crate::context::Context;
use crate::error::Result;

/// A command, as the table has it.
#[derive(Debug)]
pub struct Command {
    /// What people type.
    pub name: &'static str,
    /// One line of help.
    pub about: &'static str,
    /// Lines that can be pasted.
    pub examples: &'static str,
    /// The words for the Heroku CLI that do the same, if it can: a line with a flag that is not known here goes to it.
    pub heroku: &'static [&'static str],
    /// Adds its arguments to a clap command.
    pub augment: fn(clap::Command) -> clap::Command,
    /// Does it.
    pub run: fn(&Context, &ArgMatches) -> Result<()>,
}

macro_rules! commands {
    ($(#[$doc:meta])* $table:ident: $($name:ident),+ $(,)?) => {
        $(pub mod $name;)+

        $(#[$doc])*
        pub static $table: &[Command] = &[$(Command {
            name: stringify!($name),
            about: $name::ABOUT,
            examples: $name::EXAMPLES,
            heroku: $name::HEROKU,
            // The arguments' own documentation is for readers of the code; the help says what the command does.
            augment: |command| <$name::Args as clap::Args>::augment_args(command).about($name::ABOUT),
            run: |context, matches| {
                let args = $name::Args::from_arg_matches(matches).map_err(crate::cli::bad_usage)?;
                $name::run(context, &args)
            },
        }),+];
    };
}

commands! {
    /// What an environment's command does itself; everything else is the Heroku CLI's.
    COMMANDS: logs, promote, tail, which
}

commands! {
    /// What `greenroom` does.
    SUITE: link, on, rehearse
}

/// The command of this name in `table`.
pub fn find(table: &'static [Command], name: &str) -> Option<&'static Command> {
    table.iter().find(|command| command.name == name)
}
