//! Heroku's things as values that are checked when they are made. No I/O.

mod app_name;

pub use app_name::{AppName, BadAppName};
