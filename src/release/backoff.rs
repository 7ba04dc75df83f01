//! Pauses between attempts or looks, each longer than the one before, up to a limit.

use std::time::Duration;

/// A sequence of growing pauses. [`Polling`](super::Polling) takes its own from here; what must go on through an
/// interrupt (the end of a maintenance mode, the end of a push) or runs in a thread of its own sleeps by one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    next: Duration,
    longest: Duration,
    /// In tenths: 14 makes each pause 1.4 times as long as the one before.
    growth: u32,
}

impl Backoff {
    /// Pauses that begin with `first`, each 1.4 times as long as the one before, none longer than `longest`.
    pub(super) fn gentle(first: Duration, longest: Duration) -> Self {
        Self { next: first, longest, growth: 14 }
    }

    /// The same, each twice as long as the one before.
    pub(super) fn doubling(first: Duration, longest: Duration) -> Self {
        Self { next: first, longest, growth: 20 }
    }

    /// From now on no pause is longer than this.
    pub(super) fn limit(&mut self, longest: Duration) {
        self.longest = longest;
    }

    /// The next pause.
    pub(super) fn pause(&mut self) -> Duration {
        let pause = self.next.min(self.longest);
        self.next = pause * self.growth / 10;
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_limit() {
        let mut backoff = Backoff::doubling(Duration::from_millis(50), Duration::from_millis(150));
        let pauses: Vec<u128> = (0..4).map(|_| backoff.pause().as_millis()).collect();
        assert_eq!(pauses, [50, 100, 150, 150]);
        backoff.limit(Duration::from_millis(400));
        assert_eq!([backoff.pause(), backoff.pause()].map(|pause| pause.as_millis()), [300, 400]);
    }
}
