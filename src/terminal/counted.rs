//! Counts with a noun: `1 commit`, `2 commits`.

/// `1 commit`, `2 commits`.
pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        assert_eq!([0, 1, 2].map(|count| counted(count, "app")), ["0 apps", "1 app", "2 apps"]);
    }
}
