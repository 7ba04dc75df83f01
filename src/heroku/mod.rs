//! The Platform API: transport, credentials, one file for each resource, and logs.
//!
//! [`Client`] is the one way to it. Its requests carry the token, to the API's own origin and nowhere else;
//! [`Client::stream`] reads what the platform hands out a URL for, and sends no token there.

mod app_name;
mod apps;
mod cli_data;
mod credentials;
pub mod logs;
mod pipelines;
mod promotions;
mod releases;
mod transport;

pub use app_name::{AppName, BadAppName};
pub use apps::App;
pub use cli_data::cli_data_dir;
pub use credentials::NotLoggedIn;
pub use pipelines::{Coupling, Id, Pipeline, ReviewApp};
pub use promotions::{PROMOTIONS, PromotionTarget, promotion_body};
pub use releases::{Release, Slug};
pub use transport::{Accept, ApiError, Client, HttpStatus, Stream};

use std::ffi::OsString;
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::error::Result;

/// Looks up an environment variable; a test gives its own.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// How many requests are under way at a time, at most.
const AT_ONCE: usize = 8;

/// Asks for several things at once, though never for more than eight; the answers in the order of what was asked.
pub fn in_parallel<I: Send, T: Send>(
    items: impl IntoIterator<Item = I>,
    ask: impl Fn(I) -> Result<T> + Sync,
) -> Vec<Result<T>> {
    let items: Vec<I> = items.into_iter().collect();
    let askers = items.len().min(AT_ONCE);
    let left = Mutex::new(items.into_iter().enumerate());
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    let ask_on = || -> Vec<(usize, Result<T>)> {
        std::iter::from_fn(|| next().map(|(place, item)| (place, ask(item)))).collect()
    };
    let mut answers: Vec<_> = thread::scope(|scope| {
        let askers: Vec<_> = (0..askers).map(|_| scope.spawn(ask_on)).collect();
        let answers = |asker: thread::ScopedJoinHandle<'_, Vec<_>>| {
            asker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        askers.into_iter().flat_map(answers).collect()
    });
    answers.sort_by_key(|(place, _)| *place);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[test]
    fn answers_keep_their_order_and_only_so_many_are_waited_for_at_a_time() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let answers = in_parallel(0..50_u64, |number| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(number % 3));
            now.fetch_sub(1, Ordering::SeqCst);
            Ok(number)
        });
        assert!(answers.into_iter().map(Result::unwrap).eq(0..50));
        assert!((2..=AT_ONCE).contains(&most.into_inner()));
        assert!(in_parallel([(); 0], |()| Ok(())).is_empty());
    }
}
