//! How a review app is set up: its config vars, add-ons, buildpacks, dynos and scripts.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{AppManifest, REVIEW};

/// How `app.json` sets up a review app: the keys of `environments.review` replace the file's own, config vars one by one.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// The config vars, in the order of their names.
    pub env: BTreeMap<String, EnvVar>,
    /// The add-ons, in the file's order.
    pub addons: Vec<Addon>,
    /// The URLs of the buildpacks; none where the build detects them.
    pub buildpacks: Vec<String>,
    /// How many dynos of which size each process type has.
    pub formation: BTreeMap<String, Formation>,
    /// The stack; none for the usual one.
    pub stack: Option<String>,
    /// The script that runs once after the first release.
    pub postdeploy: Option<String>,
    /// The script that runs before the app is destroyed.
    pub predestroy: Option<String>,
}

/// A config var of an `app.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvVar {
    /// Its value, where the file has one.
    pub value: Option<String>,
    /// Whether Heroku makes up a secret for it.
    pub is_generated: bool,
    /// Whether the app cannot be made without it.
    pub is_required: bool,
}

/// An add-on of an `app.json`.
#[derive(Clone, Debug)]
pub struct Addon {
    /// Its service, or service and plan: `heroku-postgresql:essential-0`.
    pub plan: String,
    /// The name of its attachment (`as`), which its config vars begin with.
    pub alias: Option<String>,
    /// The service's own options.
    pub options: Map<String, Value>,
}

/// The dynos of a process type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formation {
    /// How many; none for the usual number.
    pub quantity: Option<u64>,
    /// Their size, such as `basic`.
    pub size: Option<String>,
}

impl Addon {
    /// Its service: `heroku-postgresql`.
    pub fn service(&self) -> &str {
        self.plan.split(':').next().unwrap_or_default()
    }

    /// Whether a plan that Heroku names is what is meant.
    pub fn is(&self, plan: &str) -> bool {
        plan == self.plan || plan.split(':').next() == Some(self.plan.as_str())
    }

    /// Whether it may set this config var.
    pub fn may_set(&self, name: &str) -> bool {
        match &self.alias {
            Some(alias) => name.strip_prefix(alias.as_str()).is_some_and(|rest| rest.starts_with('_')),
            None if self.service() == "heroku-postgresql" => name == "DATABASE_URL",
            None => {
                let service = self.service().trim_start_matches("heroku-").to_uppercase().replace('-', "_");
                name.starts_with(&service)
            }
        }
    }
}

impl AppManifest {
    /// How a review app of this file is set up. An entry of another type than the schema's counts as absent;
    /// [`AppManifest::flaws`] has it.
    pub fn setup(&self) -> Setup {
        let file = &self.json;
        let review = &file["environments"][REVIEW];
        let key = |name: &str| if review[name].is_null() { &file[name] } else { &review[name] };
        let script = |name: &str| {
            let of = |place: &Value| place["scripts"][name].as_str().map(str::to_owned);
            of(review).or_else(|| of(file)).filter(|line| !line.trim().is_empty())
        };
        let vars = [&file["env"], &review["env"]].into_iter().filter_map(Value::as_object).flatten();
        Setup {
            env: vars.map(|(name, said)| (name.clone(), EnvVar::of(said))).collect(),
            addons: list(key("addons")).filter_map(Addon::of).collect(),
            buildpacks: list(key("buildpacks"))
                .filter_map(|buildpack| Some(buildpack["url"].as_str()?.to_owned()))
                .collect(),
            formation: formation(key("formation")),
            stack: key("stack").as_str().map(str::to_owned),
            postdeploy: script("postdeploy"),
            predestroy: script("pr-predestroy"),
        }
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn formation(value: &Value) -> BTreeMap<String, Formation> {
    let of = |said: &Value| Formation {
        quantity: said["quantity"].as_u64(),
        size: said["size"].as_str().map(str::to_owned),
    };
    value.as_object().into_iter().flatten().map(|(name, said)| (name.clone(), of(said))).collect()
}

impl EnvVar {
    fn of(said: &Value) -> Self {
        if let Value::String(value) = said {
            return Self { value: Some(value.clone()), ..Self::default() };
        }
        let value = said["value"].as_str().map(str::to_owned);
        let is_generated = value.is_none() && said["generator"] == "secret";
        // `required` is true where nothing else is said.
        // A value of another type is a flaw of its own.
        let is_required = said["value"].is_null() && !is_generated && said["required"] != false;
        Self { value, is_generated, is_required }
    }
}

impl Addon {
    fn of(said: &Value) -> Option<Self> {
        let plan = said.as_str().or_else(|| said["plan"].as_str())?.to_owned();
        let alias = said["as"].as_str().map(str::to_owned);
        Some(Self { plan, alias, options: said["options"].as_object().cloned().unwrap_or_default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn review_apps_have_keys_of_their_own() {
        let manifest = AppManifest::parse(
            r#"{"env": {"A": "1", "B": {"generator": "secret"}, "C": {"description": "x"}, "D": {"required": false}},
                "addons": ["heroku-redis:mini"], "scripts": {"postdeploy": "seed", "pr-predestroy": "bye"},
                "formation": {"web": {"quantity": 2, "size": "standard-1x"}}, "stack": "heroku-24",
                "buildpacks": [{"url": "heroku/ruby"}],
                "environments": {"review": {"env": {"A": "2"}, "scripts": {"postdeploy": "seed-review"},
                    "addons": [{"plan": "heroku-postgresql", "as": "LEDGER", "options": {"version": "16"}}]}}}"#.to_owned(),
        );
        let manifest = manifest.unwrap().setup();
        assert_eq!(manifest.env["A"].value.as_deref(), Some("2"));
        assert!(
            manifest.env["B"].is_generated && manifest.env["C"].is_required && !manifest.env["D"].is_required
        );
        assert_eq!(manifest.postdeploy.as_deref(), Some("seed-review"));
        assert_eq!(manifest.predestroy.as_deref(), Some("bye"));
        let [addon] = manifest.addons.as_slice() else { panic!("{:?}", manifest.addons) };
        assert!(addon.is("heroku-postgresql:essential-0") && !addon.is("heroku-redis:mini"));
        assert!(addon.may_set("LEDGER_URL") && !addon.may_set("DATABASE_URL"));
        assert_eq!(manifest.buildpacks, ["heroku/ruby"]);
        let web = Formation { quantity: Some(2), size: Some("standard-1x".to_owned()) };
        assert_eq!(manifest.formation["web"], web);
        assert!(AppManifest::default().setup().env.is_empty());
    }
}
