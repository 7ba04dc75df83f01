//! The Platform API: transport, credentials, one file for each resource, and logs.
//!
//! [`Client`] is the one way to it. Its requests carry the token, to the API's own origin and nowhere else;
//! [`Client::stream`] reads what the platform hands out a URL for, and sends no token there.

mod account;
mod addons;
mod apps;
mod backups;
mod buildpacks;
mod builds;
mod catalog;
mod certificates;
mod change;
mod cli_data;
mod collaborators;
mod config_vars;
mod credentials;
mod databases;
mod domains;
mod drains;
mod dyno_sizes;
mod dynos;
mod eco_quota;
mod features;
mod formation;
pub mod logs;
mod one_off_dynos;
mod pipelines;
mod promotions;
mod releases;
mod rendezvous;
mod review_app_settings;
mod review_apps;
mod transport;
mod webhooks;

pub use account::{Account, Authorization};
pub use addons::{Addon, Attachment, create_addon};
pub use apps::{App, AppInfo, AppPlace, Stack, Team, create_app, create_app_in, delete_app, set_maintenance};
pub use backups::{LogLine, SignedUrl, Transfer, TransferKind, cancel_transfer};
pub use buildpacks::{buildpack_name, set_buildpacks};
pub use builds::{AppBuild, Build, Source, create_source, start_build};
pub use catalog::SpaceInfo;
pub use certificates::Certificate;
pub use change::Change;
pub use cli_data::cli_data_dir;
pub use collaborators::Collaborator;
pub use config_vars::{
    ConfigChanges, ConfigVars, HIDDEN, OrderedConfigVars, Secret, change_config_vars,
    change_review_config_vars, set_config_vars,
};
pub use credentials::{AcceptedToken, NotLoggedIn, git_credential};
pub use databases::{
    AppReference, DatabaseAddon, DatabaseAttachment, DatabaseInfo, capture, reset as reset_database,
    restore as restore_backup,
};
pub use domains::Domain;
pub use drains::Drain;
pub use dyno_sizes::DynoSize;
pub use dynos::{Dyno, DynoRelease, restart_dynos, stop_dynos};
pub use eco_quota::{EcoQuota, EcoUsage};
pub use features::{Feature, enable_feature};
pub use formation::{Formation, scale, scale_to_zero};
pub use one_off_dynos::{NewDyno, OneOffDyno, run_dyno};
pub use pipelines::{Coupling, Id, Owner, Pipeline, couple, create_pipeline, is_uuid};
pub use promotions::{Promotion, PromotionTarget, start_promotion};
pub use releases::{Release, Slug, User, release_again, roll_back};
pub use rendezvous::{Address, Attachment as DynoAttachment, Incoming, Rendezvous};
pub use review_app_settings::{
    ReviewAppSettings, SettingsChange, change_review_app_settings, disable_review_apps, enable_review_apps,
};
pub use review_apps::{AppSetup, NewReviewApp, ReviewApp, create_review_app, delete_review_app};
pub use transport::{Accept, ApiError, Client, HttpStatus, Part, Stream, Within};
pub use webhooks::Webhook;

use std::ffi::OsString;

/// Looks up an environment variable; a test gives its own.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The API's host, as the netrc file would name it; none where `HEROKU_HOST` names none that the token may go to.
pub fn api_machine() -> Option<String> {
    Some(transport::Origin::of_api(&|name| std::env::var_os(name)).ok()?.machine())
}

/// A number that differs between logins; the token cannot be derived from it.
pub fn login_mark() -> u64 {
    credentials::mark(&|name| std::env::var_os(name))
}
