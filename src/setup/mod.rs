//! What a project needs to be used with greenroom, and what of it is missing: on this machine, after a fresh clone
//! ([`Checkout`]); at Heroku, where it has no apps yet ([`NewProject`]).

mod account;
mod buildpacks;
mod checkout;
mod completion;
mod create;
mod files;
mod pipeline;
mod remotes;

pub use account::store_token;
pub use checkout::{Checkout, Choices};
pub use completion::missing_completion;
pub use create::{Files, NewProject, Service, Wanted};
