//! How many commits an app is ahead of or behind another, in words.

use crate::terminal::counted;

/// `staging is 2 commits ahead of production`.
pub fn ahead_behind(one: &str, other: &str, ahead: usize, behind: usize) -> String {
    let commits = |count: usize| counted(count, "commit");
    match (ahead, behind) {
        (0, 0) => format!("{one} and {other} run the same commit"),
        (ahead, 0) => format!("{one} is {} ahead of {other}", commits(ahead)),
        (0, behind) => format!("{one} is {} behind {other}", commits(behind)),
        (ahead, behind) => format!("{one} is {} ahead of {other} and {behind} behind", commits(ahead)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_in_the_right_number() {
        assert_eq!(ahead_behind("a", "b", 0, 0), "a and b run the same commit");
        assert_eq!(ahead_behind("a", "b", 1, 0), "a is 1 commit ahead of b");
        assert_eq!(ahead_behind("a", "b", 0, 2), "a is 2 commits behind b");
        assert_eq!(ahead_behind("a", "b", 2, 1), "a is 2 commits ahead of b and 1 behind");
    }
}
