//! Collaborators of an app as the API shows them, without the field `app`.

use serde_json::{Value, json};

use crate::clock::{ago, hours};
use crate::state::owner;

/// The owner and a collaborator with permission to deploy.
pub(crate) fn first() -> Vec<Value> {
    let since = ago(hours(1950));
    let prompter =
        json!({ "id": "0d0d0d0d-57a6-4e00-8000-000000000002", "email": "prompter@playhouse.example" });
    vec![
        collaborator("0d0d0d0d-57a6-4e00-8000-0000000000c1", owner(), "owner", &since),
        collaborator("0d0d0d0d-57a6-4e00-8000-0000000000c2", prompter, "collaborator", &since),
    ]
}

/// A collaborator with an id, an e-mail address and a role.
pub(crate) fn collaborator(id: &str, mut user: Value, role: &str, since: &str) -> Value {
    user["federated"] = false.into();
    json!({
        "id": id, "user": user, "role": role, "permissions": [], "created_at": since, "updated_at": since,
    })
}
