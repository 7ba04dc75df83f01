//! The speed of a rehearsal, its port and its token.

use std::time::Duration;

/// The settings of a rehearsal. The defaults suit tests: nothing takes longer than 100 ms.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The port on 127.0.0.1; 0 lets the system choose a free one.
    pub port: u16,
    /// From the end of a push's upload, or the creation of a build, to its release.
    pub build_time: Duration,
    /// How long a release command runs.
    pub release_phase_time: Duration,
    /// From the start of a promotion to the new releases in its targets.
    pub promotion_time: Duration,
    /// Between two log lines that an app writes while somebody tails it.
    pub log_interval: Duration,
    /// The only API key that is accepted.
    pub token: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: 0,
            build_time: Duration::from_millis(50),
            release_phase_time: Duration::from_millis(50),
            promotion_time: Duration::from_millis(50),
            log_interval: Duration::from_millis(100),
            token: "rehearsal-token".to_owned(),
        }
    }
}
