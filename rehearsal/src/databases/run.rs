//! A transfer from its start to its end: a backup, a restore or a copy.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::{real, store};
use crate::clock;
use crate::faults::Fault;
use crate::postgres::Server;
use crate::state::databases::Database;
use crate::state::transfer::Transfer;
use crate::state::{Shared, State, lock};

/// The kinds of transfers, by their effect on the add-on's database.
pub(crate) enum Work {
    /// Dumps it.
    Capture,
    /// Restores the backup of this transfer into it.
    Restore(Option<String>),
    /// Fills the second one from the first one; add-ons' ids, where they are known.
    Copy(Option<String>, Option<String>),
}

/// A copy of what a transfer needs from the state, which must not stay locked while programs run.
enum Job {
    /// Nothing to run, because there is no real PostgreSQL.
    Played,
    Dump(&'static Server, String, PathBuf),
    Restore(&'static Server, Database, PathBuf),
    Copy(&'static Server, String, Database, PathBuf),
    Impossible(&'static str),
}

/// Adds a transfer to an app and lets it happen. Fails where a real database cannot be made.
pub(crate) fn begin(
    state: &mut State,
    app: usize,
    addon: &str,
    work: Work,
    facts: &Value,
) -> io::Result<Transfer> {
    let size = real::query(state, addon, "select pg_database_size(current_database())")?;
    let transfers = &state.apps[app].resources.transfers;
    let number = transfers.iter().filter_map(|transfer| transfer.0["num"].as_u64()).max().unwrap_or(0) + 1;
    let mut transfer = Transfer::pending(&state.mint, number).with(facts);
    if let Some(bytes) = size.and_then(|size| size.parse::<u64>().ok()) {
        transfer.0["source_bytes"] = bytes.into();
    }
    let uuid = transfer.0["uuid"].as_str().unwrap_or_default().to_owned();
    let job = job(state, addon, work, &uuid)?;
    state.apps[app].resources.transfers.push(transfer.clone());
    state.spawn(|shared| happen(shared, app, uuid, job));
    Ok(transfer)
}

/// Ends a transfer that runs.
pub(crate) fn end(transfer: &mut Transfer, succeeded: bool, message: &str) {
    let now = clock::data_ago(Duration::ZERO);
    transfer.log(message);
    transfer.0["finished_at"] = now.clone().into();
    transfer.0["updated_at"] = now.into();
    transfer.0["succeeded"] = succeeded.into();
}

fn job(state: &mut State, addon: &str, work: Work, uuid: &str) -> io::Result<Job> {
    let file = store::file(state, uuid);
    let Some((server, database)) = real::make(state, addon)? else {
        return Ok(match work {
            Work::Restore(None) => Job::Impossible("could not fetch the backup"),
            _ => Job::Played,
        });
    };
    Ok(match work {
        Work::Capture => Job::Dump(server, database.name, file),
        Work::Restore(None) => Job::Impossible("could not fetch the backup"),
        Work::Restore(Some(backup)) => Job::Restore(server, database, store::kept(state, &backup)?),
        Work::Copy(Some(from), Some(to)) => {
            let from = real::make(state, &from)?.map(|(_, database)| database.name).unwrap_or_default();
            match real::make(state, &to)? {
                Some((_, to)) => Job::Copy(server, from, to, file),
                None => Job::Played,
            }
        }
        Work::Copy(..) => Job::Impossible("could not connect to the other database"),
    })
}

/// Lets it happen. It can be canceled until its end.
async fn happen(shared: Shared, app: usize, uuid: String, job: Job) {
    let step = lock(&shared).settings.transfer_time / 3;
    tokio::time::sleep(step).await;
    let size = {
        let mut state = lock(&shared);
        let Some(transfer) = running(&mut state, app, &uuid) else { return };
        transfer.0["started_at"] = clock::data_ago(Duration::ZERO).into();
        transfer.log("Starting");
        transfer.0["source_bytes"].as_u64().unwrap_or_default()
    };
    tokio::time::sleep(step).await;
    while stalls(&shared, app) {
        match running(&mut lock(&shared), app, &uuid) {
            Some(transfer) => transfer.0["processed_bytes"] = (size / 8).into(),
            None => return,
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let done = tokio::task::spawn_blocking(|| job.perform()).await;
    let done = done.unwrap_or_else(|error| Err(io::Error::other(error)));
    if let Some(transfer) = running(&mut lock(&shared), app, &uuid) {
        transfer.0["processed_bytes"] =
            done.as_ref().map_or(size / 3, |done| done.bytes.unwrap_or(size) / 2).into();
    }
    tokio::time::sleep(step).await;
    finish(&mut lock(&shared), app, &uuid, done, size);
}

fn finish(state: &mut State, app: usize, uuid: &str, done: io::Result<Done>, size: u64) {
    let name = state.apps[app].name().to_owned();
    let fault = state.faults.occur(|fault| matches!(fault, Fault::FailTransfer { app, .. } if *app == name));
    let Some(transfer) = running(state, app, uuid) else { return };
    match (fault, done) {
        (Some(Fault::FailTransfer { message, .. }), _) => end(transfer, false, &message),
        (_, Err(error)) => {
            for line in error.to_string().lines() {
                transfer.log(line);
            }
            end(transfer, false, "Failed");
        }
        (_, Ok(done)) => {
            transfer.0["processed_bytes"] = done.bytes.unwrap_or(size / 2).into();
            transfer.0["warnings"] = done.complaints.len().into();
            for line in &done.complaints {
                transfer.log(line);
            }
            end(transfer, true, "Completed");
        }
    }
}

/// The outcome of a job.
struct Done {
    /// The bytes that went through, where they were counted.
    bytes: Option<u64>,
    complaints: Vec<String>,
}

impl Job {
    fn perform(self) -> io::Result<Done> {
        let size = |file: &PathBuf| fs::metadata(file).ok().map(|about| about.len());
        Ok(match self {
            Self::Played => Done { bytes: None, complaints: Vec::new() },
            Self::Impossible(why) => return Err(io::Error::other(why)),
            Self::Dump(server, database, file) => {
                real::dump(server, &database, &file)?;
                Done { bytes: size(&file), complaints: Vec::new() }
            }
            Self::Restore(server, database, file) => {
                let complaints = real::restore(server, &database, &file)?;
                Done { bytes: size(&file), complaints }
            }
            Self::Copy(server, from, to, file) => {
                real::dump(server, &from, &file)?;
                let done = Done { bytes: size(&file), complaints: real::restore(server, &to, &file)? };
                fs::remove_file(&file)?;
                done
            }
        })
    }
}

fn stalls(shared: &Shared, app: usize) -> bool {
    let state = lock(shared);
    let name = state.apps[app].name();
    state.faults.about(|fault| matches!(fault, Fault::StallTransfer { app } if app == name)).is_some()
}

/// The transfer, unless it was canceled or deleted.
fn running<'a>(state: &'a mut State, app: usize, uuid: &str) -> Option<&'a mut Transfer> {
    let mut transfers = state.apps[app].resources.transfers.iter_mut();
    transfers.find(|transfer| transfer.0["uuid"] == uuid && transfer.0["finished_at"].is_null())
}

/// The fields of a copy or a restore that name both ends.
pub(crate) fn ends(from: (&str, &str, &str), to: (&str, &str, &str)) -> Value {
    json!({
        "from_type": from.0, "from_name": from.1, "from_url": from.2,
        "to_type": to.0, "to_name": to.1, "to_url": to.2,
    })
}
