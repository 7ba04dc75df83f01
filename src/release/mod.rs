//! How code moves: what each app of a pipeline runs, which of them holds a commit, the plan, the promotion, and the
//! wait for the release phase.

mod apart;
mod branch;
mod build;
mod deploy;
mod deployed;
mod kinds;
mod landing;
mod maintenance;
mod observed;
mod pending;
mod phase;
mod plan;
mod prepared;
mod promotion;
mod push;
mod rollback;
mod source;
mod stages;
mod survey;
mod wait;
mod wait_time;
mod wanted;
mod web;

pub use apart::apart;
pub use branch::BranchRule;
pub use build::settle_build;
pub use deploy::{Building, Deploy, Way, Wishes};
pub use deployed::Deployed;
pub use kinds::check_kinds;
pub use landing::land;
pub use maintenance::{Maintenance, remind, take_over};
pub use pending::{pending, settle};
pub use plan::{Plan, Source, Step, short};
pub use prepared::{Prepared, Search, Witness, is_of};
pub use promotion::{Outcome, promote, promote_once};
pub use push::Pushed;
pub use rollback::{Past, Rollback};
pub use source::choose;
pub use stages::{Running, Stages, place};
pub use survey::{Survey, Surveyed, Surveyor};
pub use wait::Wait;
pub use wait_time::{WAIT_TIMES, wait_option, wait_time};
pub use wanted::{Wanted, same};
pub use web::show_urls;
