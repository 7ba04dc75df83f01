//! Where commands run against a rehearsal: a temporary home and a temporary clone of the playsandbox.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde_json::json;

use crate::folder::Folder;
use crate::history;
use crate::rehearsal::Rehearsal;

/// A temporary home and git repository, configured for one rehearsal. Both are removed when it is dropped.
#[derive(Debug)]
pub struct Sandbox {
    _folder: Folder,
    home: PathBuf,
    repository: PathBuf,
    origin: PathBuf,
    url: String,
    token: String,
    certificate: PathBuf,
}

/// Variables that would send a command to another Heroku or repository, or change what it prints.
const REMOVED: [&str; 33] = [
    "HEROKU_APP",
    "HEROKU_ORGANIZATION",
    "HEROKU_TEAM",
    "HEROKU_HEADERS",
    "HEROKU_DATA_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "http_proxy",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "ZDOTDIR",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_CONFIG_GLOBAL",
    "GIT_COMMIT",
    "GITHUB_SHA",
    "CIRCLE_SHA1",
    "CI_COMMIT_SHA",
    "HEROKU_TEST_RUN_COMMIT_VERSION",
    "BUILDKITE_COMMIT",
    "TRAVIS_COMMIT",
    "BITBUCKET_COMMIT",
    "DRONE_COMMIT_SHA",
    "SEMAPHORE_GIT_SHA",
];

impl Sandbox {
    /// Makes the home, `origin` and its clone: two `git` processes, about 30 ms. The pipeline is connected to `origin`, so
    /// that a branch that is pushed there can get a review app.
    pub fn new(rehearsal: &Rehearsal) -> io::Result<Self> {
        let folder = Folder::new()?;
        let sandbox = Self {
            home: folder.path().join("home"),
            repository: folder.path().join("playhouse"),
            origin: folder.path().join("origin.git"),
            url: rehearsal.url(),
            token: rehearsal.token().to_owned(),
            certificate: rehearsal.certificate(),
            _folder: folder,
        };
        sandbox.write_home()?;
        history::lay_out(sandbox.origin(), true)?;
        history::import(sandbox.origin())?;
        sandbox.clone_origin()?;
        let repository = json!({ "full_name": "stage/playhouse", "path": sandbox.origin() });
        let connected = json!({ "repository": repository });
        rehearsal.call("PATCH", "/_rehearsal/pipelines/playhouse", Some(connected));
        Ok(sandbox)
    }

    /// The home folder.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The work tree: `main` checked out, remotes `origin`, `prepare`, `staging` and `production`.
    pub fn repository(&self) -> &Path {
        &self.repository
    }

    /// The bare repository that `origin` names; it has `main` and `curtain-call`.
    pub fn origin(&self) -> &Path {
        &self.origin
    }

    /// The variables to set, or, where there is no value, to remove.
    pub fn environment(&self) -> Vec<(OsString, Option<OsString>)> {
        let home = self.home();
        let within = |name: &str| home.join(name).into_os_string();
        let folders = [
            ("HOME", home.as_os_str().to_owned()),
            ("USERPROFILE", home.as_os_str().to_owned()),
            ("XDG_CONFIG_HOME", within(".config")),
            ("XDG_CACHE_HOME", within(".cache")),
            ("XDG_DATA_HOME", within(".local/share")),
            ("XDG_STATE_HOME", within(".local/state")),
            // Trusted besides all others. SSL_CERT_FILE would replace them, so git and curl could reach nothing else.
            ("NODE_EXTRA_CA_CERTS", self.certificate.clone().into_os_string()),
        ];
        let words = [
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("HEROKU_HOST", &self.url),
            ("HEROKU_API_KEY", &self.token),
            ("HEROKU_GIT_HOST", "git.heroku.com"),
            ("HEROKU_PARTICLEBOARD_URL", &self.url),
            ("HEROKU_DATA_HOST", "127.0.0.1"),
            ("DISABLE_TELEMETRY", "true"),
            ("HEROKU_DISABLE_AUTOUPDATE", "1"),
            ("HEROKU_SKIP_NEW_VERSION_CHECK", "1"),
            ("HEROKU_NOTIFICATIONS", "0"),
            ("NO_PROXY", "127.0.0.1,localhost"),
            ("no_proxy", "127.0.0.1,localhost"),
        ];
        let words = words.into_iter().map(|(name, value)| (name, OsString::from(value)));
        let set = folders.into_iter().chain(words).map(|(name, value)| (name.into(), Some(value)));
        set.chain(REMOVED.iter().map(|name| (name.into(), None))).collect()
    }

    /// Git's configuration, and the sign that the official CLI's terms of service have been seen.
    fn write_home(&self) -> io::Result<()> {
        let home = self.home();
        for folder in [".config", ".cache/heroku", ".local/share", ".local/state"] {
            fs::create_dir_all(home.join(folder))?;
        }
        fs::write(home.join(".cache/heroku/terms-of-service"), "")?;
        // A push goes to the rehearsal; what `git remote -v` shows for fetching stays Heroku's.
        let config = format!(
            "[user]\n\tname = Ada Prompter\n\temail = ada@playsandbox.example\n\
             [init]\n\tdefaultBranch = main\n\
             [gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n\
             [commit]\n\tgpgSign = false\n\
             [advice]\n\tstatusHints = false\n\tpushUpdateRejected = false\n\tdetachedHead = false\n\
             [protocol \"file\"]\n\tallow = always\n\
             [url \"{url}/\"]\n\tpushInsteadOf = https://git.heroku.com/\n\
             [credential \"{url}\"]\n\thelper =\n\thelper = \"!f() {{ test \\\"$1\\\" = get && \
             printf 'username=heroku\\\\npassword=%s\\\\n' \\\"$HEROKU_API_KEY\\\"; }}; f\"\n",
            url = self.url
        );
        fs::write(home.join(".gitconfig"), config)
    }

    /// What `git clone` would leave, with a process less.
    fn clone_origin(&self) -> io::Result<()> {
        let git_folder = self.repository().join(".git");
        history::lay_out(&git_folder, false)?;
        let slashed = |path: &Path| path.display().to_string().replace('\\', "/");
        fs::write(
            git_folder.join("objects/info/alternates"),
            slashed(&self.origin().join("objects")) + "\n",
        )?;
        let [.., head] = history::MAIN;
        let [.., curtain_call] = history::CURTAIN_CALL;
        fs::create_dir_all(git_folder.join("refs/remotes/origin"))?;
        for (reference, content) in [
            ("refs/heads/main", head),
            ("refs/remotes/origin/main", head),
            ("refs/remotes/origin/curtain-call", curtain_call),
            ("refs/remotes/origin/HEAD", "ref: refs/remotes/origin/main"),
        ] {
            fs::write(git_folder.join(reference), format!("{content}\n"))?;
        }
        let mut config = fs::read_to_string(git_folder.join("config"))?;
        let heroku = |app: &str| format!("https://git.heroku.com/{app}.git");
        for (remote, url) in [
            ("origin", slashed(self.origin())),
            ("prepare", heroku("playhouse-prepare")),
            ("staging", heroku("playhouse-staging")),
            ("production", heroku("playhouse-production")),
        ] {
            let _ = write!(
                config,
                "[remote \"{remote}\"]\n\turl = {url}\n\tfetch = +refs/heads/*:refs/remotes/{remote}/*\n"
            );
        }
        config += "[branch \"main\"]\n\tremote = origin\n\tmerge = refs/heads/main\n";
        fs::write(git_folder.join("config"), config)?;
        check_out(&git_folder, self.repository())
    }
}

fn check_out(git_folder: &Path, work_tree: &Path) -> io::Result<()> {
    let mut git = history::git(git_folder);
    let output = git.args(["reset", "--hard", "--quiet"]).env("GIT_WORK_TREE", work_tree).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("git reset: {}", String::from_utf8_lossy(&output.stderr))))
}
