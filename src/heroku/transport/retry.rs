//! How often, and after which pauses, a request is repeated.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant};

/// Attempts at one request, the first included.
pub(super) const ATTEMPTS: u32 = 4;

/// The time after the first attempt in which others may start.
const LIMIT: Duration = Duration::from_secs(10);

/// The longest pause that a server may ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(5);

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const JITTER_MS: u64 = 100;

/// The attempts at one request so far.
pub(super) struct Attempts {
    /// No attempt starts after this.
    last: Instant,
    made: u32,
}

impl Attempts {
    /// The first attempt. None follows after `deadline`, if there is one.
    pub(super) fn begin(deadline: Option<Instant>) -> Self {
        let last = Instant::now() + LIMIT;
        Self { last: deadline.map_or(last, |deadline| deadline.min(last)), made: 1 }
    }

    /// The number of the next attempt and the pause before it: 0.2 s, 0.4 s, 0.8 s and a little at random, or what
    /// the server asked for. None when it is time to give up.
    pub(super) fn next(&mut self, asked_for: Option<Duration>) -> Option<(u32, Duration)> {
        if self.made >= ATTEMPTS {
            return None;
        }
        let pause = match asked_for {
            Some(asked) if asked > LONGEST_RETRY_AFTER => return None,
            Some(asked) => asked,
            None => FIRST_PAUSE * 2_u32.pow(self.made - 1) + Duration::from_millis(random() % JITTER_MS),
        };
        if Instant::now() + pause > self.last {
            return None;
        }
        self.made += 1;
        Some((self.made, pause))
    }
}

/// A random number; good for jitter and request ids, not for secrets.
pub(super) fn random() -> u64 {
    // Every `RandomState` has keys of its own, from the system's source.
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_end() {
        let mut attempts = Attempts::begin(None);
        for (number, at_least) in [(2, 200), (3, 400), (4, 800)] {
            let (next, pause) = attempts.next(None).unwrap();
            assert_eq!(next, number);
            let at_least = Duration::from_millis(at_least);
            assert!(pause >= at_least && pause < at_least + Duration::from_millis(100));
        }
        assert_eq!(attempts.next(None), None);
    }

    #[test]
    fn no_attempt_follows_a_deadline() {
        let mut attempts = Attempts::begin(Some(Instant::now() + Duration::from_millis(500)));
        assert!(attempts.next(None).is_some());
        assert_eq!(attempts.next(Some(Duration::from_secs(1))), None);
        assert_eq!(Attempts::begin(Some(Instant::now())).next(None), None);
    }

    #[test]
    fn a_server_may_ask_for_a_pause_but_not_for_a_long_one() {
        let mut attempts = Attempts::begin(None);
        assert_eq!(attempts.next(Some(Duration::from_secs(2))), Some((2, Duration::from_secs(2))));
        assert_eq!(attempts.next(Some(Duration::from_secs(6))), None);
    }
}
