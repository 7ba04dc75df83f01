//! How far a release, a build, a promotion or a review app is.

use super::words::words;

words! {
    /// The `status` of a release (Platform API reference, "Release").
    pub enum ReleaseStatus {
        /// Its release phase runs.
        Pending = "pending",
        /// It was released.
        Succeeded = "succeeded",
        /// Its release phase failed; the release before it still runs.
        Failed = "failed",
        /// It is so old that its slug was deleted.
        Expired = "expired",
    }
}

words! {
    /// The `status` of a build (Platform API reference, "Build").
    pub enum BuildStatus {
        /// It is being built.
        Pending = "pending",
        /// It made a slug.
        Succeeded = "succeeded",
        /// It made none.
        Failed = "failed",
    }
}

words! {
    /// The `status` of a promotion's target (Platform API reference, "Pipeline Promotion Target").
    pub enum PromotionStatus {
        /// It is being promoted, or its release phase runs.
        Pending = "pending",
        /// The slug was released on it.
        Succeeded = "succeeded",
        /// The slug was not released on it.
        Failed = "failed",
    }
}

words! {
    /// The `status` of a review app (Platform API reference, "Review App").
    pub enum ReviewAppStatus {
        /// It waits to be created.
        Pending = "pending",
        /// It is being created.
        Creating = "creating",
        /// It is there.
        Created = "created",
        /// It is being deleted.
        Deleting = "deleting",
        /// It is gone.
        Deleted = "deleted",
        /// It could not be created or deleted.
        Errored = "errored",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_statuses_are_kept_as_they_came() {
        for word in ["pending", "succeeded", "failed", "expired", "quarantined", ""] {
            let read: ReleaseStatus = serde_json::from_value(word.into()).unwrap();
            assert_eq!(matches!(read, ReleaseStatus::Other(_)), matches!(word, "quarantined" | ""));
            assert_eq!(serde_json::to_value(&read).unwrap(), word);
            assert_eq!(format!("{read:<12}|"), format!("{word:<12}|"));
        }
    }
}
