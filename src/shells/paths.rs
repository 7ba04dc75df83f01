//! Paths at the cursor, for a shell that does not list them itself.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Answer, Candidate, Request};
use crate::text::is_control;

/// The paths that begin with `word`, without its first `after` bytes. `home` is what a leading tilde expands to, if it does.
pub(super) fn list(word: &str, after: usize, folders: bool, home: Option<&Path>) -> Vec<Candidate> {
    let Some((before, path)) = word.split_at_checked(after) else { return Vec::new() };
    let (folder, name) = path.split_at(path.rfind('/').map_or(0, |slash| slash + 1));
    let mut found: Vec<_> = fs::read_dir(place(folder, home))
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let file = entry.file_name().into_string().ok()?;
            let fits = file.starts_with(name)
                && (name.starts_with('.') || !file.starts_with('.'))
                && !file.contains(is_control);
            // Follows links: a link to a folder is a folder.
            let is_folder = fits && fs::metadata(entry.path()).is_ok_and(|target| target.is_dir());
            (fits && (is_folder || !folders)).then_some((file, is_folder))
        })
        .collect();
    found.sort();
    let candidate = |(file, is_folder): (String, bool)| Candidate {
        word: format!("{before}{folder}{file}{}", if is_folder { "/" } else { "" }),
        help: String::new(),
        goes_on: is_folder,
    };
    found.into_iter().map(candidate).collect()
}

fn place(folder: &str, home: Option<&Path>) -> PathBuf {
    match (home, folder.strip_prefix("~/")) {
        (Some(home), Some(rest)) => home.join(rest),
        _ if folder.is_empty() => PathBuf::from("."),
        _ => PathBuf::from(folder),
    }
}

/// The offered words, followed by the paths that are allowed as well; a leading tilde is the home folder.
pub(super) fn with_paths(answer: &Answer, request: &Request) -> Vec<Candidate> {
    let mut candidates = answer.candidates.clone();
    let Some(paths) = answer.paths else { return candidates };
    let home = etcetera::home_dir().ok();
    for found in list(&request.current, paths.after, paths.folders, home.as_deref()) {
        if candidates.iter().all(|candidate| candidate.word != found.word) {
            candidates.push(found);
        }
    }
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shells::Paths;

    fn words(folder: &Path, typed: &str, folders: bool) -> Vec<String> {
        let current = format!("--file={}/{typed}", folder.display());
        let answer = Answer { candidates: Vec::new(), paths: Some(Paths { after: 7, folders }) };
        let found = with_paths(&answer, &Request { current, ..Request::default() });
        let before = format!("--file={}/", folder.display());
        found.iter().map(|found| found.word.strip_prefix(&before).unwrap().to_owned()).collect()
    }

    #[test]
    fn files_and_folders_are_found_by_prefix() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["src/bin", "s p"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        for name in ["seeds.sql", "src/main.rs", ".env", "Procfile", "a\nb"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(words(folder.path(), "s", false), ["s p/", "seeds.sql", "src/"]);
        assert_eq!(words(folder.path(), "s", true), ["s p/", "src/"]);
        assert_eq!(words(folder.path(), "src/", false), ["src/bin/", "src/main.rs"]);
        assert_eq!(words(folder.path(), "", false), ["Procfile", "s p/", "seeds.sql", "src/"]);
        assert_eq!(words(folder.path(), ".", false), [".env"]);
        assert!(words(folder.path(), "nowhere/", false).is_empty());
    }

    #[test]
    fn offered_words_come_first_and_only_once() {
        let answer = Answer {
            candidates: vec![Candidate::new("Cargo.toml", "")],
            paths: Some(Paths { after: 0, folders: false }),
        };
        let found = with_paths(&answer, &Request { current: "Cargo.".to_owned(), ..Request::default() });
        assert_eq!(found.iter().filter(|found| found.word == "Cargo.toml").count(), 1);
        assert_eq!(found[0].word, "Cargo.toml");
    }
}
