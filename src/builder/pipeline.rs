//! The pipeline for the apps of the prepare flow, each in its stage.

use super::apps::base_name;
use super::facts::Facts;
use crate::error::{Error, Result};
use crate::heroku::{Client, Owner, Pipeline};
use crate::hint::Hint;
use crate::model::Stage;

/// The pipeline, existing or to be created.
#[derive(Debug)]
pub enum TargetPipeline {
    /// It exists.
    Existing(Pipeline),
    /// It has to be created.
    New {
        /// Its name.
        name: String,
        /// Its owner.
        owner: Owner,
    },
}

impl TargetPipeline {
    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            TargetPipeline::Existing(pipeline) => &pipeline.name,
            TargetPipeline::New { name, .. } => name,
        }
    }

    /// Its id, if it exists.
    pub fn id(&self) -> Option<&str> {
        match self {
            TargetPipeline::Existing(pipeline) => Some(&pipeline.id),
            TargetPipeline::New { .. } => None,
        }
    }

    /// The pipeline for `apps`, each with the stage it belongs in, production first: the one that an app is in, else the one
    /// `asked` for, the `configured` one, or one named after production. Exit 5 where an app is elsewhere, which may be
    /// intended.
    pub fn find(
        client: &Client,
        apps: &[(&Facts, &Stage)],
        asked: Option<&str>,
        configured: Option<&str>,
    ) -> Result<Self> {
        let model = apps[0].0;
        let coupled = apps.iter().find_map(|(facts, _)| facts.coupling.as_ref());
        let home = match coupled {
            Some(coupling) => Self::Existing(coupling.pipeline.clone()),
            None => Self::named(client, asked.or(configured).unwrap_or(base_name(model.name())), model)?,
        };
        for (facts, stage) in apps {
            home.refuse_elsewhere(facts, stage, asked)?;
        }
        Ok(home)
    }

    fn named(client: &Client, name: &str, model: &Facts) -> Result<Self> {
        if let Some(pipeline) = client.find_pipeline(name)? {
            return Ok(Self::Existing(pipeline));
        }
        let owner = match &model.app.team {
            Some(team) => Owner { id: team.id.clone(), kind: "team" },
            None => client.account_as_owner()?,
        };
        Ok(Self::New { name: name.to_owned(), owner })
    }

    fn refuse_elsewhere(&self, facts: &Facts, stage: &Stage, asked: Option<&str>) -> Result<()> {
        let Some(coupling) = &facts.coupling else { return Ok(()) };
        let (at, name) = (&coupling.pipeline, facts.name());
        let is_here = self.id() == Some(at.id.as_str());
        let as_asked = asked.is_none_or(|asked| asked == at.name || asked == at.id);
        if is_here && as_asked && coupling.stage == *stage {
            return Ok(());
        }
        let to = if as_asked { self.name() } else { asked.unwrap_or_default() };
        let error = Error::refused(format!(
            "{name} is in stage {} of pipeline {}, not in stage {stage} of {to}",
            coupling.stage, at.name
        ));
        let stays = is_here && as_asked;
        Err(error.hint(if stays {
            Hint::about(name, ["pipelines:update", "--stage", stage.as_str()]).note("if it belongs there")
        } else {
            Hint::about(name, ["pipelines:remove"]).note("if it does not belong there")
        }))
    }
}
