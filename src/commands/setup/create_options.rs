//! The options of a new project.

use std::ffi::OsString;

use crate::setup::{Service, Wanted};

/// What a new project is made of, and where.
#[derive(clap::Args, Debug)]
pub(super) struct CreateOptions {
    /// Create the apps NAME-production and NAME-staging, and a pipeline for them
    #[arg(long, value_name = "NAME")]
    create: Option<String>,

    /// Create NAME-prepare as well, the app that builds slugs while the tests run
    #[arg(long, requires = "create")]
    prepare: bool,

    /// The team that owns the apps [default: your account]
    #[arg(long, value_name = "NAME", requires = "create")]
    team: Option<String>,

    /// The private space that the apps run in
    #[arg(long, value_name = "NAME", requires = "create", conflicts_with = "region")]
    space: Option<String>,

    /// The apps' region [default: us]
    #[arg(long, value_name = "NAME", requires = "create")]
    region: Option<String>,

    /// The apps' stack [default: Heroku's]
    #[arg(long, value_name = "NAME", requires = "create")]
    stack: Option<String>,

    /// Write Procfile and app.json where they are missing
    #[arg(long, requires = "create")]
    pub(super) write_files: bool,

    /// Write the pipeline file of this CI service
    #[arg(long, value_name = "SERVICE", requires = "create")]
    ci: Option<Service>,
}

impl CreateOptions {
    /// The new project that is asked for, if one is.
    pub(super) fn wanted<'a>(&'a self, pipeline: Option<&'a str>) -> Option<Wanted<'a>> {
        Some(Wanted {
            name: self.create.as_deref()?,
            pipeline,
            prepare: self.prepare,
            team: self.team.as_deref(),
            space: self.space.as_deref(),
            region: self.region.as_deref(),
            stack: self.stack.as_deref(),
            write_files: self.write_files,
            ci: self.ci,
        })
    }
}

/// The words to type again behind `greenroom`.
pub(super) fn words(pipeline: Option<&str>, create: &CreateOptions, no_completion: bool) -> Vec<OsString> {
    let words = if let Some(wanted) = create.wanted(pipeline) {
        wanted.words(wanted.name).into_iter().skip(1).collect()
    } else {
        let pipeline = pipeline.into_iter().flat_map(|name| ["--pipeline", name]);
        ["setup"].into_iter().chain(pipeline).map(OsString::from).collect::<Vec<_>>()
    };
    words.into_iter().chain(no_completion.then(|| "--no-completion".into())).collect()
}
