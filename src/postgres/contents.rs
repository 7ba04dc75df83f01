//! The table of contents of an archive, as `pg_restore --list` prints it: what is in it, and which of it is restored.
//!
//! A line is `ID; CLASS OBJECT KIND SCHEMA NAME OWNER`, with `-` for what is in no schema. Kinds and names may have blanks.

use super::pattern::Pattern;

/// The event triggers that Heroku puts into every database. They call functions of the schema [`HEROKU`].
const EVENT_TRIGGERS: [&str; 4] =
    ["extension_before_drop", "log_create_ext", "log_drop_ext", "validate_extension"];

/// The schema that Heroku puts into every database for itself.
const HEROKU: &str = "_heroku";

/// The schema that Heroku puts extensions in.
pub const HEROKU_EXTENSIONS: &str = "heroku_ext";

/// An extension that Heroku puts into databases and no app needs; only a superuser can create it.
pub const STATISTICS: &str = "pg_stat_statements";

/// The kinds that have several words; the longest that fits is meant. All others are one word.
const KINDS: [&str; 38] = [
    "ACCESS METHOD",
    "BLOB COMMENTS",
    "BLOB METADATA",
    "CHECK CONSTRAINT",
    "DATABASE PROPERTIES",
    "DEFAULT ACL",
    "EVENT TRIGGER",
    "FK CONSTRAINT",
    "FOREIGN DATA WRAPPER",
    "FOREIGN SERVER",
    "FOREIGN TABLE",
    "INDEX ATTACH",
    "LARGE OBJECT",
    "MATERIALIZED VIEW",
    "MATERIALIZED VIEW DATA",
    "OPERATOR CLASS",
    "OPERATOR FAMILY",
    "PROCEDURAL LANGUAGE",
    "PUBLICATION TABLE",
    "PUBLICATION TABLES IN SCHEMA",
    "ROW SECURITY",
    "SECURITY LABEL",
    "SEQUENCE OWNED BY",
    "SEQUENCE SET",
    "SHELL TYPE",
    "STATISTICS DATA",
    "SUBSCRIPTION TABLE",
    "TABLE ATTACH",
    "TABLE DATA",
    "TEXT SEARCH CONFIGURATION",
    "TEXT SEARCH DICTIONARY",
    "TEXT SEARCH PARSER",
    "TEXT SEARCH TEMPLATE",
    "TRANSFORM FUNCTION",
    "USER MAPPING",
    "EVENT TRIGGER COMMENT",
    "LARGE OBJECTS",
    "NOT NULL",
];

/// An archive's table of contents.
#[derive(Clone, Debug)]
pub struct Contents {
    entries: Vec<Entry>,
}

/// What of an archive is restored.
#[derive(Debug)]
pub struct Selection {
    /// The list for `pg_restore --use-list`.
    pub list: String,
    /// The tables whose rows are left out, as `schema.table`.
    pub without_rows: Vec<String>,
    /// The patterns that matched no table.
    pub unmatched: Vec<String>,
    /// How many entries of Heroku's own are left out.
    pub heroku: usize,
}

#[derive(Clone, Debug)]
struct Entry {
    line: String,
    kind: String,
    /// None for what is in no schema.
    schema: Option<String>,
    /// The name, and the owner behind it.
    name_and_owner: String,
}

impl Contents {
    /// Reads what `pg_restore --list` prints. Lines that are no entries, such as comments, are left out.
    pub fn parse(listing: &str) -> Self {
        Self { entries: listing.lines().filter_map(Entry::parse).collect() }
    }

    /// The extensions that are created.
    pub fn extensions(&self) -> Vec<&str> {
        self.entries.iter().filter(|entry| entry.kind == "EXTENSION").map(Entry::first_word).collect()
    }

    /// Whether an extension's schema must be made first: the archive has extensions, and lacks Heroku's schema for them.
    pub fn has_schema(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.kind == "SCHEMA" && entry.first_word() == name)
    }

    /// How many tables have rows in it.
    pub fn tables(&self) -> usize {
        self.entries.iter().filter(|entry| entry.kind == "TABLE DATA").count()
    }

    /// What is restored: everything but Heroku's own, comments that need the rights of an owner, the extensions in
    /// `without`, and the rows of tables that a pattern names.
    pub fn select(&self, without: &[&str], excluded: &[Pattern]) -> Selection {
        let mut matched = vec![false; excluded.len()];
        let mut selection =
            Selection { list: String::new(), without_rows: Vec::new(), unmatched: Vec::new(), heroku: 0 };
        for entry in &self.entries {
            if entry.is_herokus() {
                selection.heroku += 1;
                continue;
            }
            if entry.needs_the_owner() || without.iter().any(|name| entry.is_extension(name)) {
                continue;
            }
            if let Some((schema, table)) = entry.rows() {
                let hits: Vec<usize> =
                    (0..excluded.len()).filter(|place| excluded[*place].matches(schema, &table)).collect();
                for place in &hits {
                    matched[*place] = true;
                }
                if !hits.is_empty() {
                    selection.without_rows.push(format!("{schema}.{table}"));
                    continue;
                }
            }
            selection.list.push_str(&entry.line);
            selection.list.push('\n');
        }
        let unmatched = excluded.iter().zip(matched).filter(|(_, matched)| !matched);
        selection.unmatched = unmatched.map(|(pattern, _)| pattern.to_string()).collect();
        selection
    }
}

impl Entry {
    fn parse(line: &str) -> Option<Self> {
        let (id, rest) = line.split_once("; ")?;
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut words = rest.splitn(3, ' ');
        let (_class, _object, rest) = (words.next()?, words.next()?, words.next()?);
        let longest = KINDS.iter().filter(|kind| starts_with_words(rest, kind)).max_by_key(|kind| kind.len());
        let kind = longest.copied().unwrap_or_else(|| rest.split(' ').next().unwrap_or_default());
        let rest = rest[kind.len()..].strip_prefix(' ')?;
        let (schema, name_and_owner) = rest.split_once(' ').unwrap_or((rest, ""));
        Some(Self {
            line: line.to_owned(),
            kind: kind.to_owned(),
            schema: (schema != "-").then(|| schema.to_owned()),
            name_and_owner: name_and_owner.to_owned(),
        })
    }

    /// The name, where it has no blanks.
    fn first_word(&self) -> &str {
        self.name_and_owner.split(' ').next().unwrap_or_default()
    }

    /// Whether Heroku made it for itself: what it does is of no use elsewhere, and it cannot be restored without its roles.
    fn is_herokus(&self) -> bool {
        let (kind, name) = (self.kind.as_str(), self.name_and_owner.as_str());
        let of_schema = |name: &str| starts_with_words(name, HEROKU);
        let of_trigger = |name: &str| EVENT_TRIGGERS.iter().any(|trigger| starts_with_words(name, trigger));
        let about = |what: &str, test: &dyn Fn(&str) -> bool| name.strip_prefix(what).is_some_and(test);
        self.schema.as_deref() == Some(HEROKU)
            || (kind == "SCHEMA" && of_schema(name))
            || (kind == "EVENT TRIGGER" && of_trigger(name))
            || (matches!(kind, "COMMENT" | "ACL" | "SECURITY LABEL")
                && (about("SCHEMA ", &of_schema) || about("EVENT TRIGGER ", &of_trigger)))
    }

    /// Whether it is a comment that only the owner of what it is about may make: a superuser, or whoever made the
    /// database.
    fn needs_the_owner(&self) -> bool {
        self.kind == "COMMENT"
            && (self.name_and_owner.starts_with("EXTENSION ")
                || starts_with_words(&self.name_and_owner, "SCHEMA public"))
    }

    fn is_extension(&self, name: &str) -> bool {
        self.kind == "EXTENSION" && self.first_word() == name
    }

    /// The schema and the name of the table whose rows these are.
    fn rows(&self) -> Option<(&str, String)> {
        if self.kind != "TABLE DATA" {
            return None;
        }
        let table =
            self.name_and_owner.rsplit_once(' ').map_or(self.name_and_owner.as_str(), |(name, _)| name);
        Some((self.schema.as_deref().unwrap_or_default(), table.to_owned()))
    }
}

/// Whether `text` begins with these words, as words.
fn starts_with_words(text: &str, words: &str) -> bool {
    text.strip_prefix(words).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTING: &str = "\
; Archive created at 2026-12-01 04:02:47 UTC
;     dbname: h
8; 2615 16385 SCHEMA - _heroku heroku_admin
9; 2615 16388 SCHEMA - heroku_ext u1
3489; 0 0 COMMENT - SCHEMA public u1
3485; 0 0 COMMENT - SCHEMA _heroku heroku_admin
2; 3079 16389 EXTENSION - citext 
3490; 0 0 COMMENT - EXTENSION citext 
3; 3079 16494 EXTENSION - pg_stat_statements 
226; 1255 16386 FUNCTION _heroku log_create_ext() heroku_admin
227; 1255 16387 FUNCTION public log_create_ext() u1
221; 1259 16526 TABLE public users u1
3492; 0 0 COMMENT public TABLE users u1
3478; 0 16534 TABLE DATA public odd name u1
3477; 0 16526 TABLE DATA public users u1
3479; 0 16526 TABLE DATA audit versions u1
3482; 0 0 BLOBS - BLOBS 
3322; 3466 16387 EVENT TRIGGER - log_create_ext heroku_admin
3323; 3466 16388 EVENT TRIGGER - log_create_extra u1
3324; 0 0 COMMENT - EVENT TRIGGER log_create_ext heroku_admin
";

    fn select(without: &[&str], patterns: &[&str]) -> Selection {
        let patterns: Vec<Pattern> = patterns.iter().map(|pattern| pattern.parse().unwrap()).collect();
        Contents::parse(LISTING).select(without, &patterns)
    }

    #[test]
    fn herokus_own_and_foreign_comments_are_left_out() {
        let selection = select(&[STATISTICS], &[]);
        let kept: Vec<&str> = selection.list.lines().map(|line| line.split(';').next().unwrap()).collect();
        assert_eq!(kept, ["9", "2", "227", "221", "3492", "3478", "3477", "3479", "3482", "3323"]);
        assert_eq!(selection.heroku, 5);
    }

    #[test]
    fn rows_are_left_out_by_pattern() {
        let selection = select(&[], &["odd*", "audit.*", "nothing"]);
        assert_eq!(selection.without_rows, ["public.odd name", "audit.versions"]);
        assert_eq!(selection.unmatched, ["nothing"]);
        assert!(selection.list.contains("TABLE DATA public users"));
    }

    #[test]
    fn contents_are_told() {
        let contents = Contents::parse(LISTING);
        assert_eq!(contents.extensions(), ["citext", "pg_stat_statements"]);
        assert!(contents.has_schema("heroku_ext") && !contents.has_schema("public"));
        assert_eq!(contents.tables(), 3);
    }
}
