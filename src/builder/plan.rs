//! The setup plan of the prepare flow: what exists already, and the steps for what is missing.

use std::ops::{Deref, DerefMut};

use super::facts::{Builder, Facts, METADATA};
use super::pipeline::TargetPipeline;
use crate::heroku::{
    ConfigVars, buildpack_name, create_app, enable_feature, set_buildpacks, set_config_vars,
};
use crate::model::{AppName, CommitId, Stage};
use crate::steps::{self, PlanItem, Step};

/// The plan of the prepare flow.
pub struct Plan(steps::Plan);

impl Deref for Plan {
    type Target = steps::Plan;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Plan {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl Plan {
    /// An empty plan for apps in this pipeline.
    pub fn new(home: &TargetPipeline) -> Self {
        Self(steps::Plan { lines: Vec::new(), pipeline: home.id().map(str::to_owned) })
    }

    /// The app `name`, created like `model`.
    pub fn app(&mut self, name: &AppName, there: Option<&Builder>, model: &Facts) {
        self.lines.push(if there.is_some() {
            PlanItem::there(format!("app {name}"))
        } else {
            let step = Step::CreateApp(
                name.clone(),
                create_app(name, &model.app),
                "prepare setup --app NAME".into(),
            );
            PlanItem::to_do(format!("create app {name}{}", place(model)), step)
        });
    }

    /// The buildpacks of `model`; existing ones are not changed.
    pub fn buildpacks(&mut self, name: &AppName, there: Option<&Builder>, model: &Facts) {
        let has = there.map_or(&[][..], |builder| &builder.facts.buildpacks);
        let listed =
            |urls: &[String]| urls.iter().map(|url| buildpack_name(url)).collect::<Vec<_>>().join(", ");
        if !has.is_empty() {
            self.lines.push(PlanItem::there(format!("buildpacks {}", listed(has))));
        } else if !model.buildpacks.is_empty() {
            let step = Step::Change(set_buildpacks(name, &model.buildpacks));
            let text = format!("set buildpacks {}, as {} has them", listed(&model.buildpacks), model.name());
            self.lines.push(PlanItem::to_do(text, step));
        }
    }

    /// These config vars of the model; existing ones are not changed.
    pub fn config(&mut self, name: &AppName, there: Option<&Builder>, model: &Facts, wanted: ConfigVars) {
        let has = |var: &String| there.is_some_and(|builder| builder.config.vars.contains_key(var));
        let (there, missing): (ConfigVars, ConfigVars) = wanted.into_iter().partition(|(var, _)| has(var));
        if !there.is_empty() {
            self.lines.push(PlanItem::there(format!("config vars {}", names(&there))));
        }
        if !missing.is_empty() {
            let text = format!("copy config vars {} from {}", names(&missing), model.name());
            self.lines.push(PlanItem::to_do(text, Step::Change(set_config_vars(name, &missing))));
        }
    }

    /// The feature that tells dynos the commit they run.
    pub fn metadata(&mut self, name: &AppName, there: Option<&Builder>) {
        self.lines.push(if there.is_some_and(|builder| builder.metadata) {
            PlanItem::there(format!("feature {METADATA}"))
        } else {
            PlanItem::to_do(
                format!("enable feature {METADATA}"),
                Step::Change(enable_feature(name, METADATA)),
            )
        });
    }

    /// The pipeline.
    pub fn pipeline(&mut self, home: &TargetPipeline) {
        self.lines.push(match home {
            TargetPipeline::Existing(pipeline) => PlanItem::there(format!("pipeline {}", pipeline.name)),
            TargetPipeline::New { name, owner } => {
                let step = Step::CreatePipeline(name.clone(), owner.clone());
                PlanItem::to_do(format!("create pipeline {name}"), step)
            }
        });
    }

    /// An app in its stage of the pipeline.
    pub fn stage(&mut self, name: &AppName, stage: Stage, is_there: bool) {
        self.lines.push(if is_there {
            PlanItem::there(format!("{name} in stage {stage}"))
        } else {
            PlanItem::to_do(format!("put {name} in stage {stage}"), Step::Couple(name.clone(), stage))
        });
    }

    /// The git remote.
    pub fn remote(&mut self, name: &str, url: &str, is_there: bool) {
        self.lines.push(if is_there {
            PlanItem::there(format!("git remote {name}"))
        } else {
            let step = Step::AddRemote(name.to_owned(), url.to_owned());
            PlanItem::to_do(format!("add git remote {name}, {url}"), step)
        });
    }

    /// A first slug, of `commit`, if the app has none.
    pub fn slug(&mut self, commit: &CommitId, there: Option<&Builder>) {
        self.lines.push(if there.is_some_and(Builder::has_slug) {
            PlanItem::there("a slug")
        } else {
            PlanItem::to_do(format!("build its first slug, of {}", commit.short()), Step::FirstBuild)
        });
    }

    /// No dynos: the app only builds, and its first slug starts a web dyno. Dynos that somebody may have scaled are kept.
    pub fn no_dynos(&mut self, name: &AppName, there: Option<&Builder>) {
        let running = there.map(Builder::dynos).unwrap_or_default();
        let builds = self.steps().any(|(_, step)| matches!(step, Step::FirstBuild));
        self.lines.push(if builds || there.is_some_and(Builder::has_first_dynos) {
            let kinds = there.into_iter().flat_map(Builder::running).map(|formation| formation.kind.clone());
            let kinds: Vec<_> = if running.is_empty() { vec!["web".to_owned()] } else { kinds.collect() };
            let text = if running.is_empty() { "web" } else { &running };
            PlanItem::to_do(format!("scale {text} to 0"), Step::ScaleDown(name.clone(), kinds))
        } else if running.is_empty() {
            PlanItem::there("no dynos")
        } else {
            PlanItem::there(format!("dynos {running}"))
        });
    }
}

/// Where an app is created: ` in team stagehands, in region eu, on heroku-24`.
fn place(model: &Facts) -> String {
    let team = model.team().map(|team| format!(" in team {team},")).unwrap_or_default();
    let region = match &model.app.space {
        Some(space) => format!("space {}", space.name),
        None => format!("region {}", model.region()),
    };
    format!("{team} in {region}, on {}", model.app.builds_on())
}

fn names(vars: &ConfigVars) -> String {
    vars.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}
