//! `development`: this machine, its database, and what runs here.

use super::scene::{Scene, install_script, link_tool};

mod active_record;
mod commands;
mod named;
mod shapes;
