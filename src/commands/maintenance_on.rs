//! `staging maintenance:on`: turns maintenance mode on.

use crate::context::Context;
use crate::dynos;
use crate::error::Result;
use crate::values::Values;

/// One line of help.
pub const ABOUT: &str = "Put the app into maintenance mode: visitors see a static page";

/// Lines that can be pasted.
pub const EXAMPLES: &str = "  staging maintenance:on
  production maintenance:on --yes

Dynos keep running. A protected environment asks first.";

/// The Heroku CLI's command whose flags this takes.
pub const HEROKU: &[&str] = &["maintenance:on"];

/// No argument takes a value.
pub const VALUES: Values = &[];

/// `maintenance:on` takes no arguments of its own.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Turns it on, after a question where the app is protected.
pub fn run(context: &Context, _: &Args) -> Result<()> {
    dynos::set_maintenance(context, true)
}
