//! Add-ons and how they are attached: under a name, with one config var.

use serde_json::{Value, json};

use crate::state::app::App;

/// An add-on of an app and its attachment there.
#[derive(Clone, Debug)]
pub(crate) struct Addon {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) plan: &'static Plan,
    /// The attachment's id.
    pub(crate) attachment: String,
    /// The attachment's name: `DATABASE`.
    pub(crate) alias: String,
    pub(crate) created_at: String,
}

/// What an add-on is an instance of.
#[derive(Debug)]
pub(crate) struct Plan {
    service: &'static str,
    service_id: &'static str,
    pub(crate) name: &'static str,
    id: &'static str,
    cents: u64,
    message: &'static str,
}

/// A small database.
pub(crate) static ESSENTIAL: Plan = Plan {
    service: "heroku-postgresql",
    service_id: "0d0d0d0d-57a6-4e00-8000-0000000000a1",
    name: "heroku-postgresql:essential-0",
    id: "0d0d0d0d-57a6-4e00-8000-0000000000a2",
    cents: 500,
    message: "Database is available",
};

/// A database that can be followed.
pub(crate) static STANDARD: Plan = Plan {
    name: "heroku-postgresql:standard-0",
    id: "0d0d0d0d-57a6-4e00-8000-0000000000a3",
    cents: 5000,
    ..ESSENTIAL
};

/// A key-value store.
pub(crate) static REDIS: Plan = Plan {
    service: "heroku-redis",
    service_id: "0d0d0d0d-57a6-4e00-8000-0000000000a4",
    name: "heroku-redis:mini",
    id: "0d0d0d0d-57a6-4e00-8000-0000000000a5",
    cents: 300,
    message: "Redis is available",
};

impl Plan {
    fn json(&self) -> Value {
        json!({ "id": self.id, "name": self.name })
    }
}

impl Addon {
    /// The config var that the attachment sets.
    pub(crate) fn config_var(&self) -> String {
        format!("{}_URL", self.alias)
    }

    /// Whether a client may mean it by this word.
    pub(crate) fn is_called(&self, word: &str) -> bool {
        let names = [&self.id, &self.name, &self.attachment, &self.alias, &self.config_var()];
        names.iter().any(|name| name.eq_ignore_ascii_case(word))
    }
}

impl App {
    pub(crate) fn addon_json(&self, addon: &Addon) -> Value {
        let plan = addon.plan;
        json!({
            "id": addon.id,
            "name": addon.name,
            "actions": [],
            "addon_service": { "id": plan.service_id, "name": plan.service },
            "plan": plan.json(),
            "app": self.brief(),
            "billing_entity": { "id": self.id(), "name": self.name(), "type": "app" },
            "billed_price": { "cents": plan.cents, "contract": false, "unit": "month" },
            "config_vars": [addon.config_var()],
            "provider_id": addon.id,
            "provision_message": plan.message,
            "state": "provisioned",
            "web_url": self.addon_url(addon),
            "created_at": addon.created_at,
            "updated_at": addon.created_at,
        })
    }

    /// The attachment with what a client may ask to be included (`Accept-Inclusion: addon:plan,config_vars`).
    pub(crate) fn attachment_json(&self, addon: &Addon) -> Value {
        json!({
            "id": addon.attachment,
            "name": addon.alias,
            "namespace": null,
            "addon": {
                "id": addon.id,
                "name": addon.name,
                "app": self.brief(),
                "plan": addon.plan.json(),
            },
            "config_vars": [addon.config_var()],
            "app": self.brief(),
            "web_url": self.addon_url(addon),
            "log_input_url": null,
            "created_at": addon.created_at,
            "updated_at": addon.created_at,
        })
    }

    fn addon_url(&self, addon: &Addon) -> String {
        format!("https://addons-sso.heroku.com/apps/{}/addons/{}", self.id(), addon.id)
    }
}
