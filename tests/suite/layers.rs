//! The layers of both crates: an import never climbs, so no circle of imports can arise.
//!
//! A crate states its layers once, in a `text` block in the documentation of its `lib.rs`, top to bottom. A line has the
//! rooms that do not import each other, and behind a `#` what they are. A room is a top-level module.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};
use std::fs;
use std::path::{Path, PathBuf};

use super::imports::Import;

/// Fails for each import of the crate in `folder` that its layers do not allow.
fn assert_layered(folder: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let text = |path: &Path| fs::read_to_string(path).expect("a source file");
    let layers = Layers::parse(&text(&root.join("lib.rs")));
    let mut faults = layers.compare_with(&rooms(&root));
    let mut imports = 0;
    for path in sources(&root) {
        let name = path.strip_prefix(&root).expect("a path below");
        let Some(from) = module_of(name) else { continue };
        for Import { room, line } in Import::read(&text(&path), &from) {
            imports += 1;
            if let Some(fault) = layers.fault(&from[0], &room) {
                faults.push(format!("{folder}/{}:{line}: {fault}", name.display()));
            }
        }
    }
    assert!(imports > 100, "{imports} imports are too few: the sources have not been read");
    assert!(faults.is_empty(), "{} imports are against the layers:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn imports_of_greenroom_go_down() {
    assert_layered("src");
}

#[test]
fn imports_of_the_rehearsal_go_down() {
    assert_layered("rehearsal/src");
}

#[test]
fn commands_do_not_import_each_other() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut faults = Vec::new();
    for path in sources(&source.join("commands")) {
        let name = path.strip_prefix(&source).expect("a path below");
        let Some(from) = module_of(name).filter(|from| from.len() > 1) else { continue };
        let text = fs::read_to_string(&path).expect("a source file");
        let from_root = Import::read(&text, &from);
        // With `commands` as the root, `super` reaches the other commands.
        let siblings =
            Import::read(&text, &from[1..]).into_iter().filter(|import| !from_root.contains(import));
        let named = text.lines().enumerate().filter_map(|(index, line)| {
            let rest = line.split("crate::commands::").nth(1)?;
            let room = rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next()?.to_owned();
            Some(Import { room, line: index + 1 })
        });
        for Import { room, line } in siblings.chain(named).filter(|import| import.room != from[1]) {
            let is_command =
                ["", "/mod"].iter().any(|end| source.join(format!("commands/{room}{end}.rs")).exists());
            if is_command {
                faults.push(format!("src/{}:{line}: {} imports {room}", name.display(), from[1]));
            }
        }
    }
    assert!(faults.is_empty(), "what commands share belongs below them:\n{}", faults.join("\n"));
}

/// The rooms of a crate by their layer; 0 is the top.
struct Layers(BTreeMap<String, usize>);

impl Layers {
    fn parse(lib: &str) -> Self {
        let documentation = lib.lines().filter_map(|line| line.strip_prefix("//!"));
        let block = documentation.skip_while(|line| line.trim() != "```text").skip(1);
        let block = block.take_while(|line| line.trim() != "```").map(str::trim);
        let lines = block.filter(|line| !line.is_empty()).enumerate();
        let rooms = lines.flat_map(|(layer, line)| {
            let rooms = line.split('#').next().unwrap_or_default();
            rooms.split_whitespace().map(move |room| (room.to_owned(), layer))
        });
        Self(rooms.collect())
    }

    /// Rooms that only one of the two knows.
    fn compare_with(&self, rooms: &BTreeSet<String>) -> Vec<String> {
        let stated: BTreeSet<String> = self.0.keys().cloned().collect();
        let missing = rooms.difference(&stated).map(|room| format!("lib.rs: no layer is stated for {room}"));
        let gone = stated.difference(rooms).map(|room| format!("lib.rs: there is no module {room}"));
        missing.chain(gone).collect()
    }

    /// Why this room may not import that one.
    fn fault(&self, from: &str, to: &str) -> Option<Fault> {
        let fault = |why| Some(Fault { from: from.to_owned(), to: to.to_owned(), why });
        match (self.0.get(from), self.0.get(to)) {
            _ if from == to => None,
            (_, None) => fault("climbs to lib.rs: name the module that defines it"),
            (Some(above), Some(below)) if above > below => fault("climbs"),
            (Some(above), Some(below)) if above == below => fault("stays in its layer"),
            _ => None,
        }
    }
}

/// An arrow that the layers do not allow.
struct Fault {
    from: String,
    to: String,
    why: &'static str,
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {} {}", self.from, self.to, self.why)
    }
}

/// The top-level modules, by their files.
fn rooms(root: &Path) -> BTreeSet<String> {
    sources(root)
        .iter()
        .filter_map(|path| module_of(path.strip_prefix(root).ok()?)?.into_iter().next())
        .collect()
}

/// Every Rust file below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = entries
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    files.sort();
    files
}

/// The module that a file is: `heroku/logs/mod.rs` is `[heroku, logs]`. None for `lib.rs`, which may import everything.
fn module_of(name: &Path) -> Option<Vec<String>> {
    let mut path: Vec<String> =
        name.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if path == ["lib"] {
        return None;
    }
    let last = path.pop()?;
    match last.strip_suffix("_tests") {
        // A module's tests in a file beside it.
        Some(tested) => path.extend([tested.to_owned(), "tests".to_owned()]),
        None if last == "mod" => {}
        None => path.push(last),
    }
    Some(path)
}

#[test]
fn arrows_that_climb_are_refused() {
    let layers = Layers::parse(
        "//! The map:\n//!\n//! ```text\n//! cli          # dispatch\n//! git  heroku  # below\n//! ```\n",
    );
    let fault = |from, to| layers.fault(from, to).map(|fault| fault.to_string());
    assert_eq!(fault("cli", "git"), None);
    assert_eq!(fault("git", "git"), None);
    assert_eq!(fault("git", "cli").as_deref(), Some("git -> cli climbs"));
    assert_eq!(fault("git", "heroku").as_deref(), Some("git -> heroku stays in its layer"));
    let to_lib = "git -> Error climbs to lib.rs: name the module that defines it";
    assert_eq!(fault("git", "Error").as_deref(), Some(to_lib));
    let rooms = ["cli", "git", "hint"].map(str::to_owned).into();
    let unknown = ["lib.rs: no layer is stated for hint", "lib.rs: there is no module heroku"];
    assert_eq!(layers.compare_with(&rooms), unknown);
}
