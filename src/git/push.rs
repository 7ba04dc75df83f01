//! An app's git repository at Heroku: what it has, and a push of one commit to it.

use super::borrowed::Borrowed;
use crate::error::{Kind, Result};
use crate::model::CommitId;
use crate::process::{CommandLine, Place};

/// With these git and libcurl write down what they send; not every version of them leaves out the password.
const TRACES: [&str; 2] = ["GIT_TRACE_CURL", "GIT_CURL_VERBOSE"];

/// A connection without traffic for this many seconds is dead. A build may be silent for long.
const DEAD: [&str; 2] = ["http.lowSpeedLimit=1", "http.lowSpeedTime=600"];

/// The branches that Heroku builds.
const BUILT: [&str; 2] = ["main", "master"];

/// Keeps git from pushing over a connection that it used before. When such a connection dies, libcurl takes it for an old
/// one that the server had closed, and sends the request again: the app would be built twice. HTTP/2 knows no such header.
const ONE_REQUEST_A_CONNECTION: [&str; 2] = ["http.version=HTTP/1.1", "http.extraHeader=Connection: close"];

/// An app's repository, as it is reached from a [`Borrowed`] one.
pub struct AppRepository<'a> {
    from: &'a Borrowed,
    url: &'a str,
    helper: &'a str,
}

/// The branches of an app's repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The branch that is built: `main`, or `master` where that is what is there.
    pub branch: &'static str,
    /// Its commit; `None` before the first push.
    pub commit: Option<CommitId>,
}

impl<'a> AppRepository<'a> {
    /// The repository at `url`. `helper` is the one credential helper that git may ask.
    pub fn new(from: &'a Borrowed, url: &'a str, helper: &'a str) -> Self {
        Self { from, url, helper }
    }

    /// Asks what is there.
    pub fn head(&self) -> Result<Head> {
        let references = BUILT.map(|branch| format!("refs/heads/{branch}"));
        let line = self.git()?.args(["ls-remote", "--quiet", self.url, "HEAD"]).args(references);
        self.leave_out_traces();
        let _waiting = self.from.patience.waiting(self.host());
        // Only our credential helper may be asked.
        let output = self.from.patience.ask(&line, Place::WithoutTerminal, self.host());
        let output = output.map_err(|error| {
            let error = error.context(format!("cannot read the app's git repository, {}", self.url));
            match error.kind() {
                Kind::Denied => error,
                _ => error.hint_line(["git", "ls-remote", self.url]),
            }
        })?;
        Ok(Head::read(&String::from_utf8_lossy(&output.stdout)))
    }

    /// The line that pushes `commit`. With `replaces`, the branch is set back or aside, but only while it still has that
    /// commit.
    pub fn push(
        &self,
        commit: &CommitId,
        branch: &str,
        replaces: Option<&CommitId>,
        progress: bool,
    ) -> Result<CommandLine> {
        let settings = ONE_REQUEST_A_CONNECTION.into_iter().chain(DEAD);
        let git = settings.fold(self.git()?, |git, setting| git.args(["-c", setting]));
        let line = git.args(["push", "--no-verify", "--no-signed", "--recurse-submodules=no"]);
        let line = if progress { line.args(["--progress"]) } else { line };
        let line = match replaces {
            Some(old) => line.args([format!("--force-with-lease=refs/heads/{branch}:{old}")]),
            None => line,
        };
        Ok(line.args([self.url, &format!("{commit}:refs/heads/{branch}")]))
    }

    /// The host in the URL.
    fn host(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url, |(_, rest)| rest);
        rest.split('/').next().unwrap_or(rest)
    }

    /// git, which asks our helper and nobody else for a password, and gives it to nobody whose certificate is not valid.
    fn git(&self) -> Result<CommandLine> {
        let git = self.from.git()?;
        let git = ["GIT_ASKPASS", "SSH_ASKPASS", "GIT_SSL_NO_VERIFY"]
            .into_iter()
            .chain(TRACES)
            .fold(git, CommandLine::without_env);
        let settings = [
            // An empty value resets the list.
            "credential.helper=".to_owned(),
            format!("credential.helper={}", self.helper),
            "core.askPass=".to_owned(),
            "http.sslVerify=true".to_owned(),
            // The user may have set it for a host; a setting for the whole URL wins.
            format!("http.{}.sslVerify=true", self.url),
        ];
        let git = settings.iter().fold(git, |git, setting| git.args(["-c", setting]));
        Ok(git.env("GIT_TERMINAL_PROMPT", "0"))
    }

    /// Warns that git's traces are turned off.
    fn leave_out_traces(&self) {
        let is_wanted = |name: &&str| std::env::var_os(name).is_some();
        if let (Some(name), Some(terminal)) =
            (TRACES.into_iter().find(is_wanted), self.from.patience.terminal())
        {
            terminal.warn(&format!("{name} is not passed on to git here: a trace may show the token"));
        }
    }
}

impl Head {
    /// Reads what `git ls-remote` lists. Where both branches are there, `HEAD` tells which of them is built.
    fn read(listed: &str) -> Self {
        let commit_of = |reference: &str| {
            let mut lines = listed.lines().filter_map(|line| line.split_once('\t'));
            lines.find_map(|(id, name)| id.parse().ok().filter(|_: &CommitId| name == reference))
        };
        let [main, master] = BUILT.map(|branch| commit_of(&format!("refs/heads/{branch}")));
        match (main, master) {
            (Some(main), Some(master)) if main != master && commit_of("HEAD").as_ref() == Some(&master) => {
                Self { branch: "master", commit: Some(master) }
            }
            (None, Some(master)) => Self { branch: "master", commit: Some(master) },
            (main, _) => Self { branch: "main", commit: main },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "1111111111111111111111111111111111111111";
    const B: &str = "2222222222222222222222222222222222222222";

    fn head(lines: &[(&str, &str)]) -> (&'static str, Option<String>) {
        let listed: Vec<String> = lines.iter().map(|(id, name)| format!("{id}\t{name}")).collect();
        let Head { branch, commit } = Head::read(&listed.join("\n"));
        (branch, commit.map(|commit| commit.to_string()))
    }

    #[test]
    fn the_branch_that_is_built_is_told() {
        let some = |id: &str| Some(id.to_owned());
        assert_eq!(head(&[]), ("main", None));
        assert_eq!(head(&[(A, "HEAD"), (A, "refs/heads/main")]), ("main", some(A)));
        assert_eq!(head(&[(A, "HEAD"), (A, "refs/heads/master")]), ("master", some(A)));
        let both = [(A, "refs/heads/main"), (B, "refs/heads/master")];
        assert_eq!(head(&[&[(A, "HEAD")], &both[..]].concat()), ("main", some(A)));
        assert_eq!(head(&[&[(B, "HEAD")], &both[..]].concat()), ("master", some(B)));
        assert_eq!(head(&[("fatal: no", "refs/heads/main")]), ("main", None));
    }
    #[test]
    fn a_certificate_is_checked_whatever_a_person_has_set_for_a_host() {
        let lent = Borrowed::empty();
        let url = "https://git.heroku.com/playhouse.git";
        let file = tempfile::NamedTempFile::new().unwrap();
        let off = |url: &str| format!("[http \"{url}\"]\n\tsslVerify = false\n");
        let urls = ["https://*.heroku.com", "https://git.heroku.com", "https://git.heroku.com/", url];
        std::fs::write(file.path(), urls.map(off).concat() + "[http]\n\tsslVerify = false\n").unwrap();
        let asked = |git: CommandLine| {
            let git = git.args(["config", "--get-urlmatch", "http.sslVerify", url]);
            let output = lent.patience.run(&git.env("GIT_CONFIG_GLOBAL", file.path())).unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        assert_eq!(asked(lent.git().unwrap()), "false\n");
        assert_eq!(asked(AppRepository::new(&lent, url, "helper").git().unwrap()), "true\n");
    }
}
