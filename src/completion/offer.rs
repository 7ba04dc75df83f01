//! The values offered for an argument.

use std::ffi::{OsStr, OsString};

use super::cursor::ExpectedValue;
use super::heads::heads;
use super::local;
use crate::alias;
use crate::commands::Table;
use crate::context::{Context, Options};
use crate::environment::{self, Member, Selector};
use crate::error::Result;
use crate::heroku_cli::Catalog;
use crate::inventory::{self, Resource};
use crate::shells::{Answer, Candidate, Paths};
use crate::text::join;
use crate::values::Words;

/// The environment that the line is typed for.
pub(super) struct Offer {
    context: Context,
}

impl Offer {
    /// For environment `name`; nothing is read yet. `selector` is the review app, by default the current branch's.
    pub(super) fn of(name: &str, selector: Option<Selector>) -> Self {
        let selector = selector.or_else(|| (name == "review").then_some(Selector::CurrentBranch));
        Self { context: Context::new(name, Options::default(), selector) }
    }

    /// The environment's name.
    pub(super) fn name(&self) -> &str {
        &self.context.name
    }

    /// Whether it was typed which review app is meant.
    pub(super) fn is_selected(&self) -> bool {
        self.context.selector().is_some_and(|selector| *selector != Selector::CurrentBranch)
    }

    /// The names of commands and aliases that begin with `typed`.
    pub(super) fn heads(&self, table: &Table, theirs: Option<&Catalog>, typed: &str) -> Vec<Candidate> {
        let mut heads = heads(table, theirs, typed);
        let aliases = alias::usable(&self.context, table);
        let aliases = aliases.into_iter().filter(|(name, _)| name.starts_with(typed));
        add(&mut heads, aliases.map(|(name, alias)| Candidate::new(name, &join(&alias.words))).collect());
        heads
    }

    /// Whether `word` is an alias.
    pub(super) fn is_alias(&self, word: &OsStr) -> bool {
        alias::is_alias(&self.context, word)
    }

    /// What the alias `word` stands for.
    pub(super) fn alias(&self, table: &Table, word: &OsStr) -> Option<Vec<OsString>> {
        alias::words(&self.context, table, word).ok()?
    }

    /// The values for the place at the cursor of `current`.
    pub(super) fn values(&self, expected: &ExpectedValue<'_>, current: &str) -> Answer {
        let (before, typed) = current.split_at(expected.after);
        let mut answer = Answer::default();
        let options = expected.value.options.iter().map(|option| Candidate::new(option, ""));
        answer.candidates.extend(options);
        for source in &expected.value.words {
            match source {
                Words::Files => answer.paths = Some(Paths { after: expected.after, folders: false }),
                Words::Folders => answer.paths = Some(Paths { after: expected.after, folders: true }),
                Words::LocalCommand | Words::DynoCommand => {
                    answer.paths = Some(Paths { after: expected.after, folders: false });
                    if expected.given.is_empty() {
                        add(&mut answer.candidates, self.of_source(*source, typed));
                    }
                }
                source => add(&mut answer.candidates, self.of_source(*source, typed)),
            }
        }
        // A name from a repository or from Heroku must not be read as a flag: git allows a tag named `--yes`.
        let is_flag = |candidate: &Candidate| before.is_empty() && candidate.word.starts_with('-');
        answer.candidates.retain(|candidate| !was_given(candidate, &expected.given) && !is_flag(candidate));
        answer.candidates = matching(answer.candidates, typed);
        answer.candidates = behind(before, answer.candidates);
        if expected.value.delimiter.is_some() {
            // Another value may follow in the same word, unless the word is already complete.
            answer.candidates.iter_mut().for_each(|candidate| candidate.goes_on = candidate.word != current);
        }
        answer
    }

    /// The first environment in `list`, parsed as `greenroom on` does.
    pub(super) fn first_of(&self, list: &str) -> Option<Member> {
        let chosen =
            self.context.with_project(|project| environment::members(list, &environment::known(project)));
        chosen.ok()?.into_iter().next()
    }

    /// All values of a source; none if it cannot be read.
    fn of_source(&self, source: Words, typed: &str) -> Vec<Candidate> {
        self.known(source, typed).unwrap_or_default()
    }

    fn known(&self, source: Words, typed: &str) -> Result<Vec<Candidate>> {
        Ok(match source {
            Words::These(words) => words.iter().map(|word| Candidate::new(word, "")).collect(),
            Words::Live(kind) => self.live(kind, typed),
            Words::LiveOf(name, kind) => Offer::of(name, None).live(kind, typed),
            Words::Assignment => goes_on(self.live(Resource::ConfigVars, typed), '='),
            Words::Scale => match typed.split_once('=') {
                Some((name, amount)) => self.scaled(name, amount),
                None => goes_on(self.process_types()?, '='),
            },
            Words::Resize => match typed.split_once('=') {
                Some((name, _)) => behind(&format!("{name}="), self.live(Resource::DynoSizes, "")),
                None => [goes_on(self.process_types()?, '='), self.live(Resource::DynoSizes, "")].concat(),
            },
            Words::EnvironmentList if typed.contains('@') => {
                let (name, _) = typed.split_once('@').unwrap_or_default();
                behind(&format!("{name}@"), Offer::of(name, None).live(Resource::OwnApps, ""))
            }
            Words::Environments | Words::EnvironmentList => local::environments(&self.context)?,
            Words::OtherEnvironments => local::environments(&self.context)?
                .into_iter()
                .filter(|other| other.word != self.context.name)
                .collect(),
            Words::Upstream => local::upstream(&self.context.name, local::environments(&self.context)?),
            Words::Commits => local::commits(&self.context)?,
            Words::Branches => local::branches(&self.context, true)?,
            Words::ReviewNumbers => {
                self.live(Resource::ReviewApps, "").into_iter().filter(is_number).collect()
            }
            Words::ReviewBranches => self.review_branches(),
            Words::Remotes => local::remotes(&self.context)?,
            Words::LocalCommand => local::programs(typed),
            Words::DynoCommand => local::process_types(&self.context)?,
            Words::Free | Words::Files | Words::Folders | Words::Line => Vec::new(),
        })
    }

    /// The branches of the review apps, each with its pull request. A branch's name that was cut to fit a line is left out.
    pub(super) fn review_branches(&self) -> Vec<Candidate> {
        let apps = self.live(Resource::ReviewApps, "").into_iter();
        let branch = |app: Candidate| match is_number(&app) {
            true if app.help.ends_with('…') => None,
            true => Some(Candidate::new(&app.help, &format!("#{}", app.word))),
            false => Some(app),
        };
        apps.filter_map(branch).collect()
    }

    /// Heroku's names that begin with `typed`, ignoring case.
    pub(super) fn live(&self, resource: Resource, typed: &str) -> Vec<Candidate> {
        inventory::known(&self.context, resource, typed)
    }

    /// The app's process types, and those in the Procfile.
    fn process_types(&self) -> Result<Vec<Candidate>> {
        let mut types = self.live(Resource::ProcessTypes, "");
        for planned in local::process_types(&self.context)? {
            if planned.word != "release" && !types.iter().any(|there| there.word == planned.word) {
                types.push(planned);
            }
        }
        Ok(types)
    }

    /// After `web=2:` the dyno sizes; the number of dynos is never offered.
    fn scaled(&self, name: &str, amount: &str) -> Vec<Candidate> {
        match amount.split_once(':') {
            Some((quantity, _)) => behind(&format!("{name}={quantity}:"), self.live(Resource::DynoSizes, "")),
            None => Vec::new(),
        }
    }
}

/// Whether a review app's word is its pull request's number; the branch is its help then.
pub(super) fn is_number(app: &Candidate) -> bool {
    !app.word.is_empty() && app.word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the word was given already: `web=` is, if `web=2` was typed.
fn was_given(candidate: &Candidate, given: &[String]) -> bool {
    let word = &candidate.word;
    given.iter().any(|given| given == word || (candidate.goes_on && given.starts_with(word)))
}

/// The words with a prefix.
pub(super) fn behind(before: &str, mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    for candidate in candidates.iter_mut().filter(|_| !before.is_empty()) {
        candidate.word.insert_str(0, before);
    }
    candidates
}

/// The words with a suffix such as `=`, after which more is typed.
fn goes_on(mut candidates: Vec<Candidate>, sign: char) -> Vec<Candidate> {
    for candidate in &mut candidates {
        candidate.word.push(sign);
        candidate.goes_on = true;
    }
    candidates
}

/// The words that begin with `typed`. If there are none and `typed` has no capitals, case is ignored: `dat`
/// finds `DATABASE_URL`.
pub(super) fn matching(mut candidates: Vec<Candidate>, typed: &str) -> Vec<Candidate> {
    let begins_so = |candidate: &Candidate| candidate.word.starts_with(typed);
    if candidates.iter().any(begins_so) || typed.chars().any(char::is_uppercase) {
        candidates.retain(begins_so);
    } else {
        candidates.retain(|candidate| begins(&candidate.word, typed));
    }
    candidates
}

/// Whether a word begins with `typed`, ignoring case.
pub(super) fn begins(word: &str, typed: &str) -> bool {
    let start = word.as_bytes().get(..typed.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(typed.as_bytes()))
}

/// Adds the words that are not in the list yet: two sources may offer the same word.
fn add(candidates: &mut Vec<Candidate>, more: Vec<Candidate>) {
    let count = candidates.len();
    candidates.reserve(more.len());
    for candidate in more {
        if !candidates[..count].iter().any(|there| there.word == candidate.word) {
            candidates.push(candidate);
        }
    }
}
