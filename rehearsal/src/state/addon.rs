//! Add-ons and their attachments, each with a name and a config var.

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
    pub(crate) state: &'static str,
    /// Whether this database follows (replicates) the app's first one.
    pub(crate) follows: bool,
    pub(crate) created_at: String,
}

/// The states of an add-on (schema).
pub(crate) const STATES: [&str; 3] = [PROVISIONED, PROVISIONING, "deprovisioned"];

/// The service whose add-ons are databases.
pub(crate) const POSTGRES: &str = "heroku-postgresql";

/// The state of an add-on that is being made.
pub(crate) const PROVISIONING: &str = "provisioning";

/// The state of an add-on that can be used.
pub(crate) const PROVISIONED: &str = "provisioned";

/// An add-on service and plan.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) service: &'static str,
    pub(crate) service_id: &'static str,
    /// The display name of the service.
    pub(crate) human_name: &'static str,
    pub(crate) name: &'static str,
    pub(crate) id: &'static str,
    cents: u64,
    message: &'static str,
}

/// A small database.
pub(crate) static ESSENTIAL: Plan = Plan {
    service: POSTGRES,
    service_id: "0d0d0d0d-57a6-4e00-8000-0000000000a1",
    human_name: "Heroku Postgres",
    name: "heroku-postgresql:essential-0",
    id: "0d0d0d0d-57a6-4e00-8000-0000000000a2",
    cents: 500,
    message: "Database is available",
};

/// A database that can have followers.
pub(crate) static STANDARD: Plan = Plan {
    name: "heroku-postgresql:standard-0",
    id: "0d0d0d0d-57a6-4e00-8000-0000000000a3",
    cents: 5000,
    ..ESSENTIAL
};

/// A database that only dynos in a private space reach.
static PRIVATE: Plan = Plan {
    name: "heroku-postgresql:private-4",
    id: "0d0d0d0d-57a6-4e00-8000-0000000000a9",
    cents: 120_000,
    ..ESSENTIAL
};

/// A key-value store.
pub(crate) static REDIS: Plan = Plan {
    service: "heroku-redis",
    service_id: "0d0d0d0d-57a6-4e00-8000-0000000000a4",
    human_name: "Heroku Key-Value Store",
    name: "heroku-redis:mini",
    id: "0d0d0d0d-57a6-4e00-8000-0000000000a5",
    cents: 300,
    message: "Redis is available",
};

/// A message queue.
static QUEUE: Plan = Plan {
    service: "cloudamqp",
    service_id: "0d0d0d0d-57a6-4e00-8000-0000000000a6",
    human_name: "CloudAMQP",
    name: "cloudamqp:lemur",
    id: "0d0d0d0d-57a6-4e00-8000-0000000000a7",
    cents: 0,
    message: "Queue is available",
};

/// All plans; the first one of a service is its default.
pub(crate) static PLANS: [&Plan; 5] = [&ESSENTIAL, &STANDARD, &PRIVATE, &REDIS, &QUEUE];

impl Plan {
    /// The plan that is written `SERVICE` or `SERVICE:PLAN`.
    pub(crate) fn find(word: &str) -> Option<&'static Self> {
        PLANS.into_iter().find(|plan| [plan.service, plan.name, plan.id].contains(&word))
    }

    pub(crate) fn price(&self) -> Value {
        json!({ "cents": self.cents, "contract": false, "unit": "month" })
    }

    fn json(&self) -> Value {
        json!({ "id": self.id, "name": self.name })
    }
}

impl Addon {
    /// The config var that the attachment sets.
    pub(crate) fn config_var(&self) -> String {
        format!("{}_URL", self.alias)
    }

    /// Whether it is a database of PostgreSQL.
    pub(crate) fn is_database(&self) -> bool {
        self.plan.service == POSTGRES
    }

    /// The URL of a new instance.
    pub(crate) fn url(&self) -> String {
        let host = format!("{}.playhouse.example", self.name);
        match self.plan.service {
            "heroku-redis" => format!("rediss://:p4ss@{host}:6380"),
            "cloudamqp" => format!("amqps://user:p4ss@{host}/user"),
            _ => format!("postgres://user:p4ss@{host}:5432/data"),
        }
    }

    /// Whether `name` is its name, its id or its attachment.
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
            "billed_price": plan.price(),
            "config_vars": [addon.config_var()],
            "provider_id": addon.id,
            "provision_message": plan.message,
            "state": addon.state,
            "web_url": self.addon_url(addon),
            "created_at": addon.created_at,
            "updated_at": addon.created_at,
        })
    }

    /// The attachment with the parts of `Accept-Inclusion: addon:plan,config_vars`.
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
