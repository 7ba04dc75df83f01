//! ERB around a YAML file, as far as it can be told without running Ruby. What is inserted is evaluated only where it is
//! needed: until then, a mark stands in its place.

use std::collections::BTreeMap;

use super::ruby::{Failure, Ruby};

/// Around the number of an insertion; no file has these characters.
const MARK: [char; 2] = ['\u{e000}', '\u{e001}'];

/// A file with its conditions decided, and marks for its insertions.
pub(super) struct Template<'a> {
    /// The text that remains for YAML.
    pub(super) text: String,
    /// The line of the file for each line of the text.
    lines: Vec<usize>,
    insertions: Vec<(String, usize)>,
    /// The lines under a condition that could not be decided.
    unknown: Vec<Unknown>,
    ruby: Ruby<'a>,
}

/// Lines that may be there or not.
pub(super) struct Unknown {
    first: usize,
    last: usize,
    /// Whether they are at the margin, and so no part of a mapping above.
    is_apart: bool,
    /// The keys at the margin.
    keys: Vec<String>,
}

/// What could not be read: the line, and why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unread {
    pub(super) line: usize,
    pub(super) message: String,
}

impl Unread {
    pub(super) fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}

/// A condition, or a block that something else begins.
struct Frame {
    first: usize,
    /// Whether what follows is there; none where that cannot be told.
    is_there: Option<bool>,
    /// Whether an earlier branch was there.
    was_there: Option<bool>,
    /// Whether the tag began within a line.
    is_inline: bool,
    /// What is dropped because it cannot be told.
    dropped: String,
}

impl<'a> Template<'a> {
    /// Reads a file.
    pub(super) fn read(source: &str, variable: &'a dyn Fn(&str) -> Option<String>) -> Result<Self, Unread> {
        let ruby = Ruby { variable, locals: BTreeMap::new() };
        let mut template =
            Self { text: String::new(), lines: vec![1], insertions: Vec::new(), unknown: Vec::new(), ruby };
        let mut frames: Vec<Frame> = Vec::new();
        let (mut rest, mut line) = (source, 1);
        while let Some((before, tag)) = rest.split_once("<%") {
            line = template.add(before, line, &mut frames);
            if let Some(after) = tag.strip_prefix('%') {
                line = template.add("<%", line, &mut frames);
                rest = after;
                continue;
            }
            let (code, after) = tag.split_once("%>").ok_or_else(|| Unread::new(line, "<% has no %>"))?;
            let next = line + code.matches('\n').count();
            let code = code.trim_start_matches('-');
            let code = code.strip_suffix('-').unwrap_or(code);
            if let Some(code) = code.strip_prefix('=') {
                template.insert(code.trim(), line, &mut frames);
            } else if !code.starts_with('#') {
                let is_inline =
                    !before.ends_with('\n') && !before.rsplit('\n').next().unwrap_or("").trim().is_empty();
                template.run(code.trim(), line, is_inline, &mut frames);
            }
            line = next;
            template.set_line(line);
            rest = after;
        }
        template.add(rest, line, &mut frames);
        match frames.last() {
            Some(frame) => Err(Unread::new(frame.first, "<% has no <% end %>")),
            None => Ok(template),
        }
    }

    /// Adds text of the file, as far as it is there; the line after it.
    fn add(&mut self, text: &str, line: usize, frames: &mut [Frame]) -> usize {
        let is_there = is_there(frames);
        let mut line = line;
        for part in text.split_inclusive('\n') {
            match is_there {
                Some(true) => self.text.push_str(part),
                Some(false) => {}
                None => note(frames, part),
            }
            if part.ends_with('\n') {
                line += 1;
                if is_there == Some(true) {
                    self.lines.push(line);
                }
            }
        }
        self.set_line(line);
        line
    }

    /// Notes that the text goes on at this line of the file.
    fn set_line(&mut self, line: usize) {
        if self.text.is_empty() || self.text.ends_with('\n') {
            self.lines.pop();
            self.lines.push(line);
        }
    }

    fn insert(&mut self, code: &str, line: usize, frames: &mut [Frame]) {
        match is_there(frames) {
            Some(true) => {
                let [begin, end] = MARK;
                self.text.extend([begin.to_string(), self.insertions.len().to_string(), end.to_string()]);
                self.insertions.push((code.to_owned(), line));
            }
            Some(false) => {}
            None => note(frames, "x"),
        }
    }

    /// Follows a tag that inserts nothing.
    fn run(&mut self, code: &str, line: usize, is_inline: bool, frames: &mut Vec<Frame>) {
        let word = code.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let behind = &code[word.len()..];
        match word {
            "if" | "unless" => {
                let truth = self.ruby.evaluate(behind).map(|value| value.is_true() == (word == "if")).ok();
                frames.push(Frame::new(line, truth, is_inline));
            }
            "elsif" | "else" => {
                let truth = if word == "else" {
                    Some(true)
                } else {
                    self.ruby.evaluate(behind).map(|v| v.is_true()).ok()
                };
                if let Some(frame) = frames.last_mut() {
                    frame.next(truth);
                }
            }
            "end" | "" if word == "end" || code == "}" => {
                let Some(frame) = frames.pop() else { return };
                // Where an outer one is unknown, that says it.
                if !frame.dropped.is_empty() {
                    match frames.iter_mut().rev().find(|outer| outer.is_there.is_none()) {
                        Some(outer) => outer.dropped += &frame.dropped,
                        None => self.unknown.push(frame.unknown(line)),
                    }
                }
            }
            _ if begins_block(code, word) => frames.push(Frame::new(line, None, is_inline)),
            _ => self.assign(code, frames),
        }
    }

    /// Keeps what local variables are set to.
    fn assign(&mut self, code: &str, frames: &[Frame]) {
        for statement in code.split(['\n', ';']) {
            let Some((name, value)) =
                statement.split_once('=').filter(|(_, value)| !value.starts_with(['=', '~']))
            else {
                continue;
            };
            let (name, is_default) = match name.trim().strip_suffix("||") {
                Some(name) => (name.trim(), true),
                None => (name.trim(), false),
            };
            if !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
                continue;
            }
            let value = match is_there(frames) {
                Some(true) if is_default && self.ruby.locals.contains_key(name) => {
                    self.ruby.evaluate(&format!("{name} || ({value})"))
                }
                Some(true) => self.ruby.evaluate(value),
                Some(false) => continue,
                None => Err(Failure::Beyond),
            };
            self.ruby.locals.insert(name.to_owned(), value);
        }
    }

    /// The line of the file for a line of the text.
    pub(super) fn line(&self, line: usize) -> usize {
        self.lines.get(line.wrapping_sub(1)).or(self.lines.last()).copied().unwrap_or(1)
    }

    /// A text from the YAML with its insertions; whether there are any.
    pub(super) fn fill(&self, text: &str) -> Result<(String, bool), Unread> {
        let mut filled = String::new();
        let mut parts = text.split(MARK[0]);
        filled += parts.next().unwrap_or_default();
        let mut is_changed = false;
        for part in parts {
            let (number, after) = part.split_once(MARK[1]).unwrap_or(("", part));
            let insertion = number.parse().ok().and_then(|number: usize| self.insertions.get(number));
            let Some((code, line)) = insertion else { continue };
            let value =
                self.ruby.evaluate(code).map_err(|failure| Unread::new(*line, failure.to_string()))?;
            filled += &value.to_string();
            filled += after;
            is_changed = true;
        }
        Ok((filled, is_changed))
    }

    /// The first line that may belong to a mapping that has these lines of the text, or that may have a key of these.
    pub(super) fn unknown_in(&self, spans: &[(usize, usize)], keys: &[&str]) -> Option<usize> {
        let spans: Vec<_> = spans.iter().map(|(first, end)| (self.line(*first), self.line(*end))).collect();
        let is_within = |unknown: &&Unknown| {
            let within = |(first, end): &(usize, usize)| unknown.last >= *first && unknown.first <= *end;
            (!unknown.is_apart && spans.iter().any(within))
                || unknown.keys.iter().any(|key| keys.contains(&key.as_str()))
        };
        self.unknown.iter().find(is_within).map(|unknown| unknown.first)
    }
}

impl Frame {
    fn new(first: usize, is_there: Option<bool>, is_inline: bool) -> Self {
        Self { first, is_there, was_there: is_there, is_inline, dropped: String::new() }
    }

    /// Goes on with the next branch, whose own condition this is.
    fn next(&mut self, truth: Option<bool>) {
        self.is_there = match (self.was_there, truth) {
            (Some(false), truth) => truth,
            (Some(true), _) | (None, Some(false)) => Some(false),
            (None, _) => None,
        };
        self.was_there = match self.was_there {
            Some(false) => truth,
            was_there => was_there,
        };
    }

    fn unknown(self, last: usize) -> Unknown {
        let lines = || self.dropped.lines().filter(|line| !line.trim().is_empty());
        let is_at_margin = |line: &&str| !line.starts_with([' ', '\t']);
        let keys = lines().filter(is_at_margin).filter_map(|line| line.split_once(':'));
        Unknown {
            first: self.first,
            last,
            is_apart: !self.is_inline && lines().next().is_some_and(|line| is_at_margin(&line)),
            keys: keys.map(|(key, _)| key.trim().to_owned()).collect(),
        }
    }
}

/// Whether text is there; none where that cannot be told.
fn is_there(frames: &[Frame]) -> Option<bool> {
    let mut all = frames.iter().map(|frame| frame.is_there);
    if all.clone().any(|is_there| is_there == Some(false)) {
        return Some(false);
    }
    all.all(|is_there| is_there == Some(true)).then_some(true)
}

/// Notes text that may be there or not.
fn note(frames: &mut [Frame], text: &str) {
    if let Some(frame) = frames.iter_mut().rev().find(|frame| frame.is_there.is_none()) {
        frame.dropped += text;
    }
}

/// Whether Ruby code begins what `end` or `}` ends.
fn begins_block(code: &str, word: &str) -> bool {
    let code = code.trim_end();
    let with_parameters = code.ends_with('|') && (code.contains(" do ") || code.contains('{'));
    ["case", "while", "until", "for", "begin", "def"].contains(&word)
        || with_parameters
        || code.ends_with(" do")
        || code.ends_with('{')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn variable(name: &str) -> Option<String> {
        (name == "A").then(|| "a".to_owned())
    }

    fn rendered(source: &str) -> String {
        let template = Template::read(source, &variable).unwrap();
        template.fill(&template.text).unwrap().0
    }

    #[test]
    fn conditions_are_decided_and_values_inserted() {
        for (source, expected) in [
            ("x: <%= ENV['A'] %>\n", "x: a\n"),
            ("<% if ENV['A'] %>\ny\n<% else %>\nz\n<% end %>\n", "\ny\n\n"),
            ("<% unless ENV['A'] %>y<% elsif true %>e<% else %>z<% end %>", "e"),
            ("<%# note %>x <%% y", "x <% y"),
            ("<%- name = ENV['A'] -%>\n<%= name %>", "\na"),
            ("<% n ||= 'q' %><%= n %>", "q"),
            ("<% if false %><% if ENV['A'] %>1<% end %>2<% end %>3", "3"),
            ("<% require 'x' %>y", "y"),
        ] {
            assert_eq!(rendered(source), expected, "{source}");
        }
    }

    #[test]
    fn lines_are_those_of_the_file() {
        let template =
            Template::read("a\n<%= 1 +\n 2 %>\nb\n<% if false %>\nc\n<% end %>\nd\n", &variable).unwrap();
        let lines: Vec<_> = template.text.lines().zip(1..).map(|(_, n)| template.line(n)).collect();
        assert_eq!(template.text.lines().collect::<Vec<_>>(), ["a", "\u{e000}0\u{e001}", "b", "", "d"]);
        assert_eq!(lines, [1, 2, 4, 7, 8]);
    }

    #[test]
    fn what_cannot_be_decided_is_unknown_where_it_stands() {
        let source = "a:\n  x: 1\n<% if File.exist?('/x') %>\n  y: 2\n<% end %>\n<% if secret? %>\nb:\n  z: 1\n<% end %>\nc: 1\n";
        let template = Template::read(source, &variable).unwrap();
        assert_eq!(template.unknown_in(&[(2, 4)], &[]), Some(3));
        assert_eq!(template.unknown_in(&[(1, 1)], &["b"]), Some(6));
        assert_eq!(template.unknown_in(&[(1, 1)], &["c"]), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(source in "(<%=?|-?%>|if|else|end|x = 1|\n| |a: [a-z]|é|ENV\\['A'\\]){0,20}") {
            if let Ok(template) = Template::read(&source, &variable) {
                _ = template.fill(&template.text);
            }
        }
    }
}
