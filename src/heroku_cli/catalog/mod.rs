//! The catalog for completion: the CLI's commands, their descriptions, arguments and flags.

use std::iter;
use std::ops::Range;

use memchr::{memchr, memmem};

use super::digest::{Digest, Form};

mod signs;
mod usage;
mod write;

use signs::says;
pub use usage::{Argument, Flag, Usage};

const FORM: Form = Form { file: "heroku-catalog", version: 1, make: write::digest };

/// The visible commands of the installed CLI and of its plugins.
///
/// Three parts, an empty line before each: `ID⇥SUMMARY` of the visible commands, `NAME⇥DESCRIPTION` of topics, and what
/// the commands take. There `@ALIAS⇥ID` is another name, and `=ID⇥SIGNS` begins a command, whose arguments and flags are
/// the lines up to the next of these two:
///
/// ```text
/// .NAME⇥SIGNS⇥HELP⇥OPTION⇥OPTION
/// -NAME ALIAS⇥LETTER⇥SIGNS⇥HELP⇥OPTION⇥OPTION
/// ```
///
/// SIGNS are the letters of `signs` that apply.
pub struct Catalog {
    digest: Digest,
    /// Where the parts of topics and of what commands take begin. Each part begins with an end of line, so that each of
    /// its lines stands between two.
    starts: [usize; 2],
}

impl Catalog {
    /// The catalog of the CLI on PATH; `None` without a CLI or a readable manifest.
    ///
    /// It is cached; making it after an update takes some milliseconds.
    pub fn installed() -> Option<Self> {
        Self::new(Digest::installed(&FORM)?)
    }

    fn new(digest: Digest) -> Option<Self> {
        let body = digest.body().as_bytes();
        let topics = memmem::find(body, b"\n\n")? + 1;
        let usages = memmem::find(&body[topics..], b"\n\n")? + 1 + topics;
        Some(Self { digest, starts: [topics, usages] })
    }

    /// The visible commands whose id begins with `prefix`, sorted, each with a line about it; an alias is not among them.
    pub fn commands<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        lines_from(self.part(0..self.starts[0]), "", prefix)
    }

    /// Other names of commands that begin with `prefix`, sorted, each with the id of its command; hidden ones too.
    pub fn aliases<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        lines_from(self.part(self.starts[1]..self.digest.body().len()), "@", prefix)
    }

    /// A line about a topic such as `pg` or `pg:backups`; none where the CLI says nothing of it.
    pub fn topic(&self, name: &str) -> Option<&str> {
        line_of(self.part(self.starts[0]..self.starts[1]), "", name).map(first_of)
    }

    /// What the command of this id or alias takes, hidden ones too; none where it is not known.
    pub fn usage(&self, command: &str) -> Option<Usage> {
        let part = self.part(self.starts[1]..self.digest.body().len());
        let id = line_of(part, "@", command).map_or(command, first_of);
        let lines = line_of(part, "=", id)?;
        let mut usage = Usage {
            id: id.to_owned(),
            takes_more: says(first_of(lines), signs::TAKES_MORE),
            takes_app: says(first_of(lines), signs::TAKES_APP),
            ..Usage::default()
        };
        for line in lines.lines().skip(1) {
            match line.split_at_checked(1)? {
                (".", line) => usage.arguments.push(Argument::from_line(line)?),
                ("-", line) => usage.flags.push(Flag::from_line(line)?),
                _ => break,
            }
        }
        Some(usage)
    }

    fn part(&self, range: Range<usize>) -> &str {
        &self.digest.body()[range]
    }
}

/// The lines of `NAME⇥TEXT`. Every Tab goes through hundreds of them, so no character is looked at by itself.
fn rows(mut part: &str) -> impl Iterator<Item = (&str, &str)> {
    iter::from_fn(move || {
        let tab = memchr(b'\t', part.as_bytes())?;
        let end = tab + memchr(b'\n', &part.as_bytes()[tab..])?;
        let row = (&part[..tab], &part[tab + 1..end]);
        part = &part[end + 1..];
        Some(row)
    })
}

/// What follows `NAME⇥` in the part's line that begins with this sign and name, and all lines after that one.
fn line_of<'a>(part: &'a str, sign: &str, name: &str) -> Option<&'a str> {
    if name.contains(char::is_control) {
        return None;
    }
    let start = format!("\n{sign}{name}\t");
    memmem::find(part.as_bytes(), start.as_bytes()).map(|at| &part[at + start.len()..])
}

/// The lines of a part, `NAME⇥…`, whose names begin with `prefix` behind this sign; they stand together.
fn lines_from<'a>(part: &'a str, sign: &'a str, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let found = memmem::find(part.as_bytes(), format!("\n{sign}{prefix}").as_bytes());
    let start = found.map_or(part.len(), |at| at + 1);
    rows(&part[start..])
        .map_while(move |(name, text)| Some((name.strip_prefix(sign)?, text)))
        .take_while(move |(name, _)| name.starts_with(prefix))
}

/// The first line of a text.
fn first_of(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::heroku_cli::location::Place;

    const SMALL: &str = r#"{"commands": {
        "pg:psql": {"description": "open a shell\nto the database", "hiddenAliases": ["psql"], "flags": {
            "app": {"char": "a", "type": "option"}, "remote": {"char": "r", "type": "option"},
            "command": {"char": "c", "type": "option", "description": "SQL to run"},
            "mode": {"type": "option", "options": ["fast", "very safe"], "multiple": true, "aliases": ["how"]},
            "color": {"type": "boolean", "allowNo": true}, "secret": {"type": "boolean", "hidden": true}},
            "args": {"database": {"description": "a name"}, "old": {"hidden": true}, "level": {"options": ["1", "2"]}}},
        "pg": {"summary": "show databases", "description": "unused", "strict": false, "flags": {}},
        "pg:old": {"hidden": true}, "pgbouncer": {}, "ps-x": {"description": "sorted before its topic"},
        "git:remote": {"flags": {"app": {"char": "a", "type": "option"}, "remote": {"char": "r", "type": "option"}}}}}"#;

    fn catalog(manifest: &str) -> Catalog {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("oclif.manifest.json"), manifest).unwrap();
        let topics =
            r#"{"oclif": {"topics": {"pg": {"description": "databases"}, "ps": {"description": "dynos"}}}}"#;
        fs::write(folder.path().join("package.json"), topics).unwrap();
        let place = Place { package: folder.path().to_owned(), data: None };
        Catalog::new(Digest::of(&place, &FORM, None).unwrap()).unwrap()
    }

    fn ids<'a>(catalog: &'a Catalog, prefix: &'a str) -> Vec<&'a str> {
        catalog.commands(prefix).map(|(id, _)| id).collect()
    }

    #[test]
    fn commands_are_found_by_how_they_begin() {
        let catalog = catalog(SMALL);
        assert_eq!(ids(&catalog, ""), ["git:remote", "pg", "pg:psql", "pgbouncer", "ps-x"]);
        assert_eq!(ids(&catalog, "pg"), ["pg", "pg:psql", "pgbouncer"]);
        assert_eq!(ids(&catalog, "pg:"), ["pg:psql"]);
        for nothing in ["psql", "databases", "x", "pg\t", "pg\n", "=pg"] {
            assert_eq!(ids(&catalog, nothing), [""; 0], "{nothing:?}");
        }
        let lines: Vec<_> = catalog.commands("pg").collect();
        assert_eq!(lines, [("pg", "show databases"), ("pg:psql", "open a shell"), ("pgbouncer", "")]);
    }

    #[test]
    fn other_names_lead_to_their_command() {
        let catalog = catalog(SMALL);
        assert_eq!(catalog.aliases("ps").collect::<Vec<_>>(), [("psql", "pg:psql")]);
        assert_eq!(catalog.aliases("pg").count(), 0);
    }

    #[test]
    fn topics_have_a_line() {
        let catalog = catalog(SMALL);
        assert_eq!(catalog.topic("pg"), Some("databases"));
        assert_eq!(catalog.topic("ps"), Some("dynos"));
        assert_eq!(catalog.topic("git"), None);
        assert_eq!(catalog.topic("pg:psql"), None);
    }

    #[test]
    fn usage_says_all_that_can_be_typed() {
        let catalog = catalog(SMALL);
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let flag = |name: &str| Flag { name: name.to_owned(), ..Flag::default() };
        let argument = |name: &str| Argument { name: name.to_owned(), ..Argument::default() };
        let usage = Usage {
            id: "pg:psql".to_owned(),
            flags: vec![
                Flag { has_opposite: true, ..flag("color") },
                Flag {
                    letter: Some('c'),
                    takes_value: true,
                    help: "SQL to run".to_owned(),
                    ..flag("command")
                },
                Flag {
                    takes_value: true,
                    repeats: true,
                    aliases: owned(&["how"]),
                    options: owned(&["fast", "very safe"]),
                    ..flag("mode")
                },
            ],
            arguments: vec![
                Argument { help: "a name".to_owned(), ..argument("database") },
                Argument { hidden: true, ..argument("old") },
                Argument { options: owned(&["1", "2"]), ..argument("level") },
            ],
            takes_more: false,
            takes_app: true,
        };
        assert_eq!(catalog.usage("pg:psql").as_ref(), Some(&usage));
        assert_eq!(catalog.usage("psql").as_ref(), Some(&usage));
        let pg = Usage { id: "pg".to_owned(), takes_more: true, ..Usage::default() };
        assert_eq!(catalog.usage("pg"), Some(pg));
        assert_eq!(catalog.usage("pg:old").unwrap().flags, []);
        for nothing in ["", "p", "pg:", "pg\tm", "pg\n=pg", "-color", "databases"] {
            assert_eq!(catalog.usage(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn a_remote_that_is_to_be_made_is_said_by_the_person() {
        let usage = catalog(SMALL).usage("git:remote").unwrap();
        let names: Vec<&str> = usage.flags.iter().map(|flag| flag.name.as_str()).collect();
        assert!(usage.takes_app);
        assert_eq!(names, ["remote"]);
    }

    #[test]
    fn a_cli_without_commands_has_an_empty_catalog() {
        let catalog = catalog(r#"{"commands": {}}"#);
        assert_eq!(ids(&catalog, ""), [""; 0]);
        assert_eq!(catalog.usage("ps"), None);
    }

    #[test]
    fn text_cannot_break_out_of_its_line() {
        let manifest = r#"{"commands": {"a": {"summary": "x\u001b[31m\ty\u0007\nz", "flags": {
            "f": {"type": "option", "char": "\t", "options": ["1\t2", "3"], "description": "\n=b\tm"},
            "g\n=c": {"type": "boolean"}}, "args": {"n\n=d\t": {}}}}}"#;
        let catalog = catalog(manifest);
        assert_eq!(catalog.commands("").collect::<Vec<_>>(), [("a", "x y")]);
        let usage = catalog.usage("a").unwrap();
        assert_eq!((usage.flags.len(), usage.arguments.len()), (1, 1));
        assert_eq!(
            (usage.flags[0].options.clone(), usage.flags[0].help.as_str()),
            (vec!["3".to_owned()], "=b m")
        );
        assert!(["b", "c", "d"].iter().all(|name| catalog.usage(name).is_none()));
    }
}
