//! A Heroku on loopback, for tests and demonstrations: real sockets, a working pipeline, and faults on demand.
//!
//! Top to bottom; a module imports only what stands below it, and none of its own line (`tests/suite/layers.rs` checks):
//!
//! ```text
//! sandbox                    # a temporary home and clone, in which commands run against one rehearsal
//! rehearsal                  # a running server: started, called directly, stopped
//! server                     # a request: recorded, met by the faults that are set, handed on
//! panel                      # `/_rehearsal/…`, where tests set things up
//! routes  git  streams       # Platform API and data API; git over HTTP; logs and output streams
//! databases                  # the apps' databases: made, dumped, restored; the store of backups
//! one_off                    # one-off dynos: their code, their process, and the client at the rendezvous server
//! sources  app_setup         # source blobs: where code is put before it is built; the life of a review app
//! build  repositories        # a build, from its start to its release; the apps' git repositories
//! state                      # apps, pipelines, releases …, and how they change as time goes by
//! app_manifest               # the app.json of a commit
//! procfile                   # process types of a commit or an archive
//! history  faults            # the playhouse's commits; what can be made to go wrong
//! http                       # requests and answers; the pages of a list
//! settings  clock  identity  # pace, times, ids
//! certificate                # the TLS of the rendezvous server
//! postgres                   # real PostgreSQL servers, where one is installed
//! folder  interrupt          # temporary folders; signals
//! ```
//!
//! The protocol is written from Heroku's API schema and from what the official CLI sends and expects
//! (`docs/heroku.md`). Nothing here is shared with the program that it tests, so that no misunderstanding of Heroku can
//! hide on both sides.

mod app_manifest;
mod app_setup;
mod build;
mod certificate;
mod clock;
mod databases;
mod faults;
mod folder;
mod git;
pub mod history;
mod http;
mod identity;
mod interrupt;
mod one_off;
mod panel;
pub mod postgres;
mod procfile;
mod rehearsal;
mod repositories;
mod routes;
mod sandbox;
mod server;
mod settings;
mod sources;
mod state;
mod streams;

pub use faults::Fault;
pub use folder::Folder;
pub use http::exchange::{Exchange, rounds};
pub use interrupt::{Interrupt, interrupts};
pub use rehearsal::Rehearsal;
pub use sandbox::Sandbox;
pub use settings::Settings;
