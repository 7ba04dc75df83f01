//! Drift: differences between the app that builds and the apps its slugs are promoted to.

use serde::Serialize;

use super::facts::{Builder, Facts, METADATA};
use super::survey::Survey;
use crate::heroku::buildpack_name;
use crate::hint::Hint;

/// The result of one comparison.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// How serious it is.
    pub level: Level,
    /// What was compared, such as `stack`.
    pub about: &'static str,
    /// What was found.
    pub message: String,
    /// The command that fixes a drift.
    #[serde(skip)]
    pub fix: Option<Hint>,
}

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// No difference.
    Ok,
    /// A difference that affects neither promotions nor slugs.
    Note,
    /// A difference that can break a promotion, or build another slug than production would.
    Drift,
}

impl Finding {
    /// A finding that needs no fix.
    pub fn new(level: Level, about: &'static str, message: impl Into<String>) -> Self {
        Self { level, about, message: message.into(), fix: None }
    }
}

impl Level {
    /// One word.
    pub fn word(self) -> &'static str {
        match self {
            Level::Ok => "ok",
            Level::Note => "note",
            Level::Drift => "drift",
        }
    }
}

/// All findings. `named` are the config vars that builds read; without any, all that people set on the app that builds.
pub fn findings(survey: &Survey<'_>, builder: &Builder, named: &[String]) -> Vec<Finding> {
    let mut found = Findings::default();
    for target in survey.targets() {
        found.targets(&builder.facts, target, survey.model());
    }
    found.stages(survey);
    found.config(survey, builder, named);
    found.addons(survey, builder);
    let running: Vec<_> = builder.running().map(|formation| formation.kind.as_str()).collect();
    let scaled = format!("{} has dynos for {}", survey.name, running.join(", "));
    found.expect_note(running.is_empty(), "dynos", "none", scaled);
    found.expect_note(builder.metadata, "feature", METADATA, format!("{METADATA} is off"));
    found.0
}

/// The findings so far.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    /// Adds a finding: `fine` where it `is_fine`, else a drift with its fix.
    fn expect(&mut self, is_fine: bool, about: &'static str, fine: &str, other: String, fix: Hint) {
        self.0.push(if is_fine {
            Finding::new(Level::Ok, about, fine)
        } else {
            Finding { fix: Some(fix), ..Finding::new(Level::Drift, about, other) }
        });
    }

    /// The same for a difference that needs no fix.
    fn expect_note(&mut self, is_fine: bool, about: &'static str, fine: &str, other: String) {
        let (level, message) = if is_fine { (Level::Ok, fine.to_owned()) } else { (Level::Note, other) };
        self.0.push(Finding::new(level, about, message));
    }

    /// What must be the same on a target of promotions. The fix is for the app that differs from the model.
    fn targets(&mut self, ours: &Facts, theirs: &Facts, model: &Facts) {
        let (our_name, their_name, right) = (ours.name(), theirs.name(), model.name());
        let differ = |one: &str, other: &str| format!("{our_name}: {one}; {their_name}: {other}");
        let same = |what: &str| format!("{what}, as {their_name}");
        let wrong = |like_model: bool| if like_model { their_name } else { our_name };
        let (one, other) = (stacks(ours), stacks(theirs));
        let wrong_one = wrong(one == stacks(model));
        let fix = Hint::about(wrong_one, ["stack:set", model.app.builds_on()]);
        self.expect(one == other, "stack", &same(&one), differ(&one, &other), fix);
        // An app that never builds may have none.
        let (one, other) = (buildpacks(ours), buildpacks(theirs));
        let is_same = ours.buildpacks == theirs.buildpacks || theirs.buildpacks.is_empty();
        let fix = if model.buildpacks.is_empty() {
            Hint::about(their_name, ["buildpacks"]).note(format!("what {our_name} should have"))
        } else {
            let wrong_one = wrong(ours.buildpacks == model.buildpacks);
            Hint::about(right, ["buildpacks"]).note(format!("what {wrong_one} should have"))
        };
        self.expect(is_same, "buildpacks", &same(&one), differ(&one, &other), fix);
        let (one, other) = (ours.team_words(), theirs.team_words());
        let wrong_one = wrong(one == model.team_words());
        let fix = Hint::about(wrong_one, ["apps:transfer", model.team().unwrap_or("EMAIL")]);
        self.expect(one == other, "team", &same(&one), differ(&one, &other), fix);
        let (one, other) = (ours.region(), theirs.region());
        self.expect_note(one == other, "region", &same(one), differ(one, other));
    }

    /// Every app must be in its stage of production's pipeline.
    fn stages(&mut self, survey: &Survey<'_>) {
        let home = survey.model().coupling.as_ref().map(|coupling| &coupling.pipeline);
        for (name, facts, stage) in survey.stages() {
            let coupling = facts.and_then(|facts| facts.coupling.as_ref());
            let is_there = coupling.is_some_and(|coupling| {
                coupling.stage == stage && home.is_some_and(|home| home.id == coupling.pipeline.id)
            });
            let at = coupling.map_or(format!("{name} is in no pipeline"), |coupling| {
                format!("{name} is in stage {} of {}", coupling.stage, coupling.pipeline.name)
            });
            let pipeline = home.map_or("the pipeline", |home| &home.name);
            let wrong = format!("{at}, not in stage {stage} of {pipeline}");
            self.expect(is_there, "pipeline", &at, wrong, "prepare setup".into());
        }
    }

    /// Config vars, by name. Values are compared and never shown.
    fn config(&mut self, survey: &Survey<'_>, builder: &Builder, named: &[String]) {
        // Config vars of production's add-ons must differ.
        let own = builder.config.own_names().filter(|name| !survey.config.from_addons.contains(*name));
        let read: Vec<&str> =
            if named.is_empty() { own.collect() } else { named.iter().map(String::as_str).collect() };
        let model = survey.model().name();
        for name in read {
            let (ours, theirs) = (builder.config.vars.get(name), survey.config.vars.get(name));
            let wrong = match (ours, theirs) {
                (Some(_), Some(_)) => format!("{name} differs from {model}'s"),
                (None, Some(_)) => format!("{name} is not on {}", survey.name),
                (Some(_), None) => format!("{name} is not on {model}"),
                (None, None) => format!("{name} is on neither {} nor {model}", survey.name),
            };
            let is_same = ours.is_some() && ours == theirs;
            let fix = "prepare check --config NAME   # if builds read nothing but NAME".into();
            self.expect(is_same, "config", &format!("{name}, as {model}"), wrong, fix);
        }
    }

    /// The app that builds must not have access to production's data.
    fn addons(&mut self, survey: &Survey<'_>, builder: &Builder) {
        let shared = |name: &&String| {
            let ours = builder.config.vars.get(*name);
            ours.is_some() && ours == survey.config.vars.get(*name)
        };
        let shared: Vec<&str> = survey.config.from_addons.iter().filter(shared).map(String::as_str).collect();
        let wrong =
            format!("{} has the add-on's {} of {}", survey.name, shared.join(", "), survey.model().name());
        let fix = Hint::about(survey.name, ["config:unset"].iter().chain(&shared));
        self.expect(shared.is_empty(), "add-ons", "none of production's", wrong, fix);
    }
}

/// The stack that an app runs on, and the one it builds on where that differs.
fn stacks(facts: &Facts) -> String {
    let runs = facts.app.stack.as_ref().map_or("", |stack| stack.name.as_str());
    match facts.app.builds_on() {
        builds if builds == runs => runs.to_owned(),
        builds => format!("{runs} (builds on {builds})"),
    }
}

fn buildpacks(facts: &Facts) -> String {
    let names: Vec<&str> = facts.buildpacks.iter().map(|url| buildpack_name(url)).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
