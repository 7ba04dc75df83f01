//! The prepare flow: an app of its own builds each slug while the tests run, and the slug is promoted later. This module sets
//! that app up (`prepare setup`) and finds its drift from production (`prepare check`).

mod apps;
mod drift;
mod facts;
mod pipeline;
mod plan;
mod procfile;
mod remote;
mod survey;

pub use apps::Apps;
pub use drift::{Finding, Level, findings};
pub use facts::{Builder, Config, Facts, METADATA};
pub use pipeline::TargetPipeline;
pub use plan::Plan;
pub use procfile::{guarded, release_command};
pub use remote::remote;
pub use survey::Survey;
