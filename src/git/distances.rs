//! How far commits are from the tips of branches, for hundreds of pairs with two processes.
//!
//! git lists history, newest first, and is stopped where what is left belongs to both sides of every pair.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Mutex, PoisonError};

use super::Repository;
use crate::error::Result;
use crate::model::{CommitId, CommitName};

/// How many commits only the first of a pair has, and only the second; none where the first is not here.
pub type Distance = Option<(usize, usize)>;

/// The most pairs of one process: Windows allows a command line of 32,767 characters.
const AT_ONCE: usize = 350;

/// So many more commits are read after the last that seems to matter, as a clock may have been wrong when one was made.
const MARGIN: usize = 5;

impl Repository {
    /// How far the first commit of each pair is from the second, which is here.
    pub fn distances(&self, pairs: &[(CommitName, CommitId)]) -> Result<Vec<Distance>> {
        let mut distances = Vec::with_capacity(pairs.len());
        for pairs in pairs.chunks(AT_ONCE) {
            distances.extend(self.distances_at_once(pairs)?);
        }
        Ok(distances)
    }

    fn distances_at_once(&self, pairs: &[(CommitName, CommitId)]) -> Result<Vec<Distance>> {
        let of_others = pairs.iter().filter(|(commit, tip)| *commit != **tip).map(|(commit, _)| commit);
        let here = self.those_here(of_others)?;
        let full: Vec<Option<CommitId>> = pairs
            .iter()
            .map(|(commit, tip)| match here.get(commit) {
                Some(id) => Some(id.clone()),
                None => (*commit == **tip).then(|| tip.clone()),
            })
            .collect();
        let known: Vec<(usize, [&str; 2])> = full
            .iter()
            .zip(pairs)
            .enumerate()
            .filter_map(|(place, (full, (_, tip)))| Some((place, [full.as_ref()?.as_str(), tip.as_str()])))
            .collect();
        let counted = self.walk(known.iter().map(|(_, pair)| *pair))?;
        let mut distances = vec![None; pairs.len()];
        for ((place, _), counts) in known.iter().zip(counted.into_iter().flatten()) {
            distances[*place] = Some(counts);
        }
        Ok(distances)
    }

    /// The full ids of those commits that are here.
    fn those_here<'a>(
        &self,
        commits: impl Iterator<Item = &'a CommitName>,
    ) -> Result<HashMap<CommitName, CommitId>> {
        // Any other text would be read as a branch, or an option.
        let commits: HashSet<&CommitName> =
            commits.filter(|name| name.is_shortened() || name.full().is_some()).collect();
        if commits.is_empty() {
            return Ok(HashMap::new());
        }
        let asked: Vec<String> = commits.iter().map(|commit| format!("{commit}^{{commit}}")).collect();
        let options = ["rev-list", "--no-walk", "--ignore-missing"].into_iter();
        let found = self.git(options.chain(asked.iter().map(String::as_str)).chain(["--"]))?;
        let found: HashSet<CommitName> =
            found.unwrap_or_default().lines().filter_map(CommitName::of_id).collect();
        let full = |name: &CommitName| match found.get(name) {
            Some(id) => id.full(),
            None => found.iter().find(|id| name.is(id)).and_then(CommitName::full),
        };
        Ok(commits.into_iter().filter_map(|name| Some((name.clone(), full(name)?))).collect())
    }

    /// Counts the commits that only one of each pair has; none where git fails before they are all seen.
    fn walk<'a>(
        &self,
        pairs: impl Iterator<Item = [&'a str; 2]> + Clone,
    ) -> Result<Option<Vec<(usize, usize)>>> {
        let mut walk = Walk::of(pairs.clone());
        if walk.is_done() {
            return Ok(Some(walk.counts));
        }
        let tips: HashSet<&str> = pairs.flatten().collect();
        let line = self.git_line(["rev-list", "--parents"].into_iter().chain(tips).chain(["--"]))?;
        let result = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&result);
        // Once it is done, git finds its stdout closed and ends.
        let read = move |stdout: Box<dyn Read + Send>| {
            let is_done = walk.read(BufReader::new(stdout));
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = is_done.then_some(walk.counts);
        };
        self.patience.borrow().read(&line, Box::new(read))?;
        Ok(result.lock().unwrap_or_else(PoisonError::into_inner).take())
    }
}

/// A walk through history, from the newest commit on.
#[derive(Default)]
struct Walk {
    commits: HashMap<String, Seen>,
    counts: Vec<(usize, usize)>,
    /// The commits that were named and not listed, and that do not belong to both sides of every pair.
    open: usize,
}

/// A commit that is on the way back from some of the pairs' commits.
#[derive(Clone, Default)]
struct Seen {
    sides: Sides,
    /// Once it was listed.
    parents: Option<Vec<String>>,
}

/// The pairs, one bit each, whose first and whose second commit come after a commit.
#[derive(Clone, Default, PartialEq, Eq)]
struct Sides([Vec<u64>; 2]);

impl Walk {
    fn of<'a>(pairs: impl Iterator<Item = [&'a str; 2]>) -> Self {
        let mut walk = Self::default();
        for (pair, commits) in pairs.enumerate() {
            walk.counts.push((0, 0));
            for (side, commit) in commits.into_iter().enumerate() {
                let mut sides = Sides::default();
                sides.0[side] = vec![0; pair / 64];
                sides.0[side].push(1 << (pair % 64));
                walk.mark(commit.to_owned(), &sides);
            }
        }
        walk
    }

    fn is_done(&self) -> bool {
        self.open == 0
    }

    /// Reads what `git rev-list --parents` lists, as far as it matters; whether everything was counted.
    fn read(&mut self, listed: impl BufRead) -> bool {
        let mut left = MARGIN;
        for line in listed.lines().map_while(Result::ok) {
            self.list(&line);
            match left.checked_sub(1) {
                None if self.is_done() => break,
                Some(fewer) if self.is_done() => left = fewer,
                _ => left = MARGIN,
            }
        }
        self.is_done()
    }

    /// Counts a commit, and passes its sides on to its parents.
    fn list(&mut self, line: &str) {
        let mut ids = line.split(' ').map(str::to_owned);
        let Some(id) = ids.next() else { return };
        let parents: Vec<String> = ids.collect();
        let seen = self.commits.entry(id).or_default();
        let is_first = seen.parents.replace(parents.clone()).is_none();
        let sides = seen.sides.clone();
        if is_first && sides.differ() {
            self.open -= 1;
            sides.count(&mut self.counts, 1);
        }
        for parent in parents {
            self.mark(parent, &sides);
        }
    }

    /// Adds sides to a commit, and to those before it that were listed too early.
    fn mark(&mut self, commit: String, sides: &Sides) {
        let mut marked = vec![commit];
        while let Some(commit) = marked.pop() {
            let seen = self.commits.entry(commit).or_default();
            let before = seen.sides.clone();
            seen.sides.add(sides);
            if seen.sides == before {
                continue;
            }
            let Some(parents) = &seen.parents else {
                self.open = self.open + usize::from(seen.sides.differ()) - usize::from(before.differ());
                continue;
            };
            before.count(&mut self.counts, -1);
            seen.sides.count(&mut self.counts, 1);
            marked.extend(parents.iter().cloned());
        }
    }
}

impl Sides {
    fn add(&mut self, other: &Self) {
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            own.resize(own.len().max(other.len()), 0);
            own.iter_mut().zip(other).for_each(|(own, other)| *own |= other);
        }
    }

    /// The pairs of which only the first commit comes after this one, and only the second.
    fn only(&self) -> impl Iterator<Item = [u64; 2]> + '_ {
        let [first, second] = &self.0;
        let word = |side: &[u64], at| side.get(at).copied().unwrap_or(0);
        (0..first.len().max(second.len())).map(move |at| {
            let (first, second) = (word(first, at), word(second, at));
            [first & !second, second & !first]
        })
    }

    fn differ(&self) -> bool {
        self.only().any(|sides| sides != [0, 0])
    }

    /// Adds `by` to the counts of the pairs of which only one commit comes after this one.
    fn count(&self, counts: &mut [(usize, usize)], by: isize) {
        for (word, sides) in self.only().enumerate() {
            for (side, mut bits) in sides.into_iter().enumerate() {
                while bits != 0 {
                    let (first, second) = &mut counts[64 * word + bits.trailing_zeros() as usize];
                    let count = if side == 0 { first } else { second };
                    *count = count.saturating_add_signed(by);
                    bits &= bits - 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a walk of `listed` makes of the pairs, and how many lines it did not read.
    fn walked(pairs: &[[&str; 2]], listed: &str) -> (bool, Vec<(usize, usize)>, usize) {
        let mut walk = Walk::of(pairs.iter().copied());
        let mut rest = listed.as_bytes();
        let is_done = walk.read(&mut rest);
        (is_done, walk.counts, rest.lines().count())
    }

    #[test]
    fn commits_of_one_side_are_counted() {
        // a1 and b2 come after base; m merges both.
        let listed = "m a1 b2\na1 base\nb2 b1\nb1 base\nbase root\nroot";
        let pairs = [["a1", "b2"], ["m", "base"], ["root", "m"], ["b1", "b1"]];
        assert_eq!(walked(&pairs, listed), (true, vec![(1, 2), (4, 0), (0, 5), (0, 0)], 0));
        assert_eq!(walked(&[["a1", "b2"]], "a1 base\nb2 b1"), (false, vec![(1, 1)], 0), "git failed");
        assert_eq!(walked(&[["a1", "z"]], "a1\nz"), (true, vec![(1, 1)], 0), "nothing in common");
    }

    #[test]
    fn a_commit_that_is_listed_too_early_is_counted_once() {
        let listed = "a1 base\nbase root\nroot\nb1 base";
        assert_eq!(walked(&[["a1", "b1"]], listed), (true, vec![(1, 1)], 0));
    }

    #[test]
    fn what_is_common_is_not_read_to_its_end() {
        let history = (1..1000).rev().map(|at| format!("{at} {}", at - 1)).collect::<Vec<_>>().join("\n");
        let pairs: Vec<[String; 2]> =
            (0..300).map(|at| [(990 - at % 10).to_string(), "999".to_owned()]).collect();
        let pairs: Vec<[&str; 2]> = pairs.iter().map(|[one, other]| [one.as_str(), other.as_str()]).collect();
        let (is_done, counts, unread) = walked(&pairs, &history);
        assert!(is_done && unread > 950, "{unread}");
        assert!(counts.iter().enumerate().all(|(at, counts)| *counts == (0, 9 + at % 10)), "{counts:?}");
    }
}
