//! The real binaries, driven from outside: real sockets, real git, real shells.
#![expect(unreachable_pub, reason = "a helper's `pub` means the whole suite")]
#![expect(clippy::disallowed_methods, reason = "tests start programs as a person's shell does")]

mod app_commands;
mod checks;
mod ci;
mod colors;
mod completion;
mod deploy;
mod diff;
mod faults;
mod forwarding;
mod grammar;
mod hints;
mod hostile_text;
mod json_errors;
mod layers;
mod manners;
mod official_cli;
mod one_app;
mod prepare;
mod progress;
mod promote;
mod protection;
mod pty;
mod readme;
mod rehearse;
mod releases;
mod remotes;
mod resolution;
mod review_list;
mod rollback;
mod scene;
mod schema;
mod secrets;
mod ship;
#[path = "../../rehearsal/tests/common/skipped.rs"]
mod skipped;
mod skips;
mod status;
mod surroundings;
mod tail;
mod temporary;
mod terminal;
mod unreadable;
mod untrusted;
mod wire;
