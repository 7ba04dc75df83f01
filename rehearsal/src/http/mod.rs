//! Requests and answers: what came in, what goes out, and how lists are cut into pages.

pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod call;
pub(crate) mod exchange;
pub(crate) mod range;
