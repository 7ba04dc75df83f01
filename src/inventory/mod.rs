//! The names that an app has at Heroku (config vars, dynos, releases …), kept on this machine so that Tab can offer them
//! without waiting for the network.
//!
//! [`known`] reads a list from the [`cache`]. A list that is old is returned all the same, while a separate process
//! [`refresh`](mod@refresh)es it. After a command, [`refresh_changed`] refreshes the lists that its
//! changes made stale ([`invalidation`]).

mod cache;
mod invalidation;
mod lookup;
mod project;
mod refresh;
mod resource;

pub use cache::{failures, folder, list_sizes};
pub use invalidation::{Watch, refresh_after, refresh_changed};
pub use lookup::known;
pub use refresh::run as refresh;

pub use crate::model::Resource;
