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
    /// How long a transfer of a database takes at least, from its request to its end.
    pub transfer_time: Duration,
    /// How long the signed URL of a backup can be used; an hour at Heroku.
    pub public_url_time: Duration,
    /// The major of PostgreSQL that the databases are made in as soon as one is asked for. None: they are played.
    pub postgres: Option<u32>,
    /// From the creation of a review app to its app, and from its removal to the app's.
    pub review_app_time: Duration,
    /// From the creation of an add-on until it is provisioned; zero means at once.
    pub addon_time: Duration,
    /// Between two log lines that an app writes while somebody tails it.
    pub log_interval: Duration,
    /// From the start of a dyno until it is up; zero means at once.
    pub dyno_start_time: Duration,
    /// How long a one-off dyno waits for its client before it gives up; 30 s at Heroku.
    pub attach_timeout: Duration,
    /// Between the line that ends the rendezvous handshake and the first output. The official CLI discards its first
    /// read whole, so output that arrives with that line is lost.
    pub rendezvous_pause: Duration,
    /// From SIGTERM, or the first SIGHUP, to SIGKILL; 30 s at Heroku.
    pub stop_time: Duration,
    /// The number of one-off dynos of one size that an app can run at the same time.
    pub one_off_limit: Option<usize>,
    /// Added to the answer of every request, as on a network with this round trip time.
    pub latency: Duration,
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
            transfer_time: Duration::from_millis(60),
            public_url_time: Duration::from_secs(3600),
            postgres: None,
            review_app_time: Duration::from_millis(50),
            addon_time: Duration::ZERO,
            log_interval: Duration::from_millis(100),
            dyno_start_time: Duration::ZERO,
            attach_timeout: Duration::from_secs(30),
            rendezvous_pause: Duration::from_millis(60),
            stop_time: Duration::from_secs(1),
            one_off_limit: None,
            latency: Duration::ZERO,
            token: "rehearsal-token".to_owned(),
        }
    }
}
