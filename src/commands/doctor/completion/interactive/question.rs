//! The script that makes each shell report its completion, and the report.
//!
//! The report follows a marker line, because startup files may print text before it. Each line is a word and a value:
//! `version 5.2`, `greenroom /usr/bin/greenroom`, `tab complete`, `completes staging …`.

/// The line before the report.
const ANSWER: &str = "greenroom-asks\n";

/// How to make a shell report.
pub(super) struct Question {
    /// The arguments for an interactive shell that reports.
    pub(super) ask: &'static [&'static str],
    /// The arguments for a shell that reads no startup file and exits at once.
    pub(super) bare: &'static [&'static str],
    /// A shell's report about a name that greenroom completes.
    pub(super) sign: &'static str,
}

/// How to ask this shell; `None` if it completes only on a terminal.
pub(super) fn question(shell: &str) -> Option<Question> {
    Some(match shell {
        "bash" => Question {
            ask: &["-ic", BASH],
            bare: &["--noprofile", "--norc", "-ic", "exit"],
            sign: "_greenroom",
        },
        "zsh" => Question { ask: &["-ic", ZSH], bare: &["-f", "-ic", "exit"], sign: "_greenroom" },
        "fish" => Question {
            ask: &["-ic", FISH],
            bare: &["--no-config", "-ic", "exit"],
            sign: "__greenroom_complete",
        },
        "nushell" => Question { ask: &["-e", NUSHELL], bare: &["-n", "-e", "exit"], sign: r#""doctor "# },
        "powershell" => Question {
            ask: &["-NoLogo", "-NonInteractive", "-Command", POWERSHELL],
            bare: &["-NoLogo", "-NonInteractive", "-NoProfile", "-Command", "exit"],
            sign: "doctor",
        },
        _ => return None,
    })
}

const BASH: &str = r#"
printf 'greenroom-asks\nversion %s\ngreenroom %s\n' "$BASH_VERSION" "$(type -P greenroom)"
case $(bind -p 2>/dev/null) in '') ;; *) echo keys are bound ;; esac
{ bind -p; bind -s; bind -X; } 2>/dev/null | while IFS= read -r line; do
    case $line in '"\C-i":'* | '"\t":'*) printf 'tab %s\n' "${line#*:}" ;; esac
done
shopt -q progcomp || echo progcomp off
for name in production staging prepare development review greenroom; do
    printf 'completes %s %s\n' "$name" "$(complete -p "$name" 2>/dev/null)"
done"#;

const ZSH: &str = r#"() {
    emulate -L zsh
    local name
    print -r -- $'greenroom-asks\nversion '"$ZSH_VERSION"
    print -r -- "greenroom $(whence -p greenroom)"
    print -r -- "tab ${$(bindkey '^I')##* }"
    (( $+functions[compdef] )) || print -r -- 'compinit off'
    print -r -- "reads $ZDOTDIR"
    for name in production staging prepare development review greenroom; do
        print -r -- "completes $name ${_comps[$name]}"
    done
}"#;

/// The first `complete -C` for a name loads the user's own completions of it.
const FISH: &str = r#"
echo greenroom-asks; echo version $version; echo greenroom (command -s greenroom)
for line in (bind \t 2>/dev/null)
    if string match -q -- '*--preset*' $line; echo preset $line; else; echo tab $line; end
end
for name in production staging prepare development review greenroom
    complete -C "$name -" >/dev/null 2>&1
    for line in (complete -c $name); echo completes $name $line; end
    for folder in $fish_complete_path
        if test -e $folder/$name.fish; echo file $name $folder/$name.fish; end
    end
end"#;

const NUSHELL: &str = r#"
print greenroom-asks $"version ((version).version)"
print $"greenroom (try { which --all greenroom | where type == external | get path | first } catch { '' })"
try {
    $env.config.keybindings | where {|key| $key.keycode == tab and $key.modifier == none } | each {|key|
        print $"tab ($key.event | to json --raw)"
    }
}
try { print $"completes greenroom (do $env.config.completions.external.completer [greenroom doct] | to json --raw)" }
exit"#;

const POWERSHELL: &str = r#"'greenroom-asks'; "version $($PSVersionTable.PSVersion)"
"completes greenroom $(([Management.Automation.CommandCompletion]::CompleteInput('greenroom doct', 14, $null)).CompletionMatches.CompletionText)""#;

/// A shell's answer.
pub(super) struct Answer<'a>(&'a str);

impl<'a> Answer<'a> {
    /// Finds the report in the shell's output; none if the shell did not get that far.
    pub(super) fn find(written: &'a str) -> Option<Self> {
        written.split_once(ANSWER).map(|(_, answer)| Self(answer))
    }

    /// The values of all lines with this word.
    pub(super) fn all(&self, word: &str) -> impl Iterator<Item = &'a str> {
        self.0.lines().filter_map(move |line| {
            let (first, value) = line.split_once(' ').unwrap_or((line, ""));
            (first == word).then_some(value.trim())
        })
    }

    /// The value of the first; empty if there is none.
    pub(super) fn get(&self, word: &str) -> &'a str {
        self.all(word).next().unwrap_or_default()
    }

    /// The completion of a name, as the shell describes it.
    pub(super) fn completions(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.all("completes").map(|line| line.split_once(' ').unwrap_or((line, "")))
    }
}
