//! Which of the account's pipelines is the project's, where nothing in the repository says so.

use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::heroku::Pipeline;
use crate::hint::Hint;
use crate::text::nearest_first;

/// So many pipelines are listed, at most.
const LISTED: usize = 20;

/// The project's pipeline: the one that bears the name of the project, or the one that is chosen from a list where somebody
/// can be asked. Exit 3 where nothing tells.
pub(super) fn choose(context: &Context) -> Result<Pipeline> {
    let project = project_names(context)?;
    let name = project.first().map_or("", String::as_str);
    let all = context.heroku()?.pipelines()?;
    if all.is_empty() {
        let create = Hint::line(["greenroom", "setup", "--create", name]).note("makes one, with its apps");
        return Err(
            Error::unresolved("you have access to no pipeline, and nothing here names an app").hint(create)
        );
    }
    let sorted = nearest_first(&project, all, |pipeline| &pipeline.name);
    let alike: Vec<&Pipeline> = sorted.iter().filter(|pipeline| project.contains(&pipeline.name)).collect();
    let only = match alike.as_slice() {
        [only] => Some(*only),
        _ => None,
    };
    let options = &context.options;
    if context.terminal.can_ask() && !options.yes && !options.dry_run {
        return ask(context, &sorted, only);
    }
    only.cloned().ok_or_else(|| {
        let names: Vec<&str> = sorted.iter().take(LISTED).map(|pipeline| pipeline.name.as_str()).collect();
        let message = match alike.len() {
            0 => format!(
                "no pipeline is named {}; you have access to {}",
                project.join(" or "),
                names.join(", ")
            ),
            _ => format!("several pipelines may be this project's: {}", names[..alike.len()].join(", ")),
        };
        Error::unresolved(message).hint_line(["greenroom", "setup", "--pipeline", names[0]])
    })
}

/// Asks for one by number or name. `likely` is what Enter stands for.
fn ask(context: &Context, sorted: &[Pipeline], likely: Option<&Pipeline>) -> Result<Pipeline> {
    context.terminal.status("Your pipelines:");
    for (number, pipeline) in (1..).zip(sorted).take(LISTED) {
        context.terminal.status(&format!("{number:>4}  {}", pipeline.name));
    }
    let enter = likely.map(|likely| format!(", Enter for {}", likely.name)).unwrap_or_default();
    let answer = context.terminal.ask(&format!("Which one is this project's? Number or name{enter}:"))?;
    if answer.is_empty() {
        return likely.cloned().ok_or_else(|| {
            context.terminal.status("nothing was changed");
            Error::silent(Kind::Refused.exit_code())
        });
    }
    let by_number = answer.parse::<usize>().ok().and_then(|number| sorted.get(number.checked_sub(1)?));
    let found = by_number.or_else(|| sorted.iter().find(|pipeline| pipeline.name == answer));
    found.cloned().map_or_else(|| context.heroku()?.pipeline(&answer), Ok)
}

/// What the project may be called: the name of origin's repository, then that of the folder.
pub(super) fn project_names(context: &Context) -> Result<Vec<String>> {
    let origin = context.repository()?.and_then(|repository| {
        let origin = repository.remotes().into_iter().find(|remote| remote.name == "origin")?;
        let last = origin.url.trim_end_matches('/').rsplit(['/', ':', '\\']).next()?.to_owned();
        Some(last.strip_suffix(".git").map(str::to_owned).unwrap_or(last))
    });
    let folder = context.root()?.and_then(|root| Some(root.file_name()?.to_string_lossy().into_owned()));
    let mut names: Vec<String> = origin.into_iter().chain(folder).filter(|name| !name.is_empty()).collect();
    names.dedup();
    Ok(names)
}
