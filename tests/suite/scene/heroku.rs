//! Requests of a test to the rehearsal, and changes that somebody else makes there.

use serde_json::{Value, json};

use super::Scene;

impl Scene {
    /// Sends a request, which must succeed. It is not recorded among the command's requests.
    pub fn ask(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.heroku().call(method, path, Some(body));
        assert!(status < 300, "{method} {path}: {status} {answer}");
        answer
    }

    /// Reads a resource.
    pub fn look(&self, path: &str) -> Value {
        self.ask("GET", path, Value::Null)
    }

    /// Sends a request to the panel.
    pub fn panel(&self, method: &str, path: &str, body: Value) -> Value {
        self.ask(method, &format!("/_rehearsal{path}"), body)
    }

    /// Adds a release of an app, as if made by somebody else.
    pub fn release(&self, app: &str, release: Value) {
        self.panel("POST", &format!("/apps/{app}/releases"), release);
    }

    /// The release that an app runs now.
    pub fn current_release(&self, app: &str) -> Value {
        let releases = self.look(&format!("/apps/{app}/releases"));
        let current = releases.as_array().expect("a list").iter().find(|release| release["current"] == true);
        current.expect("a current release").clone()
    }

    /// The version and commit that an app runs now, in a slug, or on Fir in an image.
    pub fn runs(&self, app: &str) -> (u64, String) {
        let current = self.current_release(app);
        let code = if let Some(slug) = current["slug"]["id"].as_str() {
            self.look(&format!("/apps/{app}/slugs/{slug}"))
        } else {
            let image = current["oci_image"]["id"].as_str().expect("a slug or an image");
            self.look(&format!("/apps/{app}/oci-images/{image}"))[0].clone()
        };
        let version = current["version"].as_u64().expect("a number");
        (version, code["commit"].as_str().unwrap_or_default().to_owned())
    }

    /// Changes the slug that an app runs now.
    pub fn change_slug(&self, app: &str, facts: Value) {
        let current = self.current_release(app);
        let slug = current["slug"]["id"].as_str().expect("a slug");
        self.panel("PATCH", &format!("/slugs/{slug}"), facts);
    }

    /// Gives the running slug of an app a release command.
    pub fn with_release_phase(&self, app: &str, command: &str) {
        let types = json!({"web": "node server.js", "release": command});
        self.change_slug(app, json!({ "process_types": types }));
    }

    /// A second app in a stage of the pipeline: `playhouse-matinee`.
    pub fn matinee(&self, stage: &str) {
        let app = json!({"name": "playhouse-matinee", "pipeline": "playhouse", "stage": stage});
        self.panel("POST", "/apps", app);
    }

    /// Takes an app out of its pipeline.
    pub fn uncouple(&self, app: &str) {
        let coupling = self.look(&format!("/apps/{app}/pipeline-couplings"));
        let id = coupling["id"].as_str().expect("an id");
        self.ask("DELETE", &format!("/pipeline-couplings/{id}"), Value::Null);
    }

    /// The number of requests that equal this line.
    pub fn count(&self, line: &str) -> usize {
        self.requests().iter().filter(|request| *request == line).count()
    }

    /// The number of promotions that were requested.
    pub fn promotions(&self) -> usize {
        self.count("POST /pipeline-promotions")
    }

    /// The number of pushes.
    pub fn pushes(&self) -> usize {
        self.requests().iter().filter(|line| line.ends_with("/git-receive-pack")).count()
    }
}
