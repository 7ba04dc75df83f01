//! Threads: several requests at once, and work with a time limit.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use crate::error::{Error, Result};

/// How many requests are under way at a time, at most.
const AT_ONCE: usize = 8;

/// Asks for several things at once, though never for more than eight; the answers in the order of what was asked.
pub fn in_parallel<I: Send, T: Send>(
    items: impl IntoIterator<Item = I>,
    ask: impl Fn(I) -> Result<T> + Sync,
) -> Vec<Result<T>> {
    let cells: Vec<_> = items.into_iter().map(|item| Mutex::new((Some(item), None))).collect();
    spread(cells.len(), &|place| {
        let item = unpoisoned(&cells[place]).0.take();
        unpoisoned(&cells[place]).1 = item.map(&ask);
    });
    let answer = |cell: Mutex<(_, Option<Result<T>>)>| cell.into_inner().ok()?.1;
    cells.into_iter().filter_map(answer).collect()
}

/// Does something for each place up to `count`, on a few threads. It is not made for one type of item after the other, as
/// that would be most of the program.
fn spread(count: usize, act: &(dyn Fn(usize) + Sync)) {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut place = next.fetch_add(1, Ordering::Relaxed);
        while place < count {
            act(place);
            place = next.fetch_add(1, Ordering::Relaxed);
        }
    };
    // Ends with the last of them; a panic in one is this thread's too.
    thread::scope(|scope| (0..count.min(AT_ONCE)).for_each(|_| drop(scope.spawn(work))));
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asks for two things at once.
pub fn both<A: Send, B>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
    let (mut one, mut other) = (Some(one), Some(other));
    let (mut first, mut second) = (None, None);
    beside(&mut || first = one.take().map(|one| one()), &mut || {
        second = other.take().map(|other| other());
    });
    let (Some(first), Some(second)) = (first, second) else { unreachable!("beside calls each of them") };
    (first, second)
}

/// Does both at once, each of them once. Like [`spread`], it is made only once.
fn beside(one: &mut (dyn FnMut() + Send), other: &mut dyn FnMut()) {
    thread::scope(|scope| {
        let one = scope.spawn(one);
        other();
        one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
}

/// Runs `act` for at most `limit`. After that the result is a timeout, and the thread runs on until the process ends.
pub fn within<T: Send + 'static>(
    limit: Duration,
    act: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let (done, ended) = mpsc::channel();
    thread::Builder::new().spawn(move || _ = done.send(act()))?;
    let too_late = |_| Err(Error::timed_out(format!("no whole answer within {} seconds", limit.as_secs())));
    ended.recv_timeout(limit).unwrap_or_else(too_late)
}

#[cfg(test)]
mod tests {
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
