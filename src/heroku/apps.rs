//! Apps.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

use super::change::Change;
use super::review_apps::found;
use super::{Accept, ApiError, Client, Id};
use crate::error::Result;
use crate::model::{AppName, Resource};
use crate::parallel::in_parallel;

/// An app, as far as it matters here.
#[derive(Clone, Debug, Deserialize)]
pub struct App {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: AppName,
    /// `cedar` or `fir`.
    #[serde(default, deserialize_with = "generation")]
    pub generation: String,
    /// Its stack, such as `heroku-24` or `container`.
    pub stack: Option<Stack>,
    /// The stack of its next build.
    #[serde(default)]
    pub build_stack: Option<Stack>,
    /// The team that owns it.
    pub team: Option<Team>,
    /// Whether it is in maintenance mode.
    #[serde(default)]
    pub maintenance: bool,
    /// Where its web dynos answer, such as `https://playhouse-1a2b.herokuapp.com/`.
    #[serde(default)]
    pub web_url: Option<String>,
    /// When it was released last, in RFC 3339; null for an app without code.
    #[serde(default)]
    pub released_at: Option<String>,
    /// Where it runs.
    #[serde(default)]
    pub region: Option<Region>,
    /// The private space that it runs in.
    #[serde(default)]
    pub space: Option<Space>,
    /// Whose account it belongs to.
    #[serde(default)]
    pub owner: Option<Id>,
    /// The tier of its dynos: `eco`, `basic`, … (the Heroku CLI reads it; the reference leaves it out).
    #[serde(default)]
    pub process_tier: Option<String>,
}

/// The stack of an app.
#[derive(Clone, Debug, Deserialize)]
pub struct Stack {
    /// Its name.
    pub name: String,
}

/// Where apps run.
#[derive(Clone, Debug, Deserialize)]
pub struct Region {
    /// Its name, such as `eu`.
    pub name: String,
}

/// A private space.
#[derive(Clone, Debug, Deserialize)]
pub struct Space {
    /// Its name.
    pub name: String,
    /// Whether it is a Shield space, whose dyno sizes are shown as `Shield-M` in place of `Private-M`.
    #[serde(default)]
    pub shield: bool,
}

/// A team.
#[derive(Clone, Debug, Deserialize)]
pub struct Team {
    /// Its id.
    #[serde(default)]
    pub id: String,
    /// Its name.
    pub name: String,
}

/// What `heroku apps:info` prints of an app, as the JSON that the API sent.
#[derive(Clone, Debug, Serialize)]
pub struct AppInfo {
    /// Its own add-ons.
    pub addons: Value,
    /// The app.
    pub app: Value,
    /// Who may change it, its owner too.
    pub collaborators: Value,
    /// Its dynos.
    pub dynos: Value,
    /// Its stage in a pipeline; null in no pipeline.
    pub pipeline_coupling: Value,
}

impl App {
    /// Whether it runs images, not slugs.
    pub fn is_container(&self) -> bool {
        self.stack.as_ref().is_some_and(|stack| stack.name == "container")
    }

    /// The stack that its next build is built on.
    pub fn builds_on(&self) -> &str {
        self.build_stack.as_ref().or(self.stack.as_ref()).map_or("", |stack| &stack.name)
    }

    /// Whether it runs in a Shield space.
    pub fn is_shielded(&self) -> bool {
        self.space.as_ref().is_some_and(|space| space.shield)
    }

    /// Whether it is of the generation that native code does not cover.
    pub fn is_fir(&self) -> bool {
        self.generation == "fir"
    }
}

impl Client {
    /// Where the app's git repository is pushed to: where the API is, if that is on loopback, else `usual`.
    pub fn git_url(&self, app: &AppName, usual: String) -> String {
        if self.api.is_loopback() { format!("{}/{app}.git", self.api) } else { usual }
    }

    /// The names of the apps that the account sees.
    pub fn app_names(&self) -> Result<Vec<AppName>> {
        #[derive(Deserialize)]
        struct Named {
            name: AppName,
        }
        let apps: Vec<Named> = self.list("/apps", Accept::Sdk)?;
        Ok(apps.into_iter().map(|app| app.name).collect())
    }

    /// The app of this name or id.
    pub fn app(&self, name: &str) -> Result<App> {
        self.get(&path(name), Accept::Sdk)
    }

    /// The same; `None` where there is no such app.
    pub fn find_app(&self, name: &str) -> Result<Option<App>> {
        found(self.app(name))
    }

    /// The app and what belongs to it, requested at once. Dynos, collaborators and the pipeline are left out where the
    /// API refuses them, as the Heroku CLI does.
    pub fn app_info(&self, app: &AppName) -> Result<AppInfo> {
        let parts = ["addons", "", "dynos", "collaborators", "pipeline-couplings"];
        let mut told = in_parallel(parts, |part| match part {
            "" => self.get(&path(app.as_ref()), Accept::V3),
            "pipeline-couplings" => self.get(&format!("/apps/{app}/{part}"), Accept::V3),
            part => self.list(&format!("/apps/{app}/{part}"), Accept::V3).map(Value::Array),
        })
        .into_iter();
        let mut next = || told.next().unwrap_or(Ok(Value::Null));
        let (addons, shown) = (next()?, next()?);
        let mut optional = |absent: Value| match next() {
            Err(error) if ApiError::is_refusal(&error) => Ok(absent),
            told => told,
        };
        Ok(AppInfo {
            addons,
            app: shown,
            dynos: optional(json!([]))?,
            collaborators: optional(json!([]))?,
            pipeline_coupling: optional(Value::Null)?,
        })
    }

    /// The same for an optional resource: requested once.
    pub fn glance_at_app(&self, name: &str) -> Option<App> {
        self.glance(&path(name), Accept::Sdk)
    }

    /// The request for an app as a line that can be pasted.
    pub(super) fn describe_app(&self, name: &str) -> String {
        self.describe::<()>("GET", &path(name), Accept::Sdk, None)
    }
}

/// Turns maintenance mode on or off; the answer is the app. Never repeated: a late request must not undo a later one.
pub fn set_maintenance(app: &str, on: bool) -> Change {
    Change::patch(path(app), json!({ "maintenance": on })).accept(Accept::Sdk).once().outdates_nothing()
}

/// Where a new app is to be; what is none is left to Heroku.
#[derive(Clone, Copy, Debug, Default)]
pub struct AppPlace<'a> {
    /// The team that owns it.
    pub team: Option<&'a str>,
    /// The private space that it runs in.
    pub space: Option<&'a str>,
    /// Its region.
    pub region: Option<&'a str>,
    /// Its stack.
    pub stack: Option<&'a str>,
}

/// Makes an app called `name` where `model` is: in its team, its space or region, and on its stack.
pub fn create_app(name: &AppName, model: &App) -> Change {
    let place = AppPlace {
        team: model.team.as_ref().map(|team| team.name.as_str()),
        space: model.space.as_ref().map(|space| space.name.as_str()),
        region: model.region.as_ref().map(|region| region.name.as_str()),
        stack: Some(model.builds_on()).filter(|stack| !stack.is_empty()),
    };
    create_app_in(name, place)
}

/// Makes an app called `name` at this place.
pub fn create_app_in(name: &AppName, place: AppPlace<'_>) -> Change {
    let AppPlace { team, space, region, stack } = place;
    let mut body = Map::new();
    let mut say = |key: &str, value: Option<&str>| {
        body.extend(value.map(|value| (key.to_owned(), Value::from(value))));
    };
    say("name", Some(name.as_ref()));
    say("team", team);
    say("space", space);
    // A space has its region.
    say("region", region.filter(|_| space.is_none()));
    say("stack", stack);
    let path = if team.is_some() || space.is_some() { "/teams/apps" } else { "/apps" };
    Change::post(path, Value::Object(body)).outdates([], &[Resource::Apps])
}

/// Deletes an app with all that belongs to it; the answer is the app.
pub fn delete_app(name: &str) -> Change {
    Change::delete(path(name)).outdates([], &[Resource::ReviewApps, Resource::Apps])
}

fn path(name: &str) -> String {
    format!("/apps/{name}")
}

/// The variant `3.sdk` says it as a text, plain `3` as an object with a name.
fn generation<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Object { name: String },
        Nothing(()),
    }
    Ok(match Either::deserialize(deserializer)? {
        Either::Text(name) | Either::Object { name } => name,
        Either::Nothing(()) => String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generation_has_two_forms() {
        let is_fir = |rest: &str| {
            let json = format!(r#"{{"id":"1","name":"playhouse","stack":null,"team":null{rest}}}"#);
            serde_json::from_str::<App>(&json).unwrap().is_fir()
        };
        assert!(is_fir(r#","generation":"fir""#));
        assert!(is_fir(r#","generation":{"id":"x","name":"fir"}"#));
        assert!(!is_fir(r#","generation":"cedar""#));
        assert!(!is_fir(r#","generation":null"#));
        assert!(!is_fir(""));
    }

    #[test]
    fn a_new_app_is_made_where_the_model_is() {
        let change = |rest: &str| {
            let json = format!(r#"{{"id":"1","name":"opera","stack":{{"name":"heroku-24"}}{rest}}}"#);
            let model = serde_json::from_str::<App>(&json).unwrap();
            create_app(&"opera-prepare".parse().unwrap(), &model)
        };
        let region = r#","region":{"name":"eu"}"#;
        let personal = change(region);
        assert_eq!(personal.path(), "/apps");
        let body = json!({ "name": "opera-prepare", "region": "eu", "stack": "heroku-24" });
        assert_eq!(personal.body(), &body);
        let team = r#","team":{"id":"2","name":"opera"},"space":{"name":"stalls"}"#;
        let in_space = change(&format!("{region}{team}"));
        assert_eq!(in_space.path(), "/teams/apps");
        let body =
            json!({ "name": "opera-prepare", "team": "opera", "space": "stalls", "stack": "heroku-24" });
        assert_eq!(in_space.body(), &body);
    }
}
