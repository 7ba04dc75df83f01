//! Requests and answers: hosts, headers, deadlines, retries, pages, refusals.

use super::Lookup;

mod accept;
mod agent;
mod answer;
mod api_error;
mod client;
mod curl;
mod deadline;
mod exchange;
mod fault;
mod headers;
mod notices;
mod origin;
mod pages;
mod retry;
mod stream;
#[cfg(test)]
pub(super) mod test_server;
mod two_factor;
mod upload;
mod wire;

pub use accept::Accept;
pub use api_error::{ApiError, HttpStatus};
pub use client::Client;
pub use deadline::Within;
pub(super) use origin::Origin;
pub use stream::{Part, Stream};
