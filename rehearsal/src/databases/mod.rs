//! The databases of the apps: made in a real PostgreSQL when they are first needed, dumped and restored there. Without
//! one they are played: every dump is the same canned one, and a restore changes nothing.

mod real;
mod run;
pub(crate) mod store;

pub(crate) use real::{make, make_real, query, reset};
pub(crate) use run::{Work, begin, end, ends};
