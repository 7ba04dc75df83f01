//! Which of the pipeline's review apps is meant, and what is said where that is none, or not one alone.

use std::cmp::Reverse;

use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::heroku::ReviewApp;
use crate::hint::Hint;
use crate::terminal::{Terminal, age};
use crate::text::distance;

use super::selector::Selector;

/// The most review apps that an error names.
const NAMED: usize = 5;

/// What was found under some names.
pub(super) enum Found<'a, 'n> {
    /// The review app that is meant.
    One(&'a ReviewApp),
    /// Several that are there or on their way, under this name.
    Several(Vec<&'a ReviewApp>, &'n Selector),
    /// None has any of the names.
    None,
}

/// Chooses among `all` the review app with the first of these names that finds one that is not gone.
///
/// The newest wins where all others are errored, going or gone. A branch's own goes before a fork's.
pub(super) fn choose<'a, 'n>(all: &'a [ReviewApp], names: &'n [Selector]) -> Found<'a, 'n> {
    let found: Vec<_> = names.iter().map(|name| (name, under(all, name))).collect();
    let is_there = |(_, found): &&(&Selector, Vec<&ReviewApp>)| found.iter().any(|review| !review.is_going());
    let chosen = found.iter().find(is_there).or_else(|| found.iter().find(|(_, found)| !found.is_empty()));
    let Some((name, found)) = chosen else { return Found::None };
    let alive: Vec<_> = found.iter().filter(|review| review.is_alive()).copied().collect();
    if alive.len() > 1 {
        return Found::Several(alive, name);
    }
    let newest = found.iter().max_by_key(|review| (review.is_alive(), review.created_at.as_str()));
    newest.map_or(Found::None, |review| Found::One(review))
}

/// The review apps that have this name, and do not give way to others that have it.
fn under<'a>(all: &'a [ReviewApp], name: &Selector) -> Vec<&'a ReviewApp> {
    if let Some(number) = name.number() {
        return all.iter().filter(|review| review.pr_number == Some(number)).collect();
    }
    let Some(branch) = name.branch() else { return Vec::new() };
    let of_branch: Vec<_> = all.iter().filter(|review| review.branch == *branch).collect();
    let own = |review: &&&ReviewApp| !review.is_of_fork() && !review.is_going();
    let own: Vec<_> = of_branch.iter().filter(own).copied().collect();
    if own.is_empty() { of_branch } else { own }
}

/// Has a person choose between several.
pub(super) fn ask<'a>(
    terminal: &Terminal,
    alive: &[&'a ReviewApp],
    name: &Selector,
    pipeline: &str,
) -> Result<&'a ReviewApp> {
    let question = format!("pipeline {pipeline} has {} review apps for {name}", alive.len());
    let now = Timestamp::now();
    let option = |review: &&ReviewApp| {
        let age = age(&review.created_at, now).map_or_else(String::new, |age| format!(", {age} old"));
        format!("{}, {}{age}", which(review), review.status)
    };
    let chosen = terminal.choose(&question, &alive.iter().map(option).collect::<Vec<_>>())?;
    Ok(alive[chosen])
}

/// The error where nobody can be asked which one is meant.
pub(super) fn several(alive: &[&ReviewApp], name: &Selector, pipeline: &str) -> Error {
    let names = alive.iter().map(|review| which(review)).collect::<Vec<_>>().join(", ");
    let error =
        Error::unresolved(format!("pipeline {pipeline} has {} review apps for {name}: {names}", alive.len()));
    let mut numbers: Vec<_> = alive.iter().filter_map(|review| review.pr_number).collect();
    numbers.dedup();
    if numbers.len() == alive.len() {
        return error.hint("review NUMBER COMMAND");
    }
    error.hint(Hint::line(["review", "list"]).note("names their apps, for: review APP COMMAND"))
}

/// What tells a review app from others of its branch.
fn which(review: &ReviewApp) -> String {
    match review.pr_number {
        Some(number) if review.is_of_fork() => format!("pull request {number} (of a fork)"),
        Some(number) => format!("pull request {number}"),
        None => "one without a pull request".to_owned(),
    }
}

/// The error where there is none; it names those that there are, the nearest first.
pub(super) fn none_such(names: &[Selector], pipeline: &str, all: &[ReviewApp]) -> Error {
    let wanted = names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
    let error = Error::unresolved(format!("pipeline {pipeline} has no review app for {wanted}"));
    let mut alive: Vec<&ReviewApp> = all.iter().filter(|review| review.is_alive()).collect();
    alive.sort_by_key(|review| Reverse(review.created_at.as_str()));
    if let Some(name) = names.first() {
        // Those that are as near stay in their order, the newest first.
        alive.sort_by_key(|review| away(name, review));
    }
    let known: Vec<String> = alive
        .iter()
        .take(NAMED)
        .map(|review| match review.pr_number {
            Some(number) => format!("{number} ({})", review.branch),
            None => review.branch.clone(),
        })
        .collect();
    let more = alive.len() - known.len();
    match (known.is_empty(), more) {
        (true, _) => error.hint(Hint::line(["review", "create"]).note("the pipeline has no review apps yet")),
        (false, 0) => error.hint(Hint::text(format!("its review apps: {}", known.join(", ")))),
        (false, more) => error
            .hint(Hint::text(format!("the nearest of its review apps: {}", known.join(", "))))
            .hint(Hint::line(["review", "list"]).note(format!("lists them and {more} more"))),
    }
}

/// How far a review app is from the name that was looked for.
fn away(name: &Selector, review: &ReviewApp) -> u64 {
    match (name.number(), name.branch()) {
        (Some(number), _) => review.pr_number.map_or(u64::MAX, |other| other.abs_diff(number)),
        (None, Some(branch)) => u64::try_from(distance(branch, &review.branch)).unwrap_or(u64::MAX),
        (None, None) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// Review apps of branch `main`: number, status, fork, in the order of their making.
    fn reviews(of: &[(Value, &str, Value)]) -> Vec<ReviewApp> {
        let review = |(place, (number, status, fork)): (usize, &(Value, &str, Value))| {
            json!({"id": "r", "app": {"id": "x"}, "branch": "main", "pr_number": number, "status": status, "message": null,
                "error_status": null, "fork_repo": fork, "created_at": format!("2026-01-0{}T00:00:00Z", place + 1)})
        };
        serde_json::from_value(of.iter().enumerate().map(review).collect()).unwrap()
    }

    /// The number of the one that is found.
    fn number(all: &[ReviewApp], names: &[Selector]) -> Option<u64> {
        match choose(all, names) {
            Found::One(review) => review.pr_number,
            _ => None,
        }
    }

    #[test]
    fn a_branch_of_this_repository_goes_before_a_forks() {
        let on_main = [Selector::Branch("main".into())];
        let number = |of: &[(Value, &str, Value)]| number(&reviews(of), &on_main);
        let fork = || json!({"id": 7});
        let own = |number: u64, status| (json!(number), status, Value::Null);
        let forks = |number: u64, status| (json!(number), status, fork());
        assert_eq!(number(&[own(1, "created"), forks(2, "created")]), Some(1));
        assert_eq!(number(&[own(1, "errored"), forks(2, "created")]), Some(1));
        assert_eq!(number(&[own(1, "deleted"), forks(2, "created")]), Some(2));
        assert_eq!(number(&[own(1, "deleted"), own(2, "created"), own(3, "deleting")]), Some(2));
        assert_eq!(number(&[own(1, "created"), own(2, "errored")]), Some(1));
        assert_eq!(number(&[own(1, "errored"), own(2, "errored"), own(3, "deleted")]), Some(2));
        assert_eq!(number(&[(json!(1), "created", json!({"id": null}))]), Some(1));
    }

    #[test]
    fn two_review_apps_of_a_branch_are_not_chosen_between() {
        let all = reviews(&[
            (json!(4), "created", json!({"id": 7})),
            (json!(5), "pending", json!({"id": 8})),
            (json!(6), "deleted", Value::Null),
        ]);
        let on_main = [Selector::Branch("main".into())];
        let Found::Several(alive, name) = choose(&all, &on_main) else { panic!("one was chosen") };
        let error = several(&alive, name, "playhouse");
        assert_eq!(error.kind().exit_code(), 3);
        assert!(
            error.to_string().ends_with("pull request 4 (of a fork), pull request 5 (of a fork)"),
            "{error}"
        );
        assert_eq!(number(&all, &[Selector::Number(5)]), Some(5));
        assert_eq!(number(&all, &[Selector::Number(6)]), Some(6));
    }

    #[test]
    fn the_first_name_that_finds_one_decides() {
        let all = reviews(&[(json!(4), "created", Value::Null), (json!(5), "deleted", Value::Null)]);
        let main = || Selector::Branch("main".into());
        assert_eq!(number(&all, &[Selector::Branch("other".into()), main()]), Some(4));
        assert_eq!(number(&all, &[Selector::Number(5), main()]), Some(4));
        assert_eq!(number(&all, &[Selector::Number(5), Selector::Number(7)]), Some(5));
        assert_eq!(number(&all, &[Selector::Number(7)]), None);
    }

    #[test]
    fn the_nearest_are_named_first() {
        let mut all = reviews(&[
            (json!(40), "created", Value::Null),
            (json!(44), "created", Value::Null),
            (json!(90), "created", Value::Null),
            (Value::Null, "created", Value::Null),
            (json!(43), "deleted", Value::Null),
        ]);
        let hint = |name: Selector, all: &[ReviewApp]| {
            let error = none_such(&[name], "playhouse", all);
            error.hints().next().unwrap().to_string()
        };
        let told = hint(Selector::Number(43), &all);
        assert_eq!(told, "its review apps: 44 (main), 40 (main), 90 (main), main");
        all[2].branch = "curtain-call".into();
        let told = hint(Selector::Name("curtain-cal".into()), &all);
        assert!(told.starts_with("its review apps: 90 (curtain-call), "), "{told}");
        assert_eq!(hint(Selector::Number(1), &[]), "review create   # the pipeline has no review apps yet");
    }
}
