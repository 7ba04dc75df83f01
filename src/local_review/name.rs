//! The name of a local review app: after the project and the pull request or the branch.

use crate::model::AppName;
use crate::text::number_of;

/// The longest name that Heroku takes, without the `-x7k2` at its end.
const LONGEST: usize = 30 - 5;

/// The most letters of the project's name beside a branch's.
const PROJECT: usize = 14;

/// The name for a branch: the same each time. Names are shared by all of Heroku; another `attempt` gives another one.
///
/// It begins with the project's name, goes on with `pr-42` or the branch, and ends with letters made from all of them: a
/// branch whose name is cut off has another name than the next one.
pub(super) fn name(
    project: &str,
    pipeline: &str,
    branch: &str,
    number: Option<u64>,
    attempt: u32,
) -> Option<AppName> {
    let middle = match number {
        Some(number) => format!("pr-{number}"),
        None => dashed(branch),
    };
    let mut project = dashed(project);
    if !project.starts_with(|first: char| first.is_ascii_lowercase()) {
        project.insert_str(0, "app-");
    }
    let longest = if number.is_some() { LONGEST.saturating_sub(middle.len() + 1) } else { PROJECT };
    let project = cut(&project, longest);
    let middle = cut(&middle, LONGEST - project.len() - 1);
    let mark = mark(&format!("{pipeline} {branch} {attempt}"));
    let parts = [project, middle, &mark].into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-").parse().ok()
}

/// Lower-case letters and digits with single dashes between them.
fn dashed(text: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    let letters: String = text.chars().map(plain).collect();
    letters.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

fn cut(text: &str, longest: usize) -> &str {
    text[..text.len().min(longest)].trim_end_matches('-')
}

/// Four letters and digits.
fn mark(text: &str) -> String {
    const DIGITS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let number = number_of(text);
    let digit = |place: u32| char::from(DIGITS[(number >> (5 * place) & 31) as usize]);
    (0..4).map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(project: &str, branch: &str, number: Option<u64>) -> String {
        name(project, "p1", branch, number, 0).map_or_else(String::new, |name| name.to_string())
    }

    #[test]
    fn it_tells_the_project_and_the_branch() {
        assert!(named("playhouse", "curtain-call", None).starts_with("playhouse-curtain-call-"));
        assert!(named("playhouse", "curtain-call", Some(42)).starts_with("playhouse-pr-42-"));
        assert!(named("Play House!", "feature/Übermut_9", None).starts_with("play-house-feature-"));
        assert!(named("9lives", "x", None).starts_with("app-9lives-x-"));
    }

    #[test]
    fn it_is_valid_whatever_the_branch_is() {
        let long = "a-very-long-name-".repeat(20);
        for project in ["playhouse", "", "é", &long, "-", "9"] {
            for branch in ["main", "", "ü", &long, "a/b/c", "---"] {
                for number in [None, Some(1), Some(u64::MAX)] {
                    let name = named(project, branch, number);
                    assert!((3..=30).contains(&name.len()), "{project} {branch} {number:?}: {name}");
                }
            }
        }
    }

    #[test]
    fn branches_that_begin_alike_have_names_of_their_own() {
        let branch = "the-same-long-beginning-of-";
        assert_ne!(named("p", &format!("{branch}one"), None), named("p", &format!("{branch}two"), None));
        assert_ne!(name("p", "p1", "b", None, 0), name("p", "p1", "b", None, 1));
        assert_ne!(name("p", "p1", "b", None, 0), name("p", "p2", "b", None, 0));
        assert_eq!(named("p", "b", None), named("p", "b", None));
    }
}
