//! The state of the rehearsal, and how it changes over time.

pub(crate) mod addon;
pub(crate) mod app;
pub(crate) mod build;
pub(crate) mod buildpack;
pub(crate) mod collaborator;
pub(crate) mod databases;
pub(crate) mod dyno_size;
pub(crate) mod eco_quota;
pub(crate) mod logs;
pub(crate) mod metadata;
pub(crate) mod one_off;
pub(crate) mod output;
pub(crate) mod pipeline;
pub(crate) mod release;
mod release_phase;
pub(crate) mod resources;
pub(crate) mod review_app;
pub(crate) mod roll_out;
pub(crate) mod script;
mod seed;
pub(crate) mod transfer;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::faults::Faults;
use crate::http::answer::Answer;
use crate::http::exchange::Exchange;
use crate::identity::Mint;
use crate::settings::Settings;
use app::App;
use build::Build;
use databases::Databases;
use eco_quota::EcoQuota;
use logs::Filter;
use one_off::Connection;
use output::Output;
use pipeline::{Coupling, Pipeline, Promotion};
use release::Slug;
use review_app::{AppSetup, ReviewApp};

/// A log session: the app, the filter, the number of lines, and whether it follows the log.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) app: usize,
    pub(crate) filter: Filter,
    pub(crate) lines: usize,
    pub(crate) tail: bool,
}

/// All apps, pipelines, builds and everything else that the server knows.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) settings: Settings,
    /// `http://127.0.0.1:PORT`, for the URLs in answers.
    pub(crate) url: String,
    /// The port of the rendezvous server, on 127.0.0.1.
    pub(crate) rendezvous_port: u16,
    /// The one-off dynos that wait for a client, by the secret in their attach URL.
    pub(crate) awaiting: HashMap<String, oneshot::Sender<Connection>>,
    /// Where the apps' git repositories are.
    pub(crate) folder: PathBuf,
    pub(crate) mint: Mint,
    /// A source of its own, so that other ids do not depend on the number of requests.
    pub(crate) request_ids: Mint,
    pub(crate) apps: Vec<App>,
    pub(crate) slugs: Vec<Slug>,
    pub(crate) pipelines: Vec<Pipeline>,
    pub(crate) couplings: Vec<Coupling>,
    pub(crate) review_apps: Vec<ReviewApp>,
    /// The setups of their apps.
    pub(crate) setups: Vec<AppSetup>,
    pub(crate) promotions: Vec<Promotion>,
    /// By the secret in their URL.
    pub(crate) sessions: HashMap<String, Session>,
    /// By the secret in their URL.
    pub(crate) outputs: HashMap<String, Output>,
    /// Oldest first.
    pub(crate) builds: Vec<Build>,
    /// The secrets of source blobs.
    pub(crate) sources: HashSet<String>,
    pub(crate) databases: Databases,
    /// The user's SSH keys, transfers of apps that were not accepted yet, and authorizations.
    pub(crate) keys: Vec<Value>,
    pub(crate) app_transfers: Vec<Value>,
    pub(crate) authorizations: Vec<Value>,
    pub(crate) eco_quota: EcoQuota,
    /// Apps with a two-factor pre-authorization.
    pub(crate) preauthorized: HashSet<String>,
    pub(crate) faults: Faults,
    pub(crate) exchanges: Vec<Exchange>,
    /// The remaining requests of the account's rate limit of 4500.
    pub(crate) remaining: u32,
    /// The beginning of the exchanges' times.
    pub(crate) begun: Instant,
    itself: Weak<Mutex<State>>,
    handle: Handle,
}

/// The ports on 127.0.0.1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    /// HTTP: everything but one-off dynos.
    pub(crate) api: u16,
    /// TLS: the clients of one-off dynos.
    pub(crate) rendezvous: u16,
}

/// The state as the server's tasks share it.
pub(crate) type Shared = Arc<Mutex<State>>;

/// Locks the state. It stays usable after a panic.
pub(crate) fn lock(shared: &Shared) -> MutexGuard<'_, State> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The only user: owner of the apps, author of the releases.
pub(crate) fn owner() -> Value {
    json!({ "id": "0d0d0d0d-57a6-4e00-8000-000000000001", "email": "director@playhouse.example" })
}

impl State {
    /// The seeded `playhouse`.
    pub(crate) fn playhouse(settings: Settings, ports: Ports, folder: PathBuf, handle: Handle) -> Shared {
        Arc::new_cyclic(|itself| {
            let mut state = Self {
                settings,
                url: format!("http://127.0.0.1:{}", ports.api),
                rendezvous_port: ports.rendezvous,
                awaiting: HashMap::new(),
                folder,
                mint: Mint::default(),
                request_ids: Mint::new(0xffff),
                apps: Vec::new(),
                slugs: Vec::new(),
                pipelines: Vec::new(),
                couplings: Vec::new(),
                review_apps: Vec::new(),
                setups: Vec::new(),
                promotions: Vec::new(),
                sessions: HashMap::new(),
                outputs: HashMap::new(),
                builds: Vec::new(),
                sources: HashSet::new(),
                databases: Databases::default(),
                keys: Vec::new(),
                app_transfers: Vec::new(),
                authorizations: Vec::new(),
                eco_quota: EcoQuota::default(),
                preauthorized: HashSet::new(),
                faults: Faults::default(),
                exchanges: Vec::new(),
                remaining: 4500,
                begun: Instant::now(),
                itself: itself.clone(),
                handle,
            };
            seed::playhouse(&mut state);
            Mutex::new(state)
        })
    }

    /// The time since the start, in milliseconds.
    pub(crate) fn elapsed_ms(&self) -> f64 {
        self.begun.elapsed().as_secs_f64() * 1000.0
    }

    /// Changes the state after `wait`, unless the rehearsal has ended by then.
    pub(crate) fn later(&self, wait: Duration, act: impl FnOnce(&mut State) + Send + 'static) {
        self.later_boxed(wait, Box::new(act));
    }

    /// One task for all of them: the compiler would make one for each.
    fn later_boxed(&self, wait: Duration, act: Box<dyn FnOnce(&mut State) + Send>) {
        let itself = self.itself.clone();
        self.handle.spawn(async move {
            tokio::time::sleep(wait).await;
            if let Some(shared) = itself.upgrade() {
                act(&mut lock(&shared));
            }
        });
    }

    /// Starts a task.
    pub(crate) fn spawn<F: Future<Output = ()> + Send + 'static>(&self, task: impl FnOnce(Shared) -> F) {
        if let Some(shared) = self.itself.upgrade() {
            self.handle.spawn(task(shared));
        }
    }

    /// The index of the app with this name or UUID.
    pub(crate) fn app(&self, word: &str) -> Result<usize, Answer> {
        let is_meant = |app: &App| !app.deleted && (app.name() == word || app.id() == word);
        let found = self.apps.iter().position(is_meant);
        found.ok_or_else(|| Answer::missing("app"))
    }
}
