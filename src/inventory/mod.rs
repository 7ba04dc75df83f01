//! The names that an app has at Heroku (config vars, dynos, releases …), kept on this machine so that Tab can offer them
//! without waiting for the network.
//!
//! [`known`] reads a list from the [`cache`]. A list that is old is returned all the same, while a separate process
//! [`refresh`](mod@refresh)es it. Commands that change an app call [`changed`], so that its lists are refreshed at once
//! ([`invalidation`]).

mod cache;
mod invalidation;
mod lookup;
mod project;
mod refresh;
mod resource;

pub use cache::{failures, folder, list_sizes};
pub use invalidation::{RELEASED, RESTARTED, ROLLED_BACK, SCALED, SET_UP, Watch, changed, refresh_after};
pub use lookup::known;
pub use refresh::run as refresh;
pub use resource::Resource;
