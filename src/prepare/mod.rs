//! The prepare flow: an app of its own builds each slug while the tests run, and the slug is promoted later. Here is
//! what that app needs, and how it is told that it builds what production would.

mod apps;
mod carry_out;
mod drift;
mod facts;
mod guard;
mod pipeline;
mod plan;
mod procfile;
mod remote;
mod survey;

pub use apps::Apps;
pub use carry_out::{carry_out, requests};
pub use drift::{Finding, Level, findings};
pub use facts::{Builder, Config, Facts, METADATA};
pub use guard::guarded;
pub use pipeline::Home;
pub use plan::{Line, Plan, Step};
pub use procfile::release_command;
pub use remote::remote;
pub use survey::Survey;
