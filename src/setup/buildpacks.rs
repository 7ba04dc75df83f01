//! The buildpacks that a project's files ask for, where Heroku would not find them by itself.

use std::path::Path;

use serde_json::Value;

use crate::error::{Context as _, Result};
use crate::file;

/// No package.json is read that is larger; in bytes.
const LARGEST: u64 = 1 << 20;

/// What Heroku looks for in a repository's root, in its order; the first that is there decides, and it alone
/// (<https://devcenter.heroku.com/articles/buildpacks#detection-failure>, `docs/heroku.md#builds-and-sources`).
const DETECTED: [(&str, &[&str]); 9] = [
    ("heroku/ruby", &["Gemfile"]),
    (NODE, &["package.json"]),
    ("heroku/clojure", &["project.clj"]),
    ("heroku/python", &["requirements.txt", "Pipfile", "Pipfile.lock", "poetry.lock", "uv.lock", "setup.py"]),
    ("heroku/java", &["pom.xml"]),
    ("heroku/gradle", &["gradlew", "build.gradle", "build.gradle.kts", "settings.gradle"]),
    ("heroku/scala", &["build.sbt"]),
    ("heroku/php", &["composer.json", "index.php"]),
    ("heroku/go", &["go.mod"]),
];

const NODE: &str = "heroku/nodejs";

/// What has no buildpack that Heroku finds.
const OTHERS: [(&str, &str); 1] = [("mix.exs", "hashnuke/elixir")];

/// The buildpacks to set, in the order in which they run; none where Heroku finds the right one by itself, or where images
/// are built.
///
/// Node.js comes first where the assets of a project in another language are built with it.
pub(super) fn wanted(root: &Path) -> Result<Vec<String>> {
    let has = |name: &str| root.join(name).is_file();
    if has("heroku.yml") {
        return Ok(Vec::new());
    }
    let found: Vec<&str> = DETECTED
        .iter()
        .filter(|(_, files)| files.iter().any(|file| has(file)))
        .map(|(name, _)| *name)
        .collect();
    let other = OTHERS.iter().find(|(file, _)| has(file)).map(|(_, name)| *name);
    let main = other.or_else(|| found.iter().copied().find(|name| *name != NODE));
    let node = found.contains(&NODE) && (main.is_none() || builds_assets(root)?);
    let wanted: Vec<&str> = node.then_some(NODE).into_iter().chain(main).collect();
    if wanted == found.iter().copied().take(1).collect::<Vec<_>>() {
        return Ok(Vec::new());
    }
    Ok(wanted.into_iter().map(str::to_owned).collect())
}

/// Whether package.json has something to build, or something that the app runs with.
fn builds_assets(root: &Path) -> Result<bool> {
    let text = file::read(&root.join("package.json"), LARGEST).context(|| "cannot read package.json")?;
    let package: Value = serde_json::from_slice(&text).context(|| "cannot read package.json")?;
    let has_some = |key: &str| package[key].as_object().is_some_and(|object| !object.is_empty());
    Ok(has_some("dependencies")
        || ["build", "heroku-postbuild"].iter().any(|script| package["scripts"][script].is_string()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_what_heroku_would_not_find_is_set() {
        let build = r#"{"scripts":{"build":"vite build"}}"#;
        let tools = r#"{"devDependencies":{"prettier":"3"}}"#;
        for (files, expected) in [
            (&[][..], &[][..]),
            (&[("Gemfile", "")], &[]),
            (&[("package.json", "{}")], &[]),
            (&[("go.mod", "")], &[]),
            (&[("requirements.txt", "")], &[]),
            (&[("Gemfile", ""), ("package.json", build)], &[NODE, "heroku/ruby"]),
            (&[("Gemfile", ""), ("package.json", tools)], &[]),
            (&[("requirements.txt", ""), ("package.json", tools)], &["heroku/python"]),
            (&[("requirements.txt", ""), ("package.json", build)], &[NODE, "heroku/python"]),
            (
                &[("composer.json", ""), ("package.json", r#"{"dependencies":{"x":"1"}}"#)],
                &[NODE, "heroku/php"],
            ),
            (&[("mix.exs", "")], &["hashnuke/elixir"]),
            (&[("mix.exs", ""), ("package.json", build)], &[NODE, "hashnuke/elixir"]),
            (&[("mix.exs", ""), ("heroku.yml", "")], &[]),
        ] {
            let folder = tempfile::tempdir().unwrap();
            for (name, text) in files {
                fs::write(folder.path().join(name), text).unwrap();
            }
            assert_eq!(wanted(folder.path()).unwrap(), expected, "{files:?}");
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("mix.exs"), "").unwrap();
        fs::write(folder.path().join("package.json"), "{").unwrap();
        assert!(wanted(folder.path()).is_err());
    }
}
