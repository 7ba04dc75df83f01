//! How code moves: what each app of a pipeline runs, which of them holds a commit, the plan, the promotion, and the
//! wait for the release phase.

mod kinds;
mod pending;
mod phase;
mod plan;
mod promotion;
mod source;
mod stages;
mod wanted;

pub use kinds::check_kinds;
pub use pending::{pending, settle};
pub use plan::{Plan, short};
pub use promotion::{Outcome, promote};
pub use source::choose;
pub use stages::{Running, Stages};
pub use wanted::Wanted;
