//! Recorded requests and answers, for assertions.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// One request and its answer. Requests to the panel (`/_rehearsal/…`) are not recorded.
#[derive(Clone, Debug, Serialize)]
pub struct Exchange {
    /// The HTTP method.
    pub method: String,
    /// Path and query, as sent.
    pub path: String,
    /// Request headers by lower-case name; the value of `authorization` is kept as `[present]`.
    pub headers: BTreeMap<String, String>,
    /// The request's JSON, or null.
    pub body: Value,
    /// The status; 0 while there is no answer (a hanging or reset request keeps it).
    pub status: u16,
    /// Response headers by lower-case name.
    pub answer_headers: BTreeMap<String, String>,
    /// The answer's JSON; null when it is none, as for streams and git.
    pub answer: Value,
    /// When the request had arrived, in milliseconds since the rehearsal started.
    pub started_ms: f64,
    /// When the answer was ready to be sent, of a stream its head; none while there is no answer.
    pub ended_ms: Option<f64>,
}

impl Exchange {
    /// `GET /apps/x`: method and path without the query.
    pub fn line(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method)
    }
}

/// The number of round trips that followed each other: the longest series of exchanges each of which began after the one
/// before had ended. It means something if [`latency`](crate::Settings::latency) is set; without it, even requests that
/// were sent together are answered one after the other.
pub fn rounds(exchanges: &[Exchange]) -> usize {
    let end = |exchange: &Exchange| exchange.ended_ms.unwrap_or(f64::INFINITY);
    let mut sorted: Vec<&Exchange> = exchanges.iter().collect();
    sorted.sort_by(|one, other| end(one).total_cmp(&end(other)));
    let mut last = f64::NEG_INFINITY;
    let mut rounds = 0;
    for exchange in sorted {
        if exchange.started_ms > last {
            last = end(exchange);
            rounds += 1;
        }
    }
    rounds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(started_ms: f64, ended_ms: Option<f64>) -> Exchange {
        Exchange {
            method: "GET".to_owned(),
            path: "/apps".to_owned(),
            headers: BTreeMap::new(),
            body: Value::Null,
            status: 200,
            answer_headers: BTreeMap::new(),
            answer: Value::Null,
            started_ms,
            ended_ms,
        }
    }

    #[test]
    fn overlapping_exchanges_are_one_round() {
        let counted = |spans: &[(f64, Option<f64>)]| {
            let exchanges: Vec<_> = spans.iter().map(|(start, end)| exchange(*start, *end)).collect();
            rounds(&exchanges)
        };
        assert_eq!(counted(&[]), 0);
        assert_eq!(counted(&[(0.0, Some(50.0)), (1.0, Some(51.0)), (2.0, Some(52.0))]), 1);
        assert_eq!(counted(&[(0.0, Some(50.0)), (51.0, Some(101.0)), (101.5, Some(152.0))]), 3);
        // One long exchange beside two short ones that followed each other.
        assert_eq!(counted(&[(0.0, Some(120.0)), (1.0, Some(51.0)), (52.0, Some(102.0))]), 2);
        // Each of a chain overlaps with the next one, but not with the one after it.
        assert_eq!(counted(&[(0.0, Some(50.0)), (40.0, Some(90.0)), (80.0, Some(130.0))]), 2);
        assert_eq!(counted(&[(0.0, Some(50.0)), (60.0, None)]), 2);
        assert_eq!(counted(&[(0.0, None), (60.0, None)]), 1);
    }
}
