//! Logs: opens a log session, reads its stream line by line, and resumes it when it drops.

mod event_stream;
mod overlap;
mod read_ahead;
mod session;
mod tail;

pub use session::{AppLog, FirstSession, LogRequest, describe, first_session};
pub use tail::{Dropped, LogSink, Resumed, read_log};
