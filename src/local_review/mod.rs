//! Review apps that Heroku's own review apps have no part in: made from a commit of this repository, for pipelines without a
//! connected GitHub repository.
//!
//! Nothing is kept on this machine. Each step looks first whether it is done, so that the same line finishes what was
//! interrupted anywhere; the app's config vars say which branch it is of, and whether all of it is there.

mod addons;
mod app;
mod config;
mod create;
mod name;
mod redeploy;
mod script;

pub use create::{Request, create};
pub use redeploy::redeploy;
pub use script::{describe_predestroy, predestroy};
