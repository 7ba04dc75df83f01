//! Reads the imports of a Rust source: every path that begins at the root of its crate.

/// A path that begins at the crate's root, in a `use` or in an expression.
#[derive(Debug, PartialEq)]
pub struct Import {
    /// Its first module.
    pub room: String,
    pub line: usize,
}

impl Import {
    /// All of a file, which is the module `module`: `crate::…`, and `super::…` where it comes out at the root.
    pub fn read(source: &str, module: &[String]) -> Vec<Self> {
        let tokens = tokens(source);
        let mut imports = Vec::new();
        // The inline modules that the token stands in, each with the depth of its braces.
        let (mut inline, mut depth) = (Vec::<(String, usize)>::new(), 0);
        let mut at = 0;
        while let Some((token, _)) = tokens.get(at) {
            let next = |ahead: usize| tokens.get(at + ahead).map_or("", |(token, _)| token);
            match token.as_str() {
                "{" => depth += 1,
                "}" => {
                    depth -= 1;
                    inline.retain(|(_, opened)| *opened <= depth);
                }
                "mod" if next(2) == "{" => inline.push((next(1).to_owned(), depth + 1)),
                "crate" | "super" if next(1) == "::" => {
                    let here = module.iter().chain(inline.iter().map(|(name, _)| name)).cloned().collect();
                    at = walk(&tokens, at, here, &mut imports);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        imports
    }
}

/// Follows the path at `at`, with its groups, from a module. Notes what it names at the root, and gives what comes next.
fn walk(
    tokens: &[(String, usize)],
    mut at: usize,
    mut module: Vec<String>,
    imports: &mut Vec<Import>,
) -> usize {
    while let Some((token, line)) = tokens.get(at) {
        match token.as_str() {
            "crate" => module.clear(),
            "super" => _ = module.pop(),
            "self" => {}
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|(token, _)| token != "}") {
                    let is_comma = tokens[at].0 == ",";
                    at = if is_comma { at + 1 } else { walk(tokens, at, module.clone(), imports) };
                }
                return at + 1;
            }
            word => {
                if module.is_empty() {
                    imports.push(Import { room: word.to_owned(), line: *line });
                }
                module.push(word.to_owned());
            }
        }
        at += 1;
        let goes_on = tokens.get(at).is_some_and(|(token, _)| token == "::");
        if !goes_on || tokens.get(at + 1).is_some_and(|(token, _)| token == "<") {
            // `as` and the other name are words of no path.
            return if tokens.get(at).is_some_and(|(token, _)| token == "as") { at + 2 } else { at };
        }
        at += 1;
    }
    at
}

/// The words, `::` and other signs of a source with their lines, without comments, strings and characters.
fn tokens(source: &str) -> Vec<(String, usize)> {
    let text: Vec<char> = source.chars().collect();
    let char_at = |at: usize| text.get(at).copied().unwrap_or('\0');
    let (mut found, mut at, mut line) = (Vec::new(), 0, 1);
    while at < text.len() {
        let begun = at;
        match text[at] {
            '/' if char_at(at + 1) == '/' => at += text[at..].iter().take_while(|c| **c != '\n').count(),
            '/' if char_at(at + 1) == '*' => at = end_of_comment(&text, at),
            '"' => at = end_of_string(&text, at + 1),
            // A character, or else a lifetime.
            '\'' if char_at(at + 1) == '\\' => {
                at += 3;
                at += text[at..].iter().take_while(|c| **c != '\'').count() + 1;
            }
            '\'' if char_at(at + 2) == '\'' => at += 3,
            ':' if char_at(at + 1) == ':' => {
                found.push(("::".to_owned(), line));
                at += 2;
            }
            c if c.is_alphanumeric() || c == '_' => {
                at += text[at..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').count();
                let word: String = text[begun..at].iter().collect();
                let hashes = text[at..].iter().take_while(|c| **c == '#').count();
                if ["r", "br", "cr"].contains(&&*word) && char_at(at + hashes) == '"' {
                    at = end_of_raw_string(&text, at + hashes + 1, hashes);
                } else {
                    found.push((word, line));
                }
            }
            c => {
                if !c.is_whitespace() {
                    found.push((c.to_string(), line));
                }
                at += 1;
            }
        }
        line += text[begun..at.min(text.len())].iter().filter(|c| **c == '\n').count();
    }
    found
}

fn end_of_comment(text: &[char], begun: usize) -> usize {
    let (mut at, mut depth) = (begun, 0);
    while at < text.len() {
        match text[at..] {
            ['/', '*', ..] => (at, depth) = (at + 2, depth + 1),
            ['*', '/', ..] => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn end_of_string(text: &[char], mut at: usize) -> usize {
    while at < text.len() && text[at] != '"' {
        at += if text[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

fn end_of_raw_string(text: &[char], mut at: usize, hashes: usize) -> usize {
    let closes =
        |at: usize| text[at] == '"' && text[at + 1..].iter().take_while(|c| **c == '#').count() >= hashes;
    while at < text.len() && !closes(at) {
        at += 1;
    }
    at + 1 + hashes
}

/// What a file in `git/push.rs` imports, as `room:line`.
fn imported(source: &str) -> String {
    let module = ["git".to_owned(), "push".to_owned()];
    let found = Import::read(source, &module);
    found.iter().map(|Import { room, line }| format!("{room}:{line}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn paths_from_the_root_are_read() {
    assert_eq!(imported("use crate::state::{State, lock};\n"), "state:1");
    assert_eq!(imported("use crate::{\n    body::{self, Body},\n    call,\n};"), "body:2 call:3");
    assert_eq!(imported("pub(crate) use crate::{a::{b::{c, d}, e as f}, g as h, i::*};"), "a:1 g:1 i:1");
    assert_eq!(
        imported("fn f() -> crate::error::Result<()> {\n\n crate::cli::run::<u8>(1) }"),
        "error:1 cli:3"
    );
    assert_eq!(imported("let x = $crate::hint!(y);"), "hint:1");
}

#[test]
fn super_counts_where_it_leaves_the_room() {
    assert_eq!(imported("use super::history; use super::super::forward::{a, b};"), "forward:1");
    assert_eq!(imported("use super::{super::cli, history};"), "cli:1");
    assert_eq!(imported("mod tests {\n use super::super::history;\n}\nuse super::super::usage;"), "usage:4");
    assert_eq!(imported("mod tests { use super::super::super::cli::x; fn f() { {} } }"), "cli:1");
    let module = ["git".to_owned()];
    assert_eq!(Import::read("use super::cli;", &module), [Import { room: "cli".to_owned(), line: 1 }]);
}

#[test]
fn comments_strings_and_visibility_are_no_imports() {
    assert_eq!(
        imported("// use crate::a;\n/// [`crate::b`]\n/* crate::c /* */ crate::d */ use crate::e;"),
        "e:3"
    );
    assert_eq!(
        imported(r##"let s = "crate::a \" crate::b"; let r = r#"crate::c " crate::d"#; use crate::e;"##),
        "e:1"
    );
    assert_eq!(
        imported("pub(crate) fn f<'a>(c: &'a str) -> char { if c == '\"' { '\\'' } else { crate::e() } }"),
        "e:1"
    );
}
