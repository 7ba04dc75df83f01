//! Review apps that nobody needs any more: no release for a while, or of a branch that is gone.

use std::collections::{BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};

use crate::heroku::{App, ReviewApp};

/// A review app to destroy, and why.
#[derive(Clone, Debug)]
pub struct Obsolete {
    /// The review app.
    pub review: ReviewApp,
    /// The reason, such as `branch curtain-call is gone`.
    pub because: String,
}

/// The review apps without a release in the last `days` before `now`. One that was never released counts from its
/// creation; one whose time cannot be read stays.
pub fn stale(all: &[ReviewApp], apps: &[App], days: u16, now: Timestamp) -> Vec<Obsolete> {
    let apps: HashMap<&str, &App> = apps.iter().map(|app| (app.id.as_str(), app)).collect();
    let deployed = |review: &ReviewApp| {
        let app = review.app.as_ref().and_then(|app| apps.get(app.id.as_str()));
        let time = app.and_then(|app| app.released_at.as_deref()).unwrap_or(&review.created_at);
        time.parse::<Timestamp>().ok()
    };
    let limit = SignedDuration::from_hours(24 * i64::from(days));
    let old = |review: &&ReviewApp| deployed(review).is_some_and(|time| now.duration_since(time) >= limit);
    let because = format!("no release for {days} days");
    let obsolete = |review: &ReviewApp| Obsolete { review: review.clone(), because: because.clone() };
    all.iter().filter(|review| !review.is_going()).filter(old).map(obsolete).collect()
}

/// The review apps whose branch is not among `branches`. A fork's branch is elsewhere, so those of forks stay.
pub fn merged(all: &[ReviewApp], branches: &BTreeSet<String>) -> Vec<Obsolete> {
    all.iter()
        .filter(|review| !review.is_going() && !review.is_of_fork() && !branches.contains(&review.branch))
        .map(|review| Obsolete {
            review: review.clone(),
            because: format!("branch {} is gone", review.branch),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reviews() -> Vec<ReviewApp> {
        let review = |branch: &str, status: &str, fork: Option<u64>, created_at: &str| {
            json!({"id": branch, "app": {"id": branch}, "branch": branch, "pr_number": null, "status": status,
                "message": null, "error_status": null, "fork_repo": {"id": fork}, "created_at": created_at})
        };
        serde_json::from_value(json!([
            review("old", "created", None, "2026-01-01T00:00:00Z"),
            review("busy", "created", None, "2026-01-01T00:00:00Z"),
            review("failed", "errored", None, "2026-01-01T00:00:00Z"),
            review("going", "deleting", None, "2026-01-01T00:00:00Z"),
            review("forked", "created", Some(7), "2026-01-09T00:00:00Z"),
            review("odd", "created", None, "yesterday"),
        ]))
        .unwrap()
    }

    fn branches(of: &[Obsolete]) -> Vec<&str> {
        of.iter().map(|obsolete| obsolete.review.branch.as_str()).collect()
    }

    #[test]
    fn what_had_no_release_for_days_is_stale() {
        let app = json!({"id": "busy", "name": "busy", "released_at": "2026-01-08T00:00:00Z"});
        let apps: Vec<App> = serde_json::from_value(json!([app])).unwrap();
        let now = "2026-01-10T00:00:00Z".parse().unwrap();
        assert_eq!(branches(&stale(&reviews(), &apps, 5, now)), ["old", "failed"]);
        assert_eq!(branches(&stale(&reviews(), &apps, 2, now)), ["old", "busy", "failed"]);
        assert_eq!(branches(&stale(&reviews(), &apps, 10, now)), [""; 0]);
    }

    #[test]
    fn a_fork_s_branch_is_not_gone() {
        let there = ["busy".to_owned()].into();
        assert_eq!(branches(&merged(&reviews(), &there)), ["old", "failed", "odd"]);
    }
}
