//! The shared cases: typed lines and their completions, the same in each shell unless a row says otherwise.

/// A typed line and its completion.
pub struct Row {
    /// The keys before Tab: `\x02` moves the cursor to the left.
    pub typed: &'static str,
    /// The candidates that are shown; empty if Tab inserts the only one.
    pub offers: &'static [&'static str],
    /// The line after Tab, with `‸` at the cursor unless that is at the end.
    pub line: &'static str,
    /// The line after Tab in a shell that differs.
    pub but: &'static [(&'static str, &'static str)],
}

impl Row {
    /// The line that is expected in this shell.
    pub fn line_in(&self, shell: &str) -> &'static str {
        self.but.iter().find(|(name, _)| *name == shell).map_or(self.line, |(_, line)| line)
    }

    /// Whether the row is valid in shells whose quoting and operators differ from sh.
    pub fn is_plain(&self) -> bool {
        let special = ['\\', '\'', '"', '&', '>'];
        !self.typed.contains(special) && !self.line.contains(special)
    }

    const fn but(self, but: &'static [(&'static str, &'static str)]) -> Self {
        Self { but, ..self }
    }
}

pub const fn row(typed: &'static str, line: &'static str) -> Row {
    Row { typed, offers: &[], line, but: &[] }
}

/// A row with several candidates.
pub const fn choice(typed: &'static str, offers: &'static [&'static str], line: &'static str) -> Row {
    Row { typed, offers, line, but: &[] }
}

/// Branches of the repository; git allows a lot.
pub const BRANCHES: &[&str] = &[
    "lights-on",
    "lights-out",
    "sound/left",
    "act=one",
    "user@home",
    "it's",
    "fix#7",
    "cost$5",
    "(draft)",
    "win!",
    "a;b",
    "p&q",
    "x|y",
    "q\"q",
    "ünder",
    "cut,here",
    "{brace}",
    "dash--dash",
    "to`tick",
    "50%",
    "lt<gt",
];

/// Files of the repository.
pub const FILES: &[&str] = &[
    "stage/left wing.txt",
    "stage/right wing.txt",
    "stage/.hidden",
    "two words.txt",
    "colon:file.txt",
    "equal=file.txt",
    "at@file.txt",
    "quote'file.txt",
    "dollar$file.txt",
    "hash#file.txt",
    "brack[et].txt",
    "star*file.txt",
    "back\\slash.txt",
    "ä-umlaut.txt",
    ".dotfile",
];

/// Commands of the Heroku CLI.
pub const MANIFEST: &str = r#"{"version": "11.10.0", "commands": {
    "pg:info": {"description": "show database information", "flags": {"app": {"char": "a", "type": "option"}}},
    "pg:promote": {"description": "sets DATABASE as your DATABASE_URL", "flags": {"force": {"type": "boolean"}}},
    "pg:psql": {"description": "open a psql shell to the database",
                "flags": {"command": {"char": "c", "type": "option"}, "file": {"char": "f", "type": "option"}}},
    "pg:backups:restore": {"description": "restore a database backup",
                           "args": {"backup": {"name": "backup"}, "database": {"name": "database"}}, "flags": {}},
    "config:get": {"description": "display a single config value for an app", "flags": {}},
    "config:set": {"description": "set one or more config vars", "flags": {}},
    "domains:remove": {"description": "remove a domain from an app",
                       "args": {"hostname": {"name": "hostname"}}, "flags": {}},
    "redis:info": {"description": "gets information about redis",
                   "args": {"database": {"name": "database"}}, "flags": {}},
    "ps:restart": {"description": "restart an app dyno", "flags": {"dyno-name": {"char": "d", "type": "option"}}},
    "ps:scale": {"description": "scale dyno quantity up or down", "flags": {}},
    "ps:stop": {"description": "stop an app dyno", "flags": {}},
    "addons:create": {"description": "create a new add-on resource",
                      "flags": {"name": {"type": "option"}, "wait": {"type": "boolean"}}},
    "run": {"description": "run a one-off process inside a Heroku dyno",
            "flags": {"no-tty": {"type": "boolean"}, "exit-code": {"char": "x", "type": "boolean"}}}}}"#;

/// The rows for all shells with sh's quoting.
pub const ROWS: &[Row] = &[
    // Commands.
    row("staging ta", "staging tail "),
    row("production ta", "production tail "),
    row("review ta", "review tail "),
    row("prepare che", "prepare check "),
    row("greenroom reh", "greenroom rehearse "),
    row("greenroom on staging ta", "greenroom on staging tail "),
    choice("staging r", &["releases", "restart", "rollback"], "staging r"),
    choice("staging s", &["scale", "sha", "ship", "status", "stop"], "staging s"),
    choice("staging sh", &["sha", "ship"], "staging sh"),
    row("staging shi", "staging ship "),
    row("staging  ta", "staging  tail "),
    row("  staging ta", "  staging tail "),
    row("staging nonsense", "staging nonsense"),
    // Flags and their values.
    row("staging --dry", "staging --dry-run "),
    row("staging --dry-run ta", "staging --dry-run tail "),
    row("greenroom --ver", "greenroom --version "),
    row("greenroom --verb", "greenroom --verbose "),
    row("staging tail --sou", "staging tail --source "),
    choice("staging tail --source ", &["app", "heroku"], "staging tail --source "),
    row("staging tail --source a", "staging tail --source app "),
    row("staging tail --source=a", "staging tail --source=app "),
    choice("staging tail --source=", &["app", "heroku"], "staging tail --source="),
    row("staging tail -s a", "staging tail -s app "),
    row("staging releases -n 1", "staging releases -n 1"),
    row("staging releases --num=10", "staging releases --num=100 "),
    row("staging tail --source app --gr", "staging tail --source app --grep "),
    row("staging promote --fr", "staging promote --from "),
    row("staging diff prod", "staging diff production "),
    // A comma may follow, until Tab is pressed once more.
    row("greenroom on st", "greenroom on staging"),
    row("greenroom on staging", "greenroom on staging "),
    row("greenroom on staging,prod", "greenroom on staging,production"),
    row("greenroom on staging,production", "greenroom on staging,production "),
    row("greenroom on staging,production ship --no-b", "greenroom on staging,production ship --no-b"),
    row("prepare wait --wait-timeout=1", "prepare wait --wait-timeout=1"),
    // A value that is a command's name, too.
    row("staging tail --source tail --gr", "staging tail --source tail --grep "),
    row("staging promote --from tail --com", "staging promote --from tail --commit "),
    row("staging tail --grep ship --sour", "staging tail --grep ship --source "),
    // Behind `--` there are no flags.
    row("staging deploy -- li", "staging deploy -- lights-o"),
    row("staging deploy -- --no", "staging deploy -- --no"),
    row("greenroom rehearse -- ls --f", "greenroom rehearse -- ls --f"),
    // The Heroku CLI's commands: readline breaks words at colons.
    row("staging pg:in", "staging pg:info "),
    row("staging pg", "staging pg:"),
    choice("staging p", &["promote", "ps", "pg:"], "staging p"),
    row("staging ad", "staging addons"),
    choice("staging pg:p", &["promote", "psql"], "staging pg:p"),
    choice("staging pg:", &["info", "promote", "psql"], "staging pg:"),
    row("staging pg:ps", "staging pg:psql "),
    row("staging ps:sc", "staging ps:scale "),
    row("staging \"ps:sc", "staging \"ps:scale\" "),
    row("staging addons:cr", "staging addons:create "),
    row("staging addons:create --wa", "staging addons:create --wait "),
    row("greenroom on staging pg:in", "greenroom on staging pg:info "),
    row("review 42 ps:sc", "review 42 ps:scale "),
    row("staging pg:psql --fi", "staging pg:psql --file "),
    row("staging pg:psql --file=tw", "staging pg:psql --file=two\\ words.txt "),
    row("staging pg:psql --file=stage/ri", "staging pg:psql --file=stage/right\\ wing.txt "),
    row("staging pg:psql --file=\"stage/ri", "staging pg:psql --file=\"stage/right wing.txt\" ")
        .but(&[("zsh", "staging pg:psql --file=stage/right\\ wing.txt ")]),
    row("staging pg:psql -f stage/em", "staging pg:psql -f stage/empty/"),
    row("staging run --exit", "staging run --exit-code "),
    row("staging run cat --exit", "staging run cat --exit"),
    // Words that want quoting, and the quotes that were begun.
    row("staging deploy HE", "staging deploy HEAD "),
    row("staging deploy li", "staging deploy lights-o"),
    choice("staging deploy lights-o", &["lights-on", "lights-out"], "staging deploy lights-o"),
    row("staging deploy lights-ou", "staging deploy lights-out "),
    row("staging deploy \"lights-ou", "staging deploy \"lights-out\" "),
    row("staging deploy 'lights-ou", "staging deploy 'lights-out' "),
    row("staging deploy \"li", "staging deploy \"lights-o"),
    row("staging deploy sound/", "staging deploy sound/left "),
    row("staging deploy ac", "staging deploy act=one "),
    row("staging deploy act=", "staging deploy act=one "),
    row("staging deploy act=o", "staging deploy act=one "),
    row("staging deploy \"act=o", "staging deploy \"act=one\" "),
    row("staging deploy us", "staging deploy user@home "),
    row("staging deploy user@", "staging deploy user@home "),
    row("staging deploy user@h", "staging deploy user@home "),
    row("staging deploy 'user@h", "staging deploy 'user@home' "),
    row("staging deploy it", "staging deploy it\\'s "),
    row("staging deploy it\\'", "staging deploy it\\'s "),
    row("staging deploy \"it", "staging deploy \"it's\" "),
    row("staging deploy \"it'", "staging deploy \"it's\" "),
    row("staging deploy fi", "staging deploy fix\\#7 "),
    row("staging deploy co", "staging deploy cost\\$5 "),
    row("staging deploy \"cost", "staging deploy \"cost\\$5\" "),
    row("staging deploy 'cost", "staging deploy 'cost$5' "),
    row("staging deploy \\(", "staging deploy \\(draft\\) "),
    row("staging deploy '(", "staging deploy '(draft)' "),
    row("staging deploy a\\;", "staging deploy a\\;b "),
    row("staging deploy \"p&", "staging deploy \"p&q\" "),
    row("staging deploy 'x|", "staging deploy 'x|y' "),
    row("staging deploy q", "staging deploy q\\\"q "),
    row("staging deploy 'q", "staging deploy 'q\"q' "),
    row("staging deploy ün", "staging deploy ünder "),
    row("staging deploy cut", "staging deploy cut,here "),
    row("staging deploy 50", "staging deploy 50% ").but(&[("fish", "staging deploy 50\\% ")]),
    row("staging deploy \"to", "staging deploy \"to\\`tick\" ")
        .but(&[("fish", "staging deploy \"to`tick\" ")]),
    row("staging deploy 'lt<", "staging deploy 'lt<gt' "),
    row("staging deploy das", "staging deploy dash--dash "),
    // In the middle of a line, where a blank stands behind the cursor already. nushell does not say so.
    row("staging ta --num 5\x02\x02\x02\x02\x02\x02\x02\x02", "staging tail‸ --num 5")
        .but(&[("fish", "staging tail ‸--num 5"), ("nushell", "staging tail ‸ --num 5")]),
    row("staging deploy lights-ou x\x02\x02", "staging deploy lights-out‸ x")
        .but(&[("fish", "staging deploy lights-out ‸x"), ("nushell", "staging deploy lights-out ‸ x")]),
    row("greenroom rehearse -- cat .dotf x\x02\x02", "greenroom rehearse -- cat .dotfile‸ x").but(&[
        ("fish", "greenroom rehearse -- cat .dotfile ‸x"),
        ("nushell", "greenroom rehearse -- cat .dotfile ‸ x"),
    ]),
    row("echo one; staging ta", "echo one; staging tail "),
    row("echo one && staging ta", "echo one && staging tail "),
    row("echo one | staging ta", "echo one | staging tail "),
    row("FOO=1 staging ta", "FOO=1 staging tail "),
    row("staging 'tail' --sou", "staging 'tail' --source "),
    row("staging \"tail\" --source \"a", "staging \"tail\" --source \"app\" "),
    row("staging deploy \"lights-out\" --no-b", "staging deploy \"lights-out\" --no-build "),
    // Paths.
    row("greenroom rehearse -- cat tw", "greenroom rehearse -- cat two\\ words.txt "),
    row("greenroom rehearse -- cat \"tw", "greenroom rehearse -- cat \"two words.txt\" "),
    row("greenroom rehearse -- cat 'two w", "greenroom rehearse -- cat 'two words.txt' "),
    row("greenroom rehearse -- cat stage/le", "greenroom rehearse -- cat stage/left\\ wing.txt "),
    row("greenroom rehearse -- cat ./stage/le", "greenroom rehearse -- cat ./stage/left\\ wing.txt "),
    row("greenroom rehearse -- cat wings/ri", "greenroom rehearse -- cat wings/right\\ wing.txt "),
    row("greenroom rehearse -- cat stage/em", "greenroom rehearse -- cat stage/empty/"),
    choice("greenroom rehearse -- cat stage/", &["empty/", "right"], "greenroom rehearse -- cat stage/"),
    row("greenroom rehearse -- cat .dotf", "greenroom rehearse -- cat .dotfile "),
    row("greenroom rehearse -- cat stage/.h", "greenroom rehearse -- cat stage/.hidden "),
    row("greenroom rehearse -- cat ~/curt", "greenroom rehearse -- cat ~/curtain\\ call.txt "),
    // fish takes what follows such a character for a path of its own, too.
    row("greenroom rehearse -- cat colon:", "greenroom rehearse -- cat colon:file.txt ")
        .but(&[("fish", "greenroom rehearse -- cat colon:")]),
    row("greenroom rehearse -- cat equal=", "greenroom rehearse -- cat equal=file.txt ")
        .but(&[("fish", "greenroom rehearse -- cat equal=")]),
    row("greenroom rehearse -- cat at@", "greenroom rehearse -- cat at@file.txt "),
    row("greenroom rehearse -- cat quo", "greenroom rehearse -- cat quote\\'file.txt "),
    row("greenroom rehearse -- cat doll", "greenroom rehearse -- cat dollar\\$file.txt "),
    row("greenroom rehearse -- cat has", "greenroom rehearse -- cat hash\\#file.txt "),
    row("greenroom rehearse -- cat brack", "greenroom rehearse -- cat brack\\[et\\].txt "),
    row("greenroom rehearse -- cat sta", "greenroom rehearse -- cat sta"),
    row("greenroom rehearse -- cat star", "greenroom rehearse -- cat star\\*file.txt "),
    row("greenroom rehearse -- cat back", "greenroom rehearse -- cat back\\\\slash.txt "),
    row("greenroom rehearse -- cat ä", "greenroom rehearse -- cat ä-umlaut.txt "),
    row("staging tail > tw", "staging tail > two\\ words.txt "),
];

/// The rows with names from Heroku, once they are cached.
pub const LIVE: &[Row] = &[
    choice("staging config:get ", &["DATABASE_URL", "SEATS_PER_ROW"], "staging config:get "),
    row("staging config:get LOG", "staging config:get LOG_LEVEL "),
    row("staging config:get LOG_LEVEL SE", "staging config:get LOG_LEVEL SEATS_PER_ROW "),
    row("staging config:get log", "staging config:get LOG_LEVEL "),
    row("staging config:set LOG", "staging config:set LOG_LEVEL="),
    row("review 42 config:get NO", "review 42 config:get NODE_ENV "),
    choice("review 4", &["42", "43"], "review 4"),
    row("review cur", "review curtain-call "),
    row("staging ps:restart --dyno-name wo", "staging ps:restart --dyno-name worker.1 "),
    row("staging ps:restart --dyno-name=wo", "staging ps:restart --dyno-name=worker.1 "),
    row("staging ps:scale wo", "staging ps:scale worker="),
    row("staging logs --dyno-name wo", "staging logs --dyno-name worker.1 "),
    row("staging run we", "staging run web "),
    choice("production rollback v1", &["v16", "v15"], "production rollback v1"),
    row("staging rollback v9", "staging rollback v9 "),
    row("staging redis:info redis-", "staging redis:info redis-round-12346 "),
    row("staging redis:info RE", "staging redis:info REDIS "),
    row("staging domains:remove sta", "staging domains:remove staging.playhouse.example "),
    row("staging pg:backups:restore b", "staging pg:backups:restore b001 "),
    row("staging pg:backups:restore b001 DA", "staging pg:backups:restore b001 DATABASE "),
    row("production rollback v16", "production rollback v16 "),
];
