//! `staging logs`: the last lines of the app's log.

use crate::context::Context;
use crate::error::Result;
use crate::logs;

pub use crate::logs::{Args, VALUES};

/// One line of help.
pub const ABOUT: &str = "Print the last lines of the app's log";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging logs
  staging logs --num 1500 --source heroku
  production logs --process-type web --grep 'status=5..'
  production logs --json > playhouse.jsonl";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["logs"];

/// Prints the logs of the environment's apps; `--tail` follows them.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    logs::print(context, args, args.tail)
}
