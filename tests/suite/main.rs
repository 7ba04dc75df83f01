//! Tests of the real binaries, with real sockets, git and shells.
#![expect(unreachable_pub, reason = "helpers are public within the suite")]
#![expect(clippy::disallowed_methods, reason = "tests start programs as a shell does")]

mod aliases;
mod app_commands;
mod app_info;
mod ci_recipes;
mod ci_script;
mod colors;
mod command_line;
mod completion;
mod config_vars;
mod conformance;
#[cfg(unix)]
mod databases;
mod deploy;
#[cfg(unix)]
mod development;
mod diff;
#[cfg(unix)]
mod doctor;
mod dynos;
mod environments;
mod faults;
mod fir;
mod forwarding;
mod hints;
mod hostile_text;
mod imports;
mod json_errors;
mod json_fields;
mod json_schema;
mod layers;
mod missing_folders;
mod official_cli;
mod one_app;
#[cfg(unix)]
mod one_off;
mod oversized_responses;
mod prepare;
mod process_behavior;
mod progress;
mod project_commands;
mod promote;
mod protection;
mod pty;
mod readme;
mod rehearse;
mod releases;
mod remotes;
mod resolution;
#[cfg(unix)]
mod restore;
mod review;
mod roll_out;
mod rollback;
mod rounds;
mod scene;
mod schema;
mod secrets;
#[cfg(unix)]
mod setup;
mod ship;
#[path = "../../rehearsal/tests/common/skipped.rs"]
mod skipped;
mod skipped_summary;
mod special_files;
mod status;
mod tail;
mod temporary;
mod terminal;
mod untrusted;
