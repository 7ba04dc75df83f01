//! Paged lists: the `Range` header of the Platform API (`version ..; max=15, order=desc`), 206 with `Next-Range`, and
//! 200 for the last page, without which the official CLI's paginator never ends (`docs/heroku.md#lists`).

use std::cmp::Ordering;

use serde_json::Value;

use crate::http::answer::Answer;

const PAGE: usize = 200;
const LONGEST_PAGE: usize = 1000;
const FIELDS: [&str; 6] = ["id", "name", "version", "created_at", "started_at", "seq"];

/// A parsed `Range` header.
#[derive(Debug, PartialEq, Eq)]
struct Range {
    field: String,
    start: Option<Bound>,
    end: Option<Bound>,
    max: usize,
    descending: bool,
}

#[derive(Debug, PartialEq, Eq)]
struct Bound {
    value: String,
    /// Written `]value`: the value itself is excluded.
    exclusive: bool,
}

/// Reduces a list to the page that `header` asks for; other answers are not changed.
pub(crate) fn page(answer: Answer, header: Option<&str>) -> Answer {
    let Value::Array(items) = answer.body else { return answer };
    let range = match header.map_or_else(|| Some(Range::whole()), Range::parse) {
        Some(range) if header.is_none() || items.iter().all(|item| !range.of(item).is_null()) => range,
        _ => return Answer::usual(416),
    };
    let mut chosen: Vec<Value> = items;
    if header.is_some() {
        if range.descending {
            // Items with the same time are sorted newest first, too.
            chosen.reverse();
        }
        chosen.sort_by(|a, b| range.order(range.of(a), range.of(b)));
        chosen.retain(|item| range.holds(range.of(item)));
    }
    let more = chosen.len() > range.max;
    if more && header.is_none() {
        // The next page is asked for by id.
        chosen.sort_by(|a, b| range.order(range.of(a), range.of(b)));
    }
    chosen.truncate(range.max);
    let mut page = Answer { status: if more { 206 } else { answer.status }, body: Value::Null, ..answer };
    page = page.with("Accept-Ranges", FIELDS.join(", "));
    if let (Some(first), Some(last)) = (chosen.first(), chosen.last()) {
        let (first, last) = (text(range.of(first)), text(range.of(last)));
        let max = range.max;
        page = page.with("Content-Range", format!("{} {first}..{last}; max={max}", range.field));
        if more {
            page = page.with("Next-Range", range.after(&last));
        }
    }
    page.body = Value::Array(chosen);
    page
}

impl Range {
    fn whole() -> Self {
        Self { field: "id".to_owned(), start: None, end: None, max: PAGE, descending: false }
    }

    /// The value that an item is sorted by. A build has its creation time under the name `started_at` only.
    fn of<'a>(&self, item: &'a Value) -> &'a Value {
        &item[if self.field == "started_at" { "created_at" } else { &self.field }]
    }

    /// `field [start]..[end][; max=N][, order=desc][;]`; `None` when it is not understood.
    fn parse(header: &str) -> Option<Self> {
        let (bounds, parameters) = header.split_once(';').unwrap_or((header, ""));
        let (field, bounds) = bounds.trim().split_once(' ').unwrap_or((bounds.trim(), ".."));
        if !FIELDS.contains(&field) {
            return None;
        }
        let (start, end) = bounds.trim().split_once("..")?;
        let mut range =
            Self { field: field.to_owned(), start: bound(start), end: bound(end), ..Self::whole() };
        for parameter in parameters.split([',', ';']).map(str::trim).filter(|word| !word.is_empty()) {
            match parameter.split_once('=')? {
                ("max", count) => range.max = count.parse().ok().filter(|max| *max > 0)?,
                ("order", order) => range.descending = order == "desc",
                _ => return None,
            }
        }
        range.max = range.max.min(LONGEST_PAGE);
        Some(range)
    }

    /// The header that asks for the items after `last`.
    fn after(&self, last: &str) -> String {
        let end = self.end.as_ref().map_or(String::new(), |bound| {
            format!("{}{}", bound.value, if bound.exclusive { "[" } else { "" })
        });
        let order = if self.descending { ", order=desc" } else { "" };
        format!("{} ]{last}..{end}; max={}{order}", self.field, self.max)
    }

    fn order(&self, a: &Value, b: &Value) -> Ordering {
        let order = compare(a, b);
        if self.descending { order.reverse() } else { order }
    }

    /// Whether a value lies between the bounds, in sort order.
    fn holds(&self, value: &Value) -> bool {
        let past = |bound: &Bound| {
            let other = bound.value.parse::<i64>().map_or_else(|_| Value::from(&*bound.value), Value::from);
            let order = if value.is_string() {
                self.order(value, &Value::from(&*bound.value))
            } else {
                self.order(value, &other)
            };
            (order, bound.exclusive)
        };
        let after_start = self.start.as_ref().is_none_or(|start| match past(start) {
            (Ordering::Equal, exclusive) => !exclusive,
            (order, _) => order == Ordering::Greater,
        });
        let before_end = self.end.as_ref().is_none_or(|end| match past(end) {
            (Ordering::Equal, exclusive) => !exclusive,
            (order, _) => order == Ordering::Less,
        });
        after_start && before_end
    }
}

fn bound(text: &str) -> Option<Bound> {
    let value = text.trim().trim_start_matches(']').trim_end_matches('[');
    let exclusive = value.len() != text.trim().len();
    (!value.is_empty()).then(|| Bound { value: value.to_owned(), exclusive })
}

fn compare(a: &Value, b: &Value) -> Ordering {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => text(a).cmp(&text(b)),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn versions(header: &str) -> (u16, Vec<i64>, Option<String>) {
        let list = (1..=7).map(|version| json!({ "version": version })).collect();
        let answer = page(Answer::ok(Value::Array(list)), Some(header));
        let shown = answer
            .body
            .as_array()
            .map(|items| items.iter().filter_map(|item| item["version"].as_i64()).collect());
        let next =
            answer.headers.iter().find(|(name, _)| name == "Next-Range").map(|(_, value)| value.clone());
        (answer.status, shown.unwrap_or_default(), next)
    }

    #[test]
    fn the_last_page_is_a_plain_200() {
        let (status, shown, next) = versions("version ..; max=3, order=desc");
        assert_eq!(
            (status, shown, next.as_deref()),
            (206, vec![7, 6, 5], Some("version ]5..; max=3, order=desc"))
        );
        let (status, shown, _) = versions("version ]5..; max=3, order=desc");
        assert_eq!((status, shown), (206, vec![4, 3, 2]));
        assert_eq!(versions("version ]2..; max=3, order=desc"), (200, vec![1], None));
    }

    #[test]
    fn both_bounds_and_odd_spacing() {
        assert_eq!(versions("version 2..4;"), (200, vec![2, 3, 4], None));
        assert_eq!(versions("version 2..4[; max=9;order=asc;"), (200, vec![2, 3], None));
        assert_eq!(versions("version").1.len(), 7);
    }

    #[test]
    fn unknown_sort_keys_are_416() {
        for header in ["color ..", "version", "name ..", "version ..; max=0", "version ..; loud"] {
            let status = versions(header).0;
            assert_eq!(status, if header == "version" { 200 } else { 416 }, "{header}");
        }
    }
}
