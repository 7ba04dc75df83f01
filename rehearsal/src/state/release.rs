//! Releases and slugs.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::clock;
use crate::http::answer::Answer;
use crate::state::app::App;
use crate::state::output::Output;
use crate::state::{State, metadata, owner, release_phase};

/// The config vars of an app, or of one of its releases.
pub(crate) type ConfigVars = BTreeMap<String, String>;

/// The result of a build: the code of one commit and its process types.
#[derive(Clone, Debug)]
pub(crate) struct Slug {
    pub(crate) id: String,
    pub(crate) commit: Option<String>,
    /// Commands by process type; `release` is the release phase.
    pub(crate) process_types: BTreeMap<String, String>,
    pub(crate) created_at: String,
}

/// The status of a release or a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Pending,
    Succeeded,
    Failed,
    Expired,
}

/// A version of an app: slug and config vars.
#[derive(Clone, Debug)]
pub(crate) struct Release {
    pub(crate) id: String,
    pub(crate) version: u64,
    pub(crate) status: Status,
    pub(crate) description: String,
    pub(crate) slug: Option<String>,
    pub(crate) output_stream_url: Option<String>,
    pub(crate) config: Arc<ConfigVars>,
    /// Whether it changed the slug: a deploy, a promotion or a rollback.
    pub(crate) deployed: bool,
    pub(crate) user: Value,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
}

impl Status {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Pending, Self::Succeeded, Self::Failed, Self::Expired]
            .into_iter()
            .find(|status| status.word() == word)
    }
}

impl Slug {
    pub(crate) fn json(&self, app: &App) -> Value {
        json!({
            "id": self.id,
            "commit": self.commit,
            "commit_description": null,
            "process_types": self.process_types,
            "buildpack_provided_description": "Node.js",
            "checksum": format!("SHA256:{:0>64}", self.commit.as_deref().unwrap_or_default()),
            "size": 31_457_280,
            "stack": app.fields["stack"],
            "blob": { "method": "GET", "url": format!("https://slugs.playhouse.example/{}", self.id) },
            "created_at": self.created_at,
            "updated_at": self.created_at,
            "deleted_at": null,
        })
    }

    /// The same as the image of a Fir app for one architecture.
    pub(crate) fn image_json(&self, architecture: &str) -> Value {
        let process = |(name, command): (&String, &String)| {
            let json = json!({
                "name": name,
                "display_cmd": command,
                "command": format!("/cnb/process/{name}"),
                "working_dir": "/workspace",
                "default": name == "web",
            });
            (name.clone(), json)
        };
        let processes: serde_json::Map<String, Value> = self.process_types.iter().map(process).collect();
        json!({
            "id": self.id,
            "architecture": architecture,
            "base_image_name": "heroku/heroku:24",
            "base_top_layer": format!("sha256:{:0>64}", "24"),
            "buildpacks": [{ "id": "heroku/nodejs", "version": "3.4.0", "homepage": "https://github.com/heroku/buildpacks-nodejs" }],
            "commit": self.commit.as_deref().unwrap_or_default(),
            "commit_description": "",
            "digest": format!("sha256:{:0>64}", self.commit.as_deref().unwrap_or_default()),
            "image_repo": "d7ba1ace-b396-4691-968c-37ae53153426/builds",
            "process_types": processes,
            "stack": { "id": "0d0d0d0d-57a6-4e00-8000-000000000025", "name": "cnb" },
            "created_at": self.created_at,
            "updated_at": self.created_at,
        })
    }

    /// The release command, if the slug declares one.
    pub(crate) fn release_command(&self) -> Option<&str> {
        self.process_types.get("release").map(String::as_str)
    }
}

impl Release {
    /// The reason why this release cannot be rolled back to.
    pub(crate) fn ineligible(&self) -> Option<&'static str> {
        match self.status {
            Status::Pending => Some("its release command has not ended"),
            Status::Failed => Some("its release command failed"),
            Status::Expired => Some("its slug has expired"),
            Status::Succeeded if self.slug.is_none() => Some("it has no slug"),
            Status::Succeeded => None,
        }
    }

    pub(crate) fn json(&self, app: &App) -> Value {
        // The same build, in either form.
        let (fir, code) = (app.is_fir(), self.slug.as_ref().map(|id| json!({ "id": id })));
        let kind = if fir { "oci-image" } else { "slug" };
        let code = code.as_ref();
        json!({
            "id": self.id,
            "version": self.version,
            "status": self.status.word(),
            "current": app.current == Some(self.version),
            "description": self.description,
            "slug": code.filter(|_| !fir),
            "oci_image": code.filter(|_| fir),
            "artifacts": self.slug.iter().map(|id| json!({ "type": kind, "id": id })).collect::<Vec<_>>(),
            "output_stream_url": self.output_stream_url,
            "eligible_for_rollback": self.ineligible().is_none(),
            "addon_plan_names": app.addons.iter().map(|addon| addon.plan.name).collect::<Vec<_>>(),
            "app": { "id": app.id(), "name": app.name() },
            "user": self.user,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        })
    }
}

/// The parts of a new release.
pub(crate) struct Draft {
    pub(crate) description: String,
    pub(crate) slug: Option<String>,
    pub(crate) config: ConfigVars,
    pub(crate) deployed: bool,
}

impl State {
    /// The slug with this id, of any app.
    pub(crate) fn slug(&self, id: &str) -> Option<&Slug> {
        self.slugs.iter().find(|slug| slug.id == id)
    }

    /// Adds a slug and returns its id.
    pub(crate) fn add_slug(
        &mut self,
        commit: Option<String>,
        process_types: BTreeMap<String, String>,
    ) -> String {
        let id = self.mint.uuid();
        self.slugs.push(Slug { id: id.clone(), commit, process_types, created_at: clock::now() });
        id
    }

    /// Adds a release to the app and returns its id. If the slug has a release command, the release is pending while it
    /// runs; otherwise the dynos start at once.
    pub(crate) fn release(&mut self, app: usize, draft: Draft) -> String {
        let command = draft.slug.as_ref().and_then(|id| self.slug(id)?.release_command().map(str::to_owned));
        let id = self.draw_up(app, draft);
        let secret = self.mint.secret();
        match command {
            None => self.finish(&id, true),
            Some(command) => {
                let url = format!("{}/streams/{secret}", self.url);
                if let Some(release) = self.apps[app].releases.last_mut() {
                    release.output_stream_url = Some(url);
                }
                self.outputs.insert(secret.clone(), Output::default());
                release_phase::run(self, app, &id, &secret, &command);
            }
        }
        id
    }

    /// Adds a release with a given status; a succeeded one becomes the current one.
    pub(crate) fn place_release(&mut self, app: usize, draft: Draft, status: Status) -> String {
        let id = self.draw_up(app, draft);
        if status == Status::Succeeded {
            self.finish(&id, true);
        } else if let Some(release) = self.apps[app].releases.last_mut() {
            release.status = status;
        }
        id
    }

    /// The app's next release, pending.
    fn draw_up(&mut self, app: usize, mut draft: Draft) -> String {
        let (id, time) = (self.mint.uuid(), clock::now());
        let version = self.apps[app].releases.last().map_or(0, |release| release.version) + 1;
        if draft.deployed {
            metadata::add(self, app, version, &time, &mut draft);
        }
        self.apps[app].releases.push(Release {
            id: id.clone(),
            version,
            status: Status::Pending,
            description: draft.description,
            slug: draft.slug,
            output_stream_url: None,
            config: Arc::new(draft.config),
            deployed: draft.deployed,
            user: owner(),
            created_at: time.clone(),
            updated_at: time,
        });
        let said =
            format!("Release v{version} created by user {}", owner()["email"].as_str().unwrap_or_default());
        self.apps[app].log.say("app", "api", &said);
        id
    }

    /// Ends a release: it becomes the current one, or it failed and the app is unchanged.
    pub(crate) fn finish(&mut self, release: &str, succeeded: bool) {
        let Some((app, at)) = self.find_release(release) else { return };
        let status = if succeeded { Status::Succeeded } else { Status::Failed };
        let target = &mut self.apps[app];
        target.releases[at].status = status;
        target.releases[at].updated_at = clock::now();
        if succeeded {
            let (slug, version) = (target.releases[at].slug.clone(), target.releases[at].version);
            target.config.clone_from(&target.releases[at].config);
            target.current = Some(version);
            let types = slug.and_then(|id| Some(self.slug(&id)?.process_types.clone())).unwrap_or_default();
            self.restage(app, &types);
        }
    }

    /// The indices of the app and of the release with this id.
    pub(crate) fn find_release(&self, id: &str) -> Option<(usize, usize)> {
        self.apps.iter().enumerate().find_map(|(app, entry)| {
            entry.releases.iter().position(|release| release.id == id).map(|at| (app, at))
        })
    }

    /// A release of the app by UUID or version, `v12` or `12`.
    pub(crate) fn release_of(&self, app: usize, word: &str) -> Result<&Release, Answer> {
        let version = word.trim_start_matches('v').parse::<u64>().ok();
        let mut releases = self.apps[app].releases.iter();
        releases
            .find(|release| release.id == word || Some(release.version) == version)
            .ok_or_else(|| Answer::missing("release"))
    }
}
