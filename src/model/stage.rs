//! The stages of a pipeline.

use super::words::words;

words! {
    /// The `stage` of a pipeline coupling (Platform API reference, "Pipeline Coupling").
    pub enum Stage {
        /// Apps that run the tests of Heroku CI.
        Test = "test",
        /// Review apps.
        Review = "review",
        /// Apps that build slugs; the environment `prepare`.
        Development = "development",
        /// Apps that try a slug before production.
        Staging = "staging",
        /// Apps that serve users.
        Production = "production",
    }
}

impl Stage {
    /// Its position among the stages that code passes through, from 0; none for a stage that nothing is promoted to or
    /// from.
    pub fn promotion_order(&self) -> Option<usize> {
        match self {
            Self::Development => Some(0),
            Self::Staging => Some(1),
            Self::Production => Some(2),
            Self::Test | Self::Review | Self::Other(_) => None,
        }
    }

    /// Whether the API documents it.
    pub fn is_known(&self) -> bool {
        !matches!(self, Self::Other(_))
    }
}

#[cfg(test)]
mod tests {
    use super::Stage;

    #[test]
    fn code_passes_through_three_of_the_stages() {
        let known: Vec<Stage> = Stage::WORDS.iter().map(|word| Stage::from(*word)).collect();
        assert!(known.iter().all(Stage::is_known));
        let passed = known.iter().filter(|stage| stage.promotion_order().is_some());
        let passed: Vec<&str> = passed.map(Stage::as_str).collect();
        assert_eq!(passed, ["development", "staging", "production"]);
        assert!(passed.iter().map(|word| Stage::from(*word).promotion_order()).is_sorted());
        let unknown = Stage::from("canary");
        assert!(!unknown.is_known() && unknown.promotion_order().is_none());
    }
}
