//! Whether a review app of the files that are checked out would come up: `app.json`, the Procfile, and what the pipeline gives
//! to review apps.

use std::collections::BTreeSet;
use std::path::Path;

use crate::app_manifest::{self, AppManifest, Flaw, Setup};
use crate::finding::Finding;
use crate::procfile;

mod first_deploy;
mod types;

/// The config vars that every review app of the pipeline gets.
#[derive(Clone, Debug)]
pub enum StageConfig {
    /// Their names.
    Known(BTreeSet<String>),
    /// Why they could not be read.
    Unknown(String),
}

/// What is wrong with the files alone.
pub fn files(root: &Path) -> Vec<Finding> {
    let mut findings = types::findings(root);
    match AppManifest::read(root) {
        Ok(None) => {}
        Ok(Some(Ok(manifest))) => findings.extend(manifest.flaws().iter().map(of_flaw)),
        Ok(Some(Err(flaw))) => findings.push(of_flaw(&flaw)),
        Err(error) => {
            findings.push(Finding::problem(format!("{} cannot be read: {error}", app_manifest::NAME)));
        }
    }
    findings
}

/// What commonly breaks a first review app, besides flaws of the files.
pub fn first_review_app(root: &Path, config: &StageConfig) -> Vec<Finding> {
    let setup = match AppManifest::read(root) {
        Ok(Some(Ok(manifest))) => manifest.setup(),
        Ok(None) => Setup::default(),
        // It is among the flaws of the files.
        _ => return Vec::new(),
    };
    first_deploy::findings(root, &procfile::read(root), &setup, config)
}

fn of_flaw(flaw: &Flaw) -> Finding {
    let help = "https://devcenter.heroku.com/articles/app-json-schema";
    if flaw.is_fatal {
        return Finding::problem(flaw.to_string()).because("Heroku creates no review app from it").hint(help);
    }
    Finding::warning(flaw.to_string()).hint(help)
}
