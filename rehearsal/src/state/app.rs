//! Apps, their dynos and their formation.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::clock;
use crate::identity::is_uuid;
use crate::state::addon::Addon;
use crate::state::logs::Log;
use crate::state::one_off::OneOff;
use crate::state::release::{ConfigVars, Draft, Release, Status};
use crate::state::resources::Resources;
use crate::state::roll_out::RollOut;
use crate::state::{State, collaborator, dyno_size, owner};

/// An app. Simple fields are kept as the JSON of the answer, so that the panel can set any of them.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) fields: Map<String, Value>,
    pub(crate) config: ConfigVars,
    /// Oldest first.
    pub(crate) releases: Vec<Release>,
    /// The version of the release that its dynos run.
    pub(crate) current: Option<u64>,
    pub(crate) formation: Vec<Formation>,
    pub(crate) dynos: Vec<Dyno>,
    pub(crate) roll_out: RollOut,
    pub(crate) log: Log,
    pub(crate) addons: Vec<Addon>,
    /// Attachments of other apps' add-ons, as the API shows them.
    pub(crate) attached: Vec<Value>,
    pub(crate) resources: Resources,
    /// Without their field `app`.
    pub(crate) collaborators: Vec<Value>,
    /// The labs features that are enabled.
    pub(crate) features: Vec<String>,
    /// A deleted one keeps its index, but cannot be found.
    pub(crate) deleted: bool,
    /// An app of another account: it cannot be seen, but its name is taken.
    pub(crate) foreign: bool,
    /// In the order in which they are run.
    pub(crate) buildpacks: Vec<String>,
    /// The commit of `main` in its git repository at first.
    pub(crate) main: Option<String>,
}

/// The quantity and the size of the dynos of one process type.
#[derive(Clone, Debug)]
pub(crate) struct Formation {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) command: String,
    pub(crate) quantity: u64,
    pub(crate) size: String,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
}

/// A dyno.
#[derive(Clone, Debug)]
pub(crate) struct Dyno {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) state: &'static str,
    /// The version of the release that it runs.
    pub(crate) version: Option<u64>,
    /// How often it was started again after a crash.
    pub(crate) starts: usize,
    /// What only a one-off dyno has; the others belong to the formation.
    pub(crate) one_off: Option<Arc<OneOff>>,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
}

impl Dyno {
    /// Whether it belongs to the formation and is not yet up.
    pub(crate) fn is_starting(&self) -> bool {
        self.one_off.is_none() && self.state == "starting"
    }
}

impl App {
    pub(crate) fn name(&self) -> &str {
        self.fields["name"].as_str().unwrap_or_default()
    }

    pub(crate) fn id(&self) -> &str {
        self.fields["id"].as_str().unwrap_or_default()
    }

    /// Whether it is of the Fir generation, which runs images.
    pub(crate) fn is_fir(&self) -> bool {
        self.fields["generation"]["name"] == "fir"
    }

    /// Whether the account sees it.
    pub(crate) fn is_visible(&self) -> bool {
        !self.deleted && !self.foreign
    }

    /// The host of its web dynos: `name-0123456789ab.herokuapp.com`.
    pub(crate) fn host(&self) -> String {
        let url = self.fields["web_url"].as_str().unwrap_or_default();
        url.trim_start_matches("https://").trim_end_matches('/').to_owned()
    }

    /// The app as the API shows it. In the `version=3.sdk` variant, `sdk`, the generation is a string.
    pub(crate) fn json(&self, sdk: bool) -> Value {
        let mut fields = self.fields.clone();
        if sdk {
            let name = self.fields["generation"]["name"].clone();
            fields.insert("generation".to_owned(), name);
            fields.insert("base_image_name".to_owned(), Value::Null);
            fields.insert("buildpacks".to_owned(), json!([]));
            fields.insert("current_build_architecture".to_owned(), json!([]));
        }
        Value::Object(fields)
    }

    /// Sets fields. A string for a stack, generation, region or team becomes the object that the API has there.
    pub(crate) fn merge(&mut self, facts: &Map<String, Value>, mint: &crate::identity::Mint) {
        for (key, value) in facts {
            let named = ["stack", "build_stack", "generation", "region", "team", "organization", "space"];
            let value = match value {
                Value::String(name) if named.contains(&&**key) => json!({ "id": mint.uuid(), "name": name }),
                Value::Object(object) if named.contains(&&**key) && !object.contains_key("id") => {
                    let mut object = object.clone();
                    object.insert("id".to_owned(), mint.uuid().into());
                    object.into()
                }
                other => other.clone(),
            };
            self.fields.insert(key.clone(), value);
        }
        self.fields.insert("updated_at".to_owned(), clock::now().into());
    }

    pub(crate) fn formation_json(&self, formation: &Formation) -> Value {
        json!({
            "app": self.brief(),
            "id": formation.id,
            "type": formation.kind,
            "command": formation.command,
            "quantity": formation.quantity,
            "size": formation.size,
            "dyno_size": { "id": dyno_size::id(&formation.size), "name": formation.size },
            "created_at": formation.created_at,
            "updated_at": formation.updated_at,
        })
    }

    pub(crate) fn dyno_json(&self, dyno: &Dyno) -> Value {
        let formation = self.formation.iter().find(|formation| formation.kind == dyno.kind);
        let release = self.releases.iter().find(|release| Some(release.version) == dyno.version);
        let one_off = dyno.one_off.as_deref();
        let command = one_off.map(|one_off| &one_off.command);
        let size = one_off.map(|one_off| &one_off.size);
        json!({
            "id": dyno.id,
            "name": dyno.name,
            "type": dyno.kind,
            "command": command.or_else(|| formation.map(|formation| &formation.command)),
            "size": size.or_else(|| formation.map(|formation| &formation.size)),
            "state": dyno.state,
            "attach_url": one_off.and_then(|one_off| one_off.attach_url.as_ref()),
            "app": self.brief(),
            "release": release.map(|release| json!({ "id": release.id, "version": release.version })),
            "created_at": dyno.created_at,
            "updated_at": dyno.updated_at,
        })
    }

    /// `{id, name}`, as in other resources.
    pub(crate) fn brief(&self) -> Value {
        json!({ "id": self.id(), "name": self.name() })
    }
}

impl State {
    /// Deletes all apps and pipelines: a new account.
    pub(crate) fn empty(&mut self) {
        (0..self.apps.len()).for_each(|app| self.remove_app(app));
        self.pipelines.iter_mut().for_each(|pipeline| pipeline.deleted = true);
        self.review_apps.clear();
    }

    /// Deletes an app, its coupling, and what runs of it.
    pub(crate) fn remove_app(&mut self, app: usize) {
        let id = self.apps[app].id().to_owned();
        self.couplings.retain(|coupling| coupling.app != id);
        self.review_apps.retain(|review| review.app.as_ref() != Some(&id));
        let builds: Vec<String> =
            self.builds.iter().filter(|build| build.app == app).map(|build| build.id.clone()).collect();
        for build in &builds {
            self.end_build(build, false);
        }
        let target = &mut self.apps[app];
        for one_off in target.dynos.iter().filter_map(|dyno| dyno.one_off.as_ref()) {
            one_off.stopped.send_replace(true);
        }
        target.addons.clear();
        target.deleted = true;
    }

    /// Adds an app as the API makes one, with two releases and no code, and returns its index.
    pub(crate) fn create_app(&mut self, name: &str, region: &str, stack: &str) -> usize {
        let app = self.add_app(name, &clock::now());
        let facts = json!({
            "region": region,
            "stack": stack,
            "build_stack": stack,
            "buildpack_provided_description": null,
            "repo_size": null,
            "slug_size": null,
        });
        self.apps[app].merge(facts.as_object().unwrap_or(&Map::new()), &self.mint);
        for words in ["Initial release", "Enable Logplex"] {
            let description = words.to_owned();
            let draft = Draft { description, slug: None, config: ConfigVars::new(), deployed: false };
            self.place_release(app, draft, Status::Succeeded);
        }
        app
    }

    /// Adds an empty app and returns its index.
    pub(crate) fn add_app(&mut self, name: &str, created_at: &str) -> usize {
        let id = self.mint.uuid();
        let tail = &self.mint.secret()[..12];
        let stack = json!({ "id": "0d0d0d0d-57a6-4e00-8000-000000000024", "name": "heroku-24" });
        let fields = json!({
            "id": id,
            "name": name,
            "acm": false,
            "archived_at": null,
            "buildpack_provided_description": "Node.js",
            "build_stack": stack,
            "stack": stack,
            "generation": { "id": "0d0d0d0d-57a6-4e00-8000-0000000000ce", "name": "cedar" },
            "region": { "id": "0d0d0d0d-57a6-4e00-8000-000000000045", "name": "us" },
            "git_url": format!("https://git.heroku.com/{name}.git"),
            "web_url": format!("https://{name}-{tail}.herokuapp.com/"),
            "owner": owner(),
            "team": null,
            "organization": null,
            "space": null,
            "internal_routing": null,
            "maintenance": false,
            "process_tier": "basic",
            "repo_size": 1_048_576,
            "slug_size": 31_457_280,
            "created_at": created_at,
            "released_at": created_at,
            "updated_at": created_at,
        });
        self.apps.push(App {
            fields: fields.as_object().cloned().unwrap_or_default(),
            config: ConfigVars::new(),
            releases: Vec::new(),
            current: None,
            formation: Vec::new(),
            dynos: Vec::new(),
            roll_out: RollOut::default(),
            log: Log::default(),
            addons: Vec::new(),
            attached: Vec::new(),
            resources: Resources::default(),
            collaborators: collaborator::first(),
            features: Vec::new(),
            deleted: false,
            foreign: false,
            buildpacks: Vec::new(),
            main: None,
        });
        debug_assert!(is_uuid(self.apps[self.apps.len() - 1].id()));
        self.apps.len() - 1
    }

    /// Adapts the formation to a slug's process types and restarts all dynos, as every release does.
    pub(crate) fn restage(&mut self, app: usize, types: &BTreeMap<String, String>) {
        let target = &mut self.apps[app];
        target.formation.retain(|formation| types.contains_key(&formation.kind));
        for (kind, command) in types {
            if let Some(known) = target.formation.iter_mut().find(|formation| formation.kind == *kind) {
                known.command.clone_from(command);
            } else {
                target.formation.push(Formation {
                    id: self.mint.uuid(),
                    kind: kind.clone(),
                    command: command.clone(),
                    quantity: u64::from(kind == "web"),
                    size: "Basic".to_owned(),
                    created_at: clock::now(),
                    updated_at: clock::now(),
                });
            }
        }
        target.fields.insert("released_at".to_owned(), clock::now().into());
        self.roll_out(app);
    }

    /// Restarts the selected dynos, and adds or removes dynos to match the formation. One-off dynos go on.
    pub(crate) fn restart(&mut self, app: usize, meant: impl Fn(&Dyno) -> bool) {
        let target = &mut self.apps[app];
        let (mut dynos, mut started) = (Vec::new(), Vec::new());
        for formation in &target.formation {
            for number in 1..=formation.quantity {
                let name = format!("{}.{number}", formation.kind);
                let old = target.dynos.iter().find(|dyno| dyno.name == name);
                let dyno = match old {
                    Some(dyno) if !meant(dyno) => dyno.clone(),
                    _ => Dyno {
                        id: self.mint.uuid(),
                        kind: formation.kind.clone(),
                        name,
                        state: "starting",
                        version: target.current,
                        starts: 0,
                        one_off: None,
                        created_at: clock::now(),
                        updated_at: clock::now(),
                    },
                };
                if old.is_none_or(|old| old.id != dyno.id) {
                    started.push(dyno.id.clone());
                }
                dynos.push(dyno);
            }
        }
        dynos.extend(target.dynos.drain(..).filter(|dyno| dyno.one_off.is_some()));
        target.dynos = dynos;
        for id in started {
            self.start_dyno(app, id);
        }
    }
}
