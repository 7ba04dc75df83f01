//! YAML as a tree whose nodes know their lines: aliases are followed, and `<<` merged.

use std::collections::HashMap;
use std::rc::Rc;

use saphyr_parser::{Event, Parser, ScalarStyle};

/// The deepest nesting, and the most nodes, that are read.
const DEPTH: usize = 64;
const NODES: usize = 100_000;

/// A node, and the lines that it was read from.
#[derive(Debug)]
pub(super) struct Node {
    /// The line where it begins, from 1.
    pub(super) line: usize,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// A text; whether it has no quotes.
    Scalar {
        text: String,
        is_plain: bool,
    },
    List(Vec<Rc<Node>>),
    Map(Map),
}

/// A mapping in its order.
#[derive(Debug, Default)]
pub(super) struct Map {
    pub(super) pairs: Vec<(String, Rc<Node>)>,
    /// The lines of this mapping and of those that it merges: the first, and the one after the last.
    pub(super) spans: Vec<(usize, usize)>,
}

impl Map {
    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Rc<Node>> {
        self.pairs.iter().find(|(there, _)| there == key).map(|(_, node)| node)
    }

    fn insert(&mut self, key: String, node: Rc<Node>) {
        match self.pairs.iter_mut().find(|(there, _)| *there == key) {
            Some((_, there)) => *there = node,
            None => self.pairs.push((key, node)),
        }
    }
}

impl Node {
    /// The mapping, where it is one.
    pub(super) fn map(&self) -> Option<&Map> {
        match &self.kind {
            Kind::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The list's nodes; none of what is no list.
    pub(super) fn list(&self) -> &[Rc<Node>] {
        match &self.kind {
            Kind::List(list) => list,
            _ => &[],
        }
    }

    /// The text of a scalar; none for YAML's null.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, is_plain: true } if is_null(text) => None,
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }
}

fn is_null(text: &str) -> bool {
    ["", "~", "null", "Null", "NULL"].contains(&text)
}

/// Which of two keys of the same name counts: the one that a mapping merges, or its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Merge {
    /// The one that comes later, as in Ruby.
    InOrder,
    /// The mapping's own, as YAML's definition has it.
    OwnFirst,
}

/// What cannot be read as YAML: the line, and why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadYaml {
    pub(super) line: usize,
    pub(super) message: String,
}

/// The first document of `text`; none where there is nothing in it.
pub(super) fn parse(text: &str, merge: Merge) -> Result<Option<Rc<Node>>, BadYaml> {
    let mut tree = Tree { merge, open: Vec::new(), anchors: HashMap::new(), root: None, nodes: 0 };
    for event in Parser::new_from_str(text) {
        let (event, span) = event
            .map_err(|error| BadYaml { line: error.marker().line(), message: error.info().to_owned() })?;
        if matches!(event, Event::DocumentEnd) {
            break;
        }
        let line = span.start.line();
        tree.take(event, line).map_err(|message| BadYaml { line, message: message.to_owned() })?;
    }
    Ok(tree.root)
}

/// A node that has begun.
struct Open {
    line: usize,
    anchor: usize,
    /// In a mapping, keys and values in turn.
    nodes: Vec<Rc<Node>>,
    is_map: bool,
}

struct Tree {
    merge: Merge,
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
    root: Option<Rc<Node>>,
    nodes: usize,
}

impl Tree {
    fn take(&mut self, event: Event<'_>, line: usize) -> Result<(), &'static str> {
        self.nodes += 1;
        if self.nodes > NODES || self.open.len() > DEPTH {
            return Err("it is too large or nested too deeply");
        }
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let kind = Kind::Scalar { text: text.into_owned(), is_plain: style == ScalarStyle::Plain };
                self.add(Node { line, kind }, anchor);
            }
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned().ok_or("an alias has no anchor")?;
                self.put(node);
            }
            Event::SequenceStart(anchor, _) => {
                self.open.push(Open { line, anchor, nodes: Vec::new(), is_map: false });
            }
            Event::MappingStart(anchor, _) => {
                self.open.push(Open { line, anchor, nodes: Vec::new(), is_map: true });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let open = self.open.pop().ok_or("a node ends that has not begun")?;
                let kind = if open.is_map {
                    Kind::Map(self.mapping(open.nodes, (open.line, line)))
                } else {
                    Kind::List(open.nodes)
                };
                self.add(Node { line: open.line, kind }, open.anchor);
            }
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self, node: Node, anchor: usize) {
        let node = Rc::new(node);
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        self.put(node);
    }

    fn put(&mut self, node: Rc<Node>) {
        match self.open.last_mut() {
            Some(open) => open.nodes.push(node),
            None => _ = self.root.get_or_insert(node),
        }
    }

    /// The mapping of these keys and values.
    fn mapping(&self, nodes: Vec<Rc<Node>>, span: (usize, usize)) -> Map {
        let mut map = Map { pairs: Vec::new(), spans: vec![span] };
        let mut own: Vec<(String, Rc<Node>)> = Vec::new();
        let mut nodes = nodes.into_iter();
        while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
            let Kind::Scalar { text, is_plain } = &key.kind else { continue };
            let merged: Vec<&Map> = match &value.kind {
                _ if text != "<<" || !is_plain => Vec::new(),
                Kind::Map(merged) => vec![merged],
                // The first of several counts most.
                Kind::List(list) => list.iter().rev().filter_map(|node| node.map()).collect(),
                Kind::Scalar { .. } => Vec::new(),
            };
            for merged in &merged {
                map.spans.extend(&merged.spans);
                merged.pairs.iter().for_each(|(key, node)| map.insert(key.clone(), Rc::clone(node)));
            }
            match self.merge {
                _ if !merged.is_empty() => {}
                Merge::InOrder => map.insert(text.clone(), value),
                Merge::OwnFirst => own.push((text.clone(), value)),
            }
        }
        for (key, node) in own {
            map.insert(key, node);
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, merge: Merge, path: &[&str]) -> Option<(String, usize)> {
        let mut node = parse(text, merge).unwrap()?;
        for key in path {
            node = Rc::clone(node.map()?.get(key)?);
        }
        Some((node.text()?.to_owned(), node.line))
    }

    const MERGED: &str =
        "a: &a\n  host: x\n  port: 1\nb:\n  host: y\n  <<: *a\n  port: 2\nc:\n  <<: [*a, {z: 1}]\n";

    #[test]
    fn merged_keys_count_in_their_order() {
        let at = |merge, path: &[&str]| value(MERGED, merge, path);
        assert_eq!(at(Merge::InOrder, &["b", "host"]), Some(("x".to_owned(), 2)));
        assert_eq!(at(Merge::OwnFirst, &["b", "host"]), Some(("y".to_owned(), 5)));
        assert_eq!(at(Merge::InOrder, &["b", "port"]), Some(("2".to_owned(), 7)));
        assert_eq!(at(Merge::InOrder, &["c", "z"]), Some(("1".to_owned(), 9)));
        assert_eq!(at(Merge::InOrder, &["c", "host"]), Some(("x".to_owned(), 2)));
    }

    #[test]
    fn what_is_hostile_is_an_error() {
        assert!(parse(&"[".repeat(10_000), Merge::InOrder).is_err());
        assert!(parse("a: [", Merge::InOrder).is_err());
        assert!(parse("a: *x", Merge::InOrder).is_err());
        assert!(parse("", Merge::InOrder).unwrap().is_none());
        assert_eq!(value("a: ~\n", Merge::InOrder, &["a"]), None);
        let laughs: Vec<_> = (1..40).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1)).collect();
        assert!(parse(&format!("a0: &a0 x\n{}", laughs.concat()), Merge::InOrder).is_ok());
    }
}
