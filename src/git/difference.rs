//! The commits and files that differ between two commits.

use super::Repository;
use super::history::Commit;
use crate::error::Result;
use crate::model::CommitName;

/// The commits between two others, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Only in the second.
    pub ahead: Vec<Authored>,
    /// Only in the first.
    pub behind: Vec<Authored>,
}

/// A commit, by whom and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authored {
    /// The commit.
    pub commit: Commit,
    /// Its author's name.
    pub author: String,
    /// When it was written: RFC 3339.
    pub date: String,
}

/// A file that differs between two commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedFile {
    /// Its path.
    pub path: String,
    /// Lines added; `None` for a binary file.
    pub added: Option<u64>,
    /// Lines removed; `None` for a binary file.
    pub removed: Option<u64>,
}

impl Repository {
    /// What lies between two commits; none where this repository does not hold both, or not what lies
    /// between.
    pub fn difference(&self, from: &CommitName, to: &CommitName) -> Result<Option<Difference>> {
        let (Some(from), Some(to)) = (from.full(), to.full()) else { return Ok(None) };
        let format = "--format=%m%x00%H%x00%an%x00%aI%x00%s";
        let plain = ["--no-show-signature", "--no-color", "--no-notes", "--no-decorate"];
        let range = format!("{from}...{to}");
        let line = ["log", "--left-right", format].into_iter().chain(plain).chain([&*range, "--"]);
        let difference = self.git(line)?.map(|text| Difference::read(&text));
        Ok(match difference {
            Some(found) if !found.ahead.is_empty() && !found.behind.is_empty() => {
                self.have_common_ancestor(&from, &to)?.then_some(found)
            }
            found => found,
        })
    }

    /// Whether the repository has this commit.
    pub fn holds(&self, commit: &CommitName) -> Result<bool> {
        let Some(commit) = commit.full() else { return Ok(false) };
        Ok(self.git(["cat-file", "-e", &format!("{commit}^{{commit}}")])?.is_some())
    }

    /// The files that differ, as `git diff --stat` sums them up; `width` is that of the terminal.
    pub fn stat(&self, from: &CommitName, to: &CommitName, width: Option<usize>) -> Result<String> {
        let stat = width.map_or_else(|| "--stat".to_owned(), |width| format!("--stat={width}"));
        self.diff(&[&stat], from, to)
    }

    /// The files that differ.
    pub fn changed_files(&self, from: &CommitName, to: &CommitName) -> Result<Vec<ChangedFile>> {
        let text = self.diff(&["--numstat", "-z", "--no-renames"], from, to)?;
        Ok(text.split('\0').filter_map(ChangedFile::read).collect())
    }

    fn diff(&self, form: &[&str], from: &CommitName, to: &CommitName) -> Result<String> {
        let (Some(from), Some(to)) = (from.full(), to.full()) else { return Ok(String::new()) };
        let plain =
            ["--no-color", "--no-ext-diff", "--no-textconv", "--no-relative", "--ignore-submodules=none"];
        let line = ["diff"].into_iter().chain(plain).chain(form.iter().copied()).chain([
            from.as_str(),
            to.as_str(),
            "--",
        ]);
        Ok(self.git(line)?.unwrap_or_default())
    }
}

impl Difference {
    /// Reads what `git log` lists: `<` is the first's, `>` the second's.
    fn read(text: &str) -> Self {
        let mut difference = Self::default();
        for line in text.lines() {
            let mut fields = line.splitn(5, '\0').map(str::to_owned);
            let (Some(side), Some(id), Some(author), Some(date), Some(subject)) =
                (fields.next(), fields.next(), fields.next(), fields.next(), fields.next())
            else {
                continue;
            };
            let Ok(id) = id.parse() else { continue };
            let authored = Authored { commit: Commit { id, subject }, author, date };
            if side == "<" { difference.behind.push(authored) } else { difference.ahead.push(authored) }
        }
        difference
    }
}

impl ChangedFile {
    /// Reads one entry of `git diff --numstat -z`; what is no text has `-` for its numbers.
    fn read(entry: &str) -> Option<Self> {
        let mut fields = entry.trim_start_matches('\n').splitn(3, '\t');
        let (added, removed, path) = (fields.next()?, fields.next()?, fields.next()?);
        Some(Self { path: path.to_owned(), added: added.parse().ok(), removed: removed.parse().ok() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_commit_is_on_one_side() {
        let id = |digit: &str| digit.repeat(40);
        let line =
            |side, digit| format!("{side}\0{}\0Ada\02026-01-05T08:30:00+00:00\0Open <it> up\n", id(digit));
        let read = Difference::read(&(line('>', "1") + &line('<', "2") + &line('>', "3") + "cut short\n"));
        let ids = |commits: &[Authored]| {
            commits.iter().map(|authored| authored.commit.id.to_string()).collect::<Vec<_>>()
        };
        assert_eq!((ids(&read.ahead), ids(&read.behind)), (vec![id("1"), id("3")], vec![id("2")]));
        assert_eq!(read.behind[0].commit.subject, "Open <it> up");
    }

    #[test]
    fn what_is_no_text_has_no_lines() {
        let file = |path: &str, added, removed| ChangedFile { path: path.to_owned(), added, removed };
        assert_eq!(ChangedFile::read("3\t0\ta\tb"), Some(file("a\tb", Some(3), Some(0))));
        assert_eq!(ChangedFile::read("-\t-\tlogo.png"), Some(file("logo.png", None, None)));
        assert_eq!(ChangedFile::read(""), None);
    }
}
