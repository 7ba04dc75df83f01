//! The real binaries, driven from outside: real sockets, real git, real shells.
#![expect(unreachable_pub, reason = "a helper's `pub` means the whole suite")]
#![expect(clippy::disallowed_methods, reason = "tests start programs as a person's shell does")]

mod suite {
    pub mod contract;
    pub mod pty;
    pub mod scene;
    #[path = "../../rehearsal/tests/common/skipped.rs"]
    pub mod skipped;

    mod completion {
        pub mod prompt;
        pub mod quiet;
        pub mod table;

        mod bash;
        mod doctor;
        mod elvish;
        mod engine;
        mod fish;
        mod install;
        mod nushell;
        mod powershell;
        mod zsh;
    }

    mod app_commands;
    mod checks;
    mod ci;
    mod colors;
    mod completion_cache;
    mod deploy;
    mod diff;
    mod faults;
    pub mod forwarding;
    mod grammar;
    mod hints;
    mod hostile_text;
    mod json_errors;
    mod manners;
    mod official_cli;
    mod one_app;
    mod prepare;
    mod progress;
    mod promote;
    mod protection;
    mod readme;
    mod rehearse;
    mod releases;
    mod remotes;
    mod resolution;
    mod review_list;
    mod rollback;
    mod secrets;
    mod ship;
    mod skips;
    mod status;
    mod surroundings;
    mod tail;
    mod temporary;
    mod terminal;
    mod unreadable;
    mod untrusted;
    mod wire;
}
