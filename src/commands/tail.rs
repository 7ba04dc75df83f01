//! `staging tail`: the app's log as it is written.

use crate::context::Context;
use crate::error::Result;
use crate::logs;

pub use crate::logs::{Args, VALUES};

/// One line of help.
pub const ABOUT: &str = "Follow the app's log, across drops of the stream";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging tail
  staging tail --process-type worker --num 500
  staging tail --grep 'status=5..' --grep Error
  production tail --json | jq --raw-output .message

A stream that Heroku ends, or that is silent for 90 seconds (GREENROOM_TAIL_IDLE=SECONDS), is resumed where it
stopped; a gap is said on stderr.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["logs", "--tail"];

/// Follows the logs of the environment's apps.
pub fn run(context: &Context, args: &Args) -> Result<()> {
    logs::print(context, args, true)
}
