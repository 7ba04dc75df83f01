//! The arguments that select dynos, as `ps:restart` and `ps:stop` of the Heroku CLI take them.

use std::ffi::OsString;

use crate::inventory::Resource;
use crate::model::DynoSelection;
use crate::values::Words;

/// The values that completion offers for [`SelectedDynos`].
pub const SELECTED: [(&str, &[Words]); 3] = [
    ("dyno", &[Words::Live(Resource::Dynos)]),
    ("dyno_name", &[Words::Live(Resource::Dynos)]),
    ("process_type", &[Words::Live(Resource::ProcessTypes)]),
];

/// A dyno or a process type; none means all dynos.
#[derive(clap::Args, Debug)]
pub struct SelectedDynos {
    /// One dyno, such as web.1
    #[arg(value_name = "DYNO", value_parser = DynoSelection::parse_dyno)]
    dyno: Option<DynoSelection>,
    /// One dyno, such as web.1
    #[arg(short, long, value_name = "DYNO", value_parser = DynoSelection::parse_dyno, conflicts_with = "dyno")]
    dyno_name: Option<DynoSelection>,
    /// All dynos of this process type, such as web
    #[arg(
        short,
        long,
        value_name = "TYPE",
        value_parser = DynoSelection::parse_type,
        conflicts_with_all = ["dyno", "dyno_name"]
    )]
    process_type: Option<DynoSelection>,
}

impl SelectedDynos {
    /// The dynos.
    pub fn selection(&self) -> &DynoSelection {
        let given = self.dyno.as_ref().or(self.dyno_name.as_ref()).or(self.process_type.as_ref());
        given.unwrap_or(&DynoSelection::All)
    }

    /// The arguments as they are typed again.
    pub fn words(&self) -> Vec<OsString> {
        match self.selection() {
            DynoSelection::All => Vec::new(),
            DynoSelection::Type(name) => vec!["--process-type".into(), name.into()],
            DynoSelection::Named(name) => vec!["--dyno-name".into(), name.into()],
        }
    }
}
