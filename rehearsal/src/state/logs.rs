//! An app's log: the last 1500 lines, numbered, as Logplex keeps them for cedar apps.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use hyper::body::Bytes;
use tokio::sync::watch;

use crate::clock;

/// The number of lines that are kept.
const KEPT: usize = 1500;

/// A line and its source.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// The number of the line in its app's log; also the `id` of its server-sent event.
    pub(crate) number: u64,
    /// The whole line without its line feed, byte for byte.
    pub(crate) bytes: Bytes,
}

/// One app's log.
#[derive(Debug)]
pub(crate) struct Log {
    lines: VecDeque<Line>,
    last: u64,
    grown: watch::Sender<u64>,
    /// The number of generated lines that a session gets in place of the kept ones; 0 for none.
    pub(crate) generated: u64,
    /// The number of open tails.
    pub(crate) tails: usize,
}

impl Default for Log {
    fn default() -> Self {
        Self { lines: VecDeque::new(), last: 0, grown: watch::Sender::new(0), generated: 0, tails: 0 }
    }
}

impl Log {
    /// Adds a line unchanged.
    pub(crate) fn push(&mut self, bytes: impl Into<Bytes>) {
        self.last += 1;
        self.lines.push_back(Line { number: self.last, bytes: bytes.into() });
        if self.lines.len() > KEPT {
            self.lines.pop_front();
        }
        self.grown.send_replace(self.last);
    }

    /// Adds a message of `source[process]` at `time`.
    pub(crate) fn say_at(&mut self, time: SystemTime, source: &str, process: &str, text: &str) {
        self.push(format!("{} {source}[{process}]: {text}", clock::log_stamp(time)));
    }

    /// Adds a message of `source[process]` now.
    pub(crate) fn say(&mut self, source: &str, process: &str, text: &str) {
        self.say_at(SystemTime::now(), source, process, text);
    }

    /// Adds the next line of the running app.
    pub(crate) fn chatter(&mut self, host: &str, time: SystemTime) {
        chatter(self, host, time);
    }

    /// The lines after `number` that match, oldest first.
    pub(crate) fn after(&self, number: u64, filter: &Filter) -> Vec<Line> {
        let fresh = self.lines.iter().filter(|line| line.number > number);
        fresh.filter(|line| filter.passes(&line.bytes)).cloned().collect()
    }

    /// The number of the line before the last `count` lines that match: where a session starts reading.
    pub(crate) fn start(&self, count: usize, filter: &Filter) -> u64 {
        let passing = self.lines.iter().rev().filter(|line| filter.passes(&line.bytes));
        if count == 0 {
            return self.last;
        }
        passing.take(count).last().map_or(self.last, |line| line.number - 1)
    }

    /// Notifies its readers of each new line.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.grown.subscribe()
    }

    /// The number of the newest line.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }
}

/// The filter of a log session. All given fields must match.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// `app` or `heroku`.
    pub(crate) source: Option<String>,
    /// A dyno (`web.1`) or a process type (`web`).
    pub(crate) dyno: Option<String>,
    /// A process type.
    pub(crate) kind: Option<String>,
}

impl Filter {
    fn passes(&self, line: &[u8]) -> bool {
        if self.source.is_none() && self.dyno.is_none() && self.kind.is_none() {
            return true;
        }
        let Some((source, process)) = origin(line) else { return false };
        let belongs = |wanted: &str| {
            process == wanted || process.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'))
        };
        self.source.as_deref().is_none_or(|wanted| source == wanted)
            && self.dyno.as_deref().is_none_or(belongs)
            && self.kind.as_deref().is_none_or(belongs)
    }
}

/// `source` and `process` of `TIME source[process]: …`.
fn origin(line: &[u8]) -> Option<(&str, &str)> {
    let head = line.get(..line.len().min(200))?;
    let head = match str::from_utf8(head) {
        Ok(head) => head,
        Err(error) => str::from_utf8(&head[..error.valid_up_to()]).ok()?,
    };
    let (_, rest) = head.split_once(' ')?;
    let (origin, _) = rest.split_once("]:")?;
    origin.split_once('[')
}

/// The log lines of a box office, one after the other; their numbers depend on the line's.
fn chatter(log: &mut Log, host: &str, time: SystemTime) {
    let turn = log.last + 1;
    let (row, seat) = (b'A' + u8::try_from(turn % 10).unwrap_or(0), turn % 18 + 1);
    let (connect, service) = (turn % 3, 4 + turn * 7 % 190);
    let row = char::from(row);
    let request =
        format!("{:08x}-2222-4444-8888-{:012x}", turn.wrapping_mul(0x9e37_79b9) & 0xffff_ffff, turn);
    let router = |method: &str, path: &str, status: u16| {
        format!(
            "at=info method={method} path=\"{path}\" host={host} request_id={request} fwd=\"203.0.113.{}\" \
             dyno=web.{} connect={connect}ms service={service}ms status={status} bytes={} protocol=https",
            turn % 250 + 1,
            turn % 2 + 1,
            300 + turn * 13 % 9000,
        )
    };
    let (source, process, text) = match turn % 8 {
        0 => ("heroku", "router", router("GET", "/", 200)),
        1 => ("app", "web.1", format!("GET / 200 {service}ms")),
        2 => ("heroku", "router", router("GET", &format!("/rows/{row}"), 200)),
        3 => ("app", "web.2", format!("GET /rows/{row} 200 {service}ms")),
        4 => ("app", "worker.1", format!("Printed ticket {turn} for row {row}, seat {seat}")),
        5 => ("heroku", "router", router("POST", "/seats", 302)),
        6 => ("app", "web.1", format!("Sold row {row}, seat {seat}")),
        _ => ("heroku", "router", router("GET", "/favicon.ico", 404)),
    };
    log.say_at(time, source, process, &text);
}

/// Fills a new log with some minutes of lines.
pub(crate) fn seed(log: &mut Log, host: &str) {
    let now = SystemTime::now();
    let at = |seconds: u64| now - Duration::from_secs(seconds);
    log.say_at(at(700), "app", "api", "Deploy 1a2b3c4d by user director@playhouse.example");
    log.say_at(at(699), "heroku", "web.1", "State changed from up to starting");
    log.say_at(at(698), "heroku", "web.1", "Stopping all processes with SIGTERM");
    log.say_at(at(697), "heroku", "web.1", "Process exited with status 143");
    log.say_at(at(695), "heroku", "web.1", "Starting process with command `node server.js`");
    log.say_at(at(692), "app", "web.1", "Listening on 31415");
    log.say_at(at(691), "heroku", "web.1", "State changed from starting to up");
    log.say_at(at(690), "heroku", "worker.1", "State changed from starting to up");
    for line in 0..140 {
        chatter(log, host, at(690 - line * 4) + Duration::from_micros(line * 137_911 % 1_000_000));
    }
    log.say_at(at(60), "heroku", "router", &format!(
        "at=error code=H12 desc=\"Request timeout\" method=GET path=\"/orchestra\" host={host} dyno=web.1 \
         connect=1ms service=30000ms status=503 bytes=0 protocol=https"
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_1500_lines_are_kept() {
        let mut log = Log::default();
        for line in 0..1600 {
            log.push(format!("line {line}"));
        }
        let kept = log.after(0, &Filter::default());
        assert_eq!((kept.len(), kept[0].number, log.last()), (KEPT, 101, 1600));
        assert_eq!(log.start(100, &Filter::default()), 1500);
        assert_eq!(log.start(0, &Filter::default()), 1600);
    }

    #[test]
    fn lines_are_filtered_by_source_dyno_and_process_type() {
        let mut log = Log::default();
        for (source, process) in
            [("app", "web.1"), ("app", "web.10"), ("heroku", "web.1"), ("app", "webhook.1")]
        {
            log.say(source, process, "hello");
        }
        log.push(&b"\xff\xfe not a line of Heroku's"[..]);
        let count = |source: Option<&str>, dyno: Option<&str>| {
            let own = |word: Option<&str>| word.map(str::to_owned);
            log.after(0, &Filter { source: own(source), dyno: own(dyno), kind: None }).len()
        };
        assert_eq!(count(None, None), 5);
        assert_eq!(count(Some("app"), None), 3);
        assert_eq!(count(None, Some("web.1")), 2);
        assert_eq!(count(None, Some("web")), 3);
        assert_eq!(count(Some("heroku"), Some("web.10")), 0);
    }
}
