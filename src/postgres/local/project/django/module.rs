//! A module of settings: its file, what it assigns, and the modules that it takes everything from.

use std::path::{Path, PathBuf};

use regex_lite::Regex;

use super::python::{self, Code, Expression};
use crate::error::{Error, Result};
use crate::postgres::local::Source;
use crate::postgres::local::project::files;

/// How far a chain of `from .base import *` is followed.
const DEPTH: usize = 8;

/// A module of settings.
pub(super) struct Module {
    /// Its dotted name.
    name: String,
    /// Whether it is the `__init__.py` of its folder.
    is_package: bool,
    path: PathBuf,
    text: String,
}

impl Module {
    /// The module of this dotted name; none where there is no such file.
    pub(super) fn find(root: &Path, name: &str) -> Result<Option<Self>> {
        let is_name = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
        if !name.split('.').all(is_name) {
            return Ok(None);
        }
        let stem = name.replace('.', "/");
        for (file, is_package) in [(format!("{stem}.py"), false), (format!("{stem}/__init__.py"), true)] {
            if let Some(text) = files::text(root, &file)? {
                return Ok(Some(Self { name: name.to_owned(), is_package, path: files::path(&file), text }));
            }
        }
        Ok(None)
    }

    /// This module, or the one that it takes `DATABASES` from. Exit 2 where none has it.
    pub(super) fn that_has_databases(self: &Module, root: &Path) -> Result<Module> {
        let mut module =
            Module { name: self.name.clone(), path: self.path.clone(), text: self.text.clone(), ..*self };
        for _ in 0..DEPTH {
            if module.mentions("DATABASES").next().is_some() {
                return Ok(module);
            }
            let Some(next) = module.taken_from(root)? else { break };
            module = next;
        }
        Err(self.unread(1, "it sets no DATABASES, nor does a module that it takes everything from"))
    }

    /// The last module of this project that it takes everything from: `from .base import *`.
    fn taken_from(&self, root: &Path) -> Result<Option<Module>> {
        let names = self.text.lines().filter_map(|line| {
            let name = line.strip_prefix("from ")?.split_once(" import *")?.0.trim();
            let dots = name.len() - name.trim_start_matches('.').len();
            if dots == 0 {
                return Some(name.to_owned());
            }
            let above = dots - usize::from(self.is_package);
            let parts: Vec<&str> = self.name.split('.').collect();
            let kept = parts.len().checked_sub(above)?;
            Some([&parts[..kept], &[&name[dots..]]].concat().join("."))
        });
        let names: Vec<String> = names.collect();
        for name in names.iter().rev() {
            if let Some(module) = Module::find(root, name)? {
                return Ok(Some(module));
            }
        }
        Ok(None)
    }

    /// What `DATABASES` is. Exit 2 where that is decided by code.
    pub(super) fn databases(&self) -> Result<Expression> {
        let mut value: Option<Expression> = None;
        for (at, line) in self.mentions("DATABASES") {
            let assigned = self.assigned(at, "DATABASES");
            let one = Regex::new(r#"^DATABASES\[["']([A-Za-z0-9_]+)["']\]\s*=\s*"#).ok();
            let one = one.and_then(|one| one.captures(&self.text[at..]));
            match (assigned, one, &mut value) {
                (Some(assigned), ..) => value = Some(assigned),
                (None, Some(found), Some(Expression { code: Code::Dictionary(pairs), .. })) => {
                    let key = Expression { line, code: Code::Text(found[1].to_owned()) };
                    pairs.retain(|(there, _)| there.code != key.code);
                    pairs.push((key, python::expression(&self.text, at + found[0].len())));
                }
                _ => return Err(self.unread(line, super::NOT_RUN)),
            }
        }
        value.ok_or_else(|| self.unread(1, super::NOT_RUN))
    }

    /// What a name stands for that is assigned once, outside of any condition.
    pub(super) fn constant(&self, name: &str) -> Option<Expression> {
        let assigned = |(at, _)| self.assigned(at, name);
        let mut all = self.mentions(name).filter(|(at, _)| {
            let rest = self.text[*at + name.len()..].trim_start_matches([' ', '\t']);
            rest.starts_with('=') && !rest.starts_with("==") || rest.starts_with("+=")
        });
        let (first, others) = (all.next()?, all.next());
        if others.is_some() { None } else { assigned(first) }
    }

    /// What stands behind `NAME =` at the start of a line.
    fn assigned(&self, at: usize, name: &str) -> Option<Expression> {
        let is_at_margin = at == 0 || self.text[..at].ends_with('\n');
        let rest = &self.text[at + name.len()..];
        // It may say its type: `DATABASES: dict = {`.
        let rest = match rest.trim_start().strip_prefix(':') {
            Some(typed) => typed.trim_start_matches(|c: char| c != '=' && c != '\n'),
            None => rest.trim_start_matches([' ', '\t']),
        };
        let value = rest.strip_prefix('=').filter(|value| is_at_margin && !value.starts_with('='))?;
        let value = value.trim_start_matches([' ', '\t']);
        Some(python::expression(&self.text, self.text.len() - value.len()))
    }

    /// The lines that begin with a name, by the byte where it stands and the line from 1.
    fn mentions<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
        let mut at = 0;
        self.text.split_inclusive('\n').zip(1..).filter_map(move |(line, number)| {
            let start = at + line.len() - line.trim_start().len();
            at += line.len();
            let rest = self.text[start..at].strip_prefix(name)?;
            let is_whole = !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
            is_whole.then_some((start, number))
        })
    }

    /// Whether its variables may come from `.env`.
    pub(super) fn reads_dotenv(&self) -> bool {
        ["dotenv", "environ.Env", "read_env", "decouple", "environs"]
            .iter()
            .any(|name| self.text.contains(name))
    }

    /// A line of it, as a source.
    pub(super) fn source(&self, line: usize) -> Source {
        Source::File { file: self.path.clone(), line, key: None }
    }

    /// The error for a line that is not read. Exit 2.
    pub(super) fn unread(&self, line: usize, message: impl std::fmt::Display) -> Error {
        files::unread(&self.path, line, message)
    }
}
