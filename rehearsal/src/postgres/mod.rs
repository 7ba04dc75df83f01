//! PostgreSQL: which majors are installed here, and servers of them that last as long as this process.

mod installed;
mod server;
mod user;

pub use installed::installed;
pub use server::Server;
