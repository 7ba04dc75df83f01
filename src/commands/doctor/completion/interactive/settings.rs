//! Checks what the user's startup files set: PATH, the Tab key, and completions of our commands.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::super::super::programs;
use super::super::Finding;
use super::question::Answer;
use crate::hint::Hint;
use crate::process::{self};
use crate::shells::install::Part;
use crate::text::quote;

/// The startup file that a fix is added to; `None` if unknown.
pub(super) fn start_up_file(shell: &str, parts: &[Part]) -> Option<PathBuf> {
    let folder = |name| Some(parts.first()?.path().parent()?.parent()?.join(name));
    match shell {
        "fish" => folder("config.fish"),
        "nushell" => folder("config.nu"),
        _ => parts.iter().find(|part| part.lines().is_some()).map(|part| part.path().to_owned()),
    }
}

/// An interactive shell's answer.
pub(super) struct Settings<'a> {
    pub(super) shell: &'a str,
    pub(super) sign: &'static str,
    pub(super) rc: Option<PathBuf>,
    pub(super) answer: &'a Answer<'a>,
}

impl Settings<'_> {
    /// Checks what may keep a shell from asking greenroom; completions of our commands only if it has any.
    pub(super) fn examine(&self, knows: bool) -> Vec<Finding> {
        let mut findings: Vec<_> = [self.path(), self.tab(), self.progcomp()].into_iter().flatten().collect();
        if knows {
            findings.extend(self.completed_by_others());
        }
        findings
    }

    /// Whether greenroom completes this name.
    pub(super) fn is_completed(&self, name: &str) -> bool {
        self.answer.completions().any(|(completed, by)| completed == name && by.contains(self.sign))
    }

    /// Whether zsh reads a file of another folder than the one that was installed.
    pub(super) fn is_elsewhere(&self) -> bool {
        let read = self.answer.get("reads");
        let written = self.rc.as_deref().and_then(Path::parent);
        self.shell == "zsh" && !read.is_empty() && written != Some(Path::new(read))
    }

    /// Whether the shell finds the same greenroom.
    fn path(&self) -> Option<Finding> {
        let found = self.answer.all("greenroom").next()?;
        let here = programs::here()?;
        // Problems found without the shell were reported already.
        let path = env::var_os("PATH").unwrap_or_default();
        process::find("greenroom", &path).filter(|outside| is_in(outside, &here))?;
        let shell = self.shell;
        let finding = if found.is_empty() {
            Finding::problem(format!("{shell} does not find greenroom: a startup file overwrites PATH"))
        } else if is_in(Path::new(found), &here) {
            return None;
        } else {
            Finding::problem(format!("{shell} finds another greenroom: {found}"))
        };
        let folder = quote(here.as_os_str());
        Some(match shell {
            "fish" => finding.hint(self.append(&format!("set -gx PATH {folder} $PATH"))),
            "nushell" => finding.hint(self.append(&format!("$env.PATH = ($env.PATH | prepend {folder})"))),
            "bash" | "zsh" => finding.hint(self.append(&format!("export PATH={folder}:\"$PATH\""))),
            _ => finding,
        })
    }

    /// Whether Tab completes.
    fn tab(&self) -> Option<Finding> {
        let own = self.answer.all("tab").last();
        let bound = own.or_else(|| self.answer.all("preset").last()).unwrap_or_default();
        let is_told = self.shell == "fish" || self.answer.all("keys").next().is_some() || !bound.is_empty();
        if !is_told || bound.contains("complet") || bound.contains("menu") {
            return None;
        }
        let what = if bound.is_empty() { "nothing" } else { bound };
        let rebound =
            Finding::problem(format!("Tab does not complete in {}: it is bound to {what}", self.shell));
        Some(match self.shell {
            "bash" => rebound.hint(self.append("bind 'TAB: complete'")),
            "zsh" => rebound.hint(self.append("bindkey '^I' expand-or-complete")),
            "fish" => rebound.hint(self.append(r"bind \t complete")),
            _ => match &self.rc {
                Some(rc) => rebound.hint(Hint::script("${EDITOR:-vi} {}", [[rc]])),
                None => rebound,
            },
        })
    }

    /// Whether bash asks anybody at all.
    fn progcomp(&self) -> Option<Finding> {
        (self.answer.get("progcomp") == "off").then(|| {
            Finding::problem("programmable completion is off in bash").hint(self.append("shopt -s progcomp"))
        })
    }

    /// Our commands that another completion covers, instead of greenroom's or in addition.
    fn completed_by_others(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut seen = Vec::new();
        for (name, by) in self.answer.completions() {
            let is_ours = by.contains(self.sign);
            if is_ours && self.is_completed(name) || seen.contains(&name) {
                continue;
            }
            seen.push(name);
            let too = if self.is_completed(name) { ", too" } else { "" };
            let file = self.file_of(name);
            let who = file.or((!by.is_empty()).then_some(by)).unwrap_or("nothing");
            let text = format!("{name} is completed by {who} in {}{too}", self.shell);
            findings.push(Finding::problem(text).hint(self.without_others(name)));
        }
        findings
    }

    /// The user's own completion file for a name.
    fn file_of(&self, name: &str) -> Option<&str> {
        self.answer
            .all("file")
            .find_map(|line| line.split_once(' ').filter(|(of, _)| *of == name))
            .map(|(_, file)| file)
    }

    /// The line that leaves the completion of a name to greenroom. Reinstalling moves its block to the end, where it wins.
    fn without_others(&self, name: &str) -> Hint {
        match (self.shell, self.file_of(name), &self.rc) {
            ("fish", Some(file), _) => Hint::script("mv {}", [[file, &format!("{file}.off")]]),
            ("fish", None, Some(rc)) => {
                Hint::script("grep -rn {}", [["complete.*".into(), rc.with_file_name("").into_os_string()]])
            }
            (shell, ..) => Hint::script(
                "greenroom completions {} --uninstall && greenroom completions {} --install",
                [[shell], [shell]],
            ),
        }
    }

    /// The line that adds a line to the startup file.
    fn append(&self, line: &str) -> Hint {
        match &self.rc {
            Some(rc) => Hint::script("echo {} >>{}", [[line.as_ref()], [rc.as_os_str()]]),
            None => Hint::text(format!("add to your startup file: {line}")),
        }
    }
}

/// Whether a program is in this folder, with links resolved.
fn is_in(program: &Path, folder: &Path) -> bool {
    fs::canonicalize(program).is_ok_and(|program| program.parent() == Some(folder))
}
