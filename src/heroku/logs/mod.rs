//! Logs: a session is made, its stream is read line by line, and resumed when it drops.

mod event_stream;
mod overlap;
mod read_ahead;
mod session;
mod tail;

pub use session::{AppLog, FirstSession, LogRequest, describe, first_session};
pub use tail::{Dropped, LogSink, Resumed, read_log};
