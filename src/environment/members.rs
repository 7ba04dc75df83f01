//! Several environments in one word, as `greenroom on` takes them: `staging,qa-*,staging@APP,42`.

use std::collections::BTreeSet;

use super::Selector;
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::model::AppName;
use crate::names::check_name;

/// One environment of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The environment's name; `review` for a review app.
    pub name: String,
    /// What follows the name: a review app's selector, or `--only APP`.
    pub words: Vec<String>,
    /// The member as it was typed.
    pub label: String,
}

impl Member {
    fn whole(name: &str) -> Self {
        Self { name: name.to_owned(), words: Vec::new(), label: name.to_owned() }
    }
}

/// The environments that `list` names, in its order, each once; patterns match the `known` names.
///
/// Exit 2 for what cannot be an environment, 3 for a pattern that matches none.
pub fn members(list: &str, known: &[String]) -> Result<Vec<Member>> {
    let mut members = Vec::new();
    for part in list.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        if !part.contains('*') {
            members.push(member(part)?);
            continue;
        }
        let matching: Vec<_> = known.iter().filter(|name| matches(part, name)).collect();
        if matching.is_empty() {
            return Err(Error::unresolved(format!("no known environment matches {part:?}"))
                .hint(Hint::text(format!("known here: {}", known.join(", ")))));
        }
        members.extend(matching.into_iter().map(|name| Member::whole(name)));
    }
    let mut seen = BTreeSet::new();
    members.retain(|member: &Member| seen.insert(member.label.clone()));
    if members.is_empty() {
        return Err(Error::usage("no environment given").hint("greenroom on staging,production ps"));
    }
    Ok(members)
}

/// `staging`, `staging@APP`, or a review app's pull request.
fn member(part: &str) -> Result<Member> {
    let label = part.to_owned();
    if Selector::unmistakable(part).is_some() {
        return Ok(Member { name: "review".to_owned(), words: vec![label.clone()], label });
    }
    let (name, app) = part.split_once('@').map_or((part, None), |(name, app)| (name, Some(app)));
    check_name(name).map_err(|message| Error::usage(message).hint("greenroom on --help"))?;
    let Some(app) = app else { return Ok(Member::whole(name)) };
    let app: AppName = app.parse().map_err(|bad: crate::model::BadAppName| Error::usage(bad.to_string()))?;
    Ok(Member { name: name.to_owned(), words: vec!["--only".to_owned(), app.to_string()], label })
}

/// Whether `name` fits `pattern`, in which `*` matches any letters.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == name };
    let Some(rest) = name.strip_prefix(head) else { return false };
    (0..=rest.len()).any(|skipped| rest.get(skipped..).is_some_and(|rest| matches(tail, rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(list: &str, known: &[&str]) -> Vec<String> {
        let known: Vec<String> = known.iter().map(|name| (*name).to_owned()).collect();
        members(list, &known).unwrap().into_iter().map(|member| member.label).collect()
    }

    #[test]
    fn patterns_match_whole_names() {
        assert!(matches("qa-*", "qa-1") && matches("*", "x") && matches("*-eu", "qa-eu"));
        assert!(matches("a*b*c", "a1b2c"));
        assert!(!matches("qa-*", "staging") && !matches("qa", "qa-1") && !matches("a*b", "a1b2"));
    }

    #[test]
    fn each_environment_is_chosen_once_and_in_order() {
        let known = ["production", "qa-1", "qa-2"];
        assert_eq!(labels("staging, qa-*,qa-1", &known), ["staging", "qa-1", "qa-2"]);
        assert_eq!(members("ci-*", &[]).unwrap_err().kind().exit_code(), 3);
        assert_eq!(members("../x", &[]).unwrap_err().kind().exit_code(), 2);
        assert_eq!(members(" , ", &[]).unwrap_err().kind().exit_code(), 2);
    }

    #[test]
    fn one_app_and_review_apps_can_be_chosen() {
        let chosen = members("staging@playhouse-eu,42", &[]).unwrap();
        assert_eq!(
            (chosen[0].name.as_str(), chosen[0].words.join(" ").as_str()),
            ("staging", "--only playhouse-eu")
        );
        assert_eq!((chosen[1].name.as_str(), chosen[1].words.join(" ").as_str()), ("review", "42"));
        assert_eq!(members("staging@X", &[]).unwrap_err().kind().exit_code(), 2);
    }
}
