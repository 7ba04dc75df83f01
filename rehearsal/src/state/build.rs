//! Builds of pushed code and of source blobs.

use serde_json::{Value, json};

use crate::clock;
use crate::http::answer::Answer;
use crate::state::output::Output;
use crate::state::release::Status;
use crate::state::{State, buildpack, owner};

/// A build, pending or completed.
#[derive(Clone, Debug)]
pub(crate) struct Build {
    pub(crate) id: String,
    pub(crate) app: usize,
    /// Pending, succeeded or failed.
    pub(crate) status: Status,
    pub(crate) source: Source,
    /// The buildpacks of the request, else those of the app; if there are none, one is detected.
    pub(crate) buildpacks: Vec<String>,
    pub(crate) stack: String,
    /// The secret in the URL of its output.
    pub(crate) secret: String,
    pub(crate) slug: Option<String>,
    /// The id of its release, once there is one.
    pub(crate) release: Option<String>,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
}

/// Where the code comes from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Source {
    pub(crate) url: String,
    /// The commit of the slug.
    pub(crate) version: Option<String>,
    pub(crate) checksum: Option<String>,
    pub(crate) description: Option<String>,
}

impl Build {
    /// The build as the API shows it; `sdk` is the `version=3.sdk` variant.
    pub(crate) fn json(&self, state: &State, sdk: bool) -> Value {
        let id = |id: &Option<String>| id.as_ref().map(|id| json!({ "id": id }));
        let buildpacks: Vec<Value> = self.buildpacks.iter().map(|word| buildpack::json(word)).collect();
        let mut json = json!({
            "id": self.id,
            "app": { "id": state.apps[self.app].id() },
            "status": self.status.word(),
            "stack": self.stack,
            "buildpacks": (!buildpacks.is_empty()).then_some(buildpacks),
            "source_blob": {
                "url": self.source.url,
                "version": self.source.version,
                "version_description": self.source.description,
                "checksum": self.source.checksum,
            },
            "output_stream_url": format!("{}/streams/{}", state.url, self.secret),
            "slug": id(&self.slug),
            "release": id(&self.release),
            "user": owner(),
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        });
        if sdk {
            json["labs"] = json!({});
        } else {
            json["generation"] = state.apps[self.app].fields["generation"]["name"].clone();
        }
        json
    }
}

impl State {
    /// Adds a pending build and returns its id; none while another build of the app is running.
    pub(crate) fn begin_build(
        &mut self,
        app: usize,
        source: Source,
        buildpacks: Option<Vec<String>>,
    ) -> Option<String> {
        if self.builds.iter().any(|build| build.app == app && build.status == Status::Pending) {
            return None;
        }
        let (id, secret) = (self.mint.uuid(), format!("build-{}", self.mint.secret()));
        let mut output = Output::default();
        output.start();
        self.outputs.insert(secret.clone(), output);
        let stack = self.apps[app].fields["build_stack"]["name"].as_str().unwrap_or_default().to_owned();
        self.builds.push(Build {
            id: id.clone(),
            app,
            status: Status::Pending,
            source,
            buildpacks: buildpacks.unwrap_or_else(|| self.apps[app].buildpacks.clone()),
            stack,
            secret,
            slug: None,
            release: None,
            created_at: clock::now(),
            updated_at: clock::now(),
        });
        Some(id)
    }

    /// The build with this id.
    pub(crate) fn build(&self, id: &str) -> Option<&Build> {
        self.builds.iter().find(|build| build.id == id)
    }

    /// The build of this app with this id.
    pub(crate) fn build_of(&self, app: usize, id: &str) -> Result<&Build, Answer> {
        self.build(id).filter(|build| build.app == app).ok_or_else(|| Answer::missing("build"))
    }

    /// Writes to the output of a build, and returns whether it is still pending.
    pub(crate) fn say_of_build(&mut self, id: &str, line: &str) -> bool {
        let pending = self.build(id).filter(|build| build.status == Status::Pending);
        let secret = pending.map(|build| build.secret.clone());
        let output = secret.and_then(|secret| self.outputs.get_mut(&secret));
        output.map(|output| output.line(line)).is_some()
    }

    /// Ends a pending build. Its status is set before its output ends.
    pub(crate) fn end_build(&mut self, id: &str, succeeded: bool) {
        let mut pending = self.builds.iter_mut().filter(|build| build.status == Status::Pending);
        let Some(build) = pending.find(|build| build.id == id) else { return };
        build.status = if succeeded { Status::Succeeded } else { Status::Failed };
        build.updated_at = clock::now();
        if let Some(output) = self.outputs.get_mut(&build.secret) {
            output.close();
        }
    }
}
