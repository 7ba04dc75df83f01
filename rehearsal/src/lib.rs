//! A Heroku on loopback, for tests and demonstrations: real sockets, a pipeline that moves, and faults at will.
//!
//! A request comes in at [`server`], is recorded, may be met by [`faults`], and is answered from the [`state`] by
//! [`routes`] (Platform API, data API), [`streams`] (logs, output of builds and release commands), [`sources`]
//! (where code is put that is to be built), [`git`] and [`push`], or the [`panel`] (`/_rehearsal/…`, where tests set
//! things up). What takes time goes on by itself: [`build`], [`phase`] and [`promotion`].
//!
//! The protocol is told from Heroku's API schema and from what the official CLI sends and expects; nothing here is
//! shared with the program it tests.

mod answer;
mod body;
mod build;
mod call;
mod clock;
mod exchange;
mod fault;
mod faults;
mod folder;
mod git;
pub mod history;
mod house;
mod identity;
mod interrupt;
mod panel;
mod phase;
mod procfile;
mod promotion;
mod push;
mod range;
mod rehearsal;
mod routes;
mod server;
mod settings;
mod sideband;
mod sources;
mod state;
mod streams;

pub use exchange::Exchange;
pub use fault::Fault;
pub use folder::Folder;
pub use house::House;
pub use interrupt::{Interrupt, interrupts};
pub use rehearsal::Rehearsal;
pub use settings::Settings;
