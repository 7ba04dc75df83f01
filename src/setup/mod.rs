//! What a project needs to be used with greenroom, and what of it is missing: on this machine, after a fresh clone
//! ([`Checkout`]).

mod account;
mod checkout;
mod completion;
mod files;
mod pipeline;
mod remotes;

pub use account::store_token;
pub use checkout::{Checkout, Choices};
