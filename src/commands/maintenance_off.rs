//! `staging maintenance:off`: turns maintenance mode off.

use crate::context::Context;
use crate::dynos;
use crate::error::Result;
use crate::values::Values;

/// One line of help.
pub const ABOUT: &str = "Take the app out of maintenance mode";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  production maintenance:off";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["maintenance:off"];

/// No argument takes a value.
pub const VALUES: Values = &[];

/// `maintenance:off` takes no arguments of its own.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Turns it off.
pub fn run(context: &Context, _: &Args) -> Result<()> {
    dynos::set_maintenance(context, false)
}
