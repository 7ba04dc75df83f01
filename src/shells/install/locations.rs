//! Where each shell looks for completions and startup files.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use etcetera::BaseStrategy;

use super::{Part, block, file};
use crate::error::{Context as _, Error, Result};
use crate::process::CommandLine;
use crate::shells::Shell;
use crate::text::quote;

/// How long PowerShell may take to start and to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The user's folders.
struct Folders {
    home: PathBuf,
    config: PathBuf,
    data: PathBuf,
}

/// All parts of this shell's setup, in the order in which the shell reads them.
pub fn parts(shell: &dyn Shell) -> Result<Vec<Part>> {
    let base = etcetera::base_strategy::choose_base_strategy()
        .context(|| "cannot tell where your home folder is")?;
    let folders =
        Folders { home: base.home_dir().to_owned(), config: base.config_dir(), data: base.data_dir() };
    let stub = |path: PathBuf| Part::file(path, shell.stub());
    let ours = |name: &str| folders.data.join("greenroom/completions").join(name);
    Ok(match shell.name() {
        "bash" => {
            let file = ours("greenroom.bash");
            let lines = format!("[ ! -r {0} ] || . {0}", posix(&file, &folders));
            let blocks = bash_files(&folders)?.into_iter().map(|path| {
                let only_bash = if path.ends_with(PROFILE) { "[ -z \"${BASH_VERSION-}\" ] || " } else { "" };
                Part::block(path, format!("{only_bash}{lines}"))
            });
            std::iter::once(stub(file)).chain(blocks).collect()
        }
        "zsh" => {
            let file = ours("_greenroom");
            let lines =
                zsh_lines(&posix(&file, &folders), &posix(file.parent().unwrap_or(&folders.data), &folders));
            let folder = env::var_os("ZDOTDIR").filter(|folder| !folder.is_empty());
            let folder = folder.map_or_else(|| folders.home.clone(), PathBuf::from);
            vec![stub(file), Part::block(folder.join(".zshrc"), lines)]
        }
        "fish" => vec![stub(folders.config.join("fish/conf.d/greenroom.fish"))],
        "elvish" => {
            let folder = folders.config.join("elvish");
            // rc.elv must work without the file, as with the same dotfiles on another machine.
            let lines = "try { use greenroom } catch { }".to_owned();
            vec![stub(folder.join("lib/greenroom.elv")), Part::block(folder.join("rc.elv"), lines)]
        }
        "nushell" => vec![stub(nushell_folder(&folders).join("autoload/greenroom.nu"))],
        "powershell" => {
            let profile = powershell_profile(&folders)?;
            let file = profile.with_file_name("greenroom.ps1");
            // No path in it: older versions do not read text beyond ASCII reliably.
            let beside = r#""$PSScriptRoot/greenroom.ps1""#;
            let lines = format!("if (Test-Path -LiteralPath {beside}) {{ . {beside} }}");
            vec![stub(file), Part::block(profile, lines)]
        }
        name => return Err(Error::failed(format!("unknown where {name} looks for completions"))),
    })
}

/// `.bashrc`, which interactive shells read; and the file that login shells read, unless that reads `.bashrc`. Login shells
/// read the first of three files that exists; one that was the first before may still have a block.
fn bash_files(folders: &Folders) -> Result<Vec<PathBuf>> {
    let mut files = vec![folders.home.join(".bashrc")];
    let mut is_first = true;
    for path in [".bash_profile", ".bash_login", PROFILE].map(|name| folders.home.join(name)) {
        let Some(text) = file::read(&path)? else { continue };
        let leads_there = memchr::memmem::find(&text, b".bashrc").is_some();
        if is_first && !leads_there || block::without(&text) != Ok(None) {
            files.push(path);
        }
        is_first = false;
    }
    // The terminals of macOS start login shells.
    if is_first && cfg!(target_os = "macos") {
        files.push(folders.home.join(".bash_profile"));
    }
    Ok(files)
}

/// The startup file that sh and other shells read, too.
const PROFILE: &str = ".profile";

/// Works whether or not the completion system is initialized already, and if it is initialized again later.
fn zsh_lines(file: &str, folder: &str) -> String {
    format!(
        "if [[ -r {file} ]]; then\n    \
             fpath=({folder} $fpath)\n    \
             (( $+functions[compdef] )) || {{ autoload -Uz compinit && compinit -i }}\n    \
             source {file}\n\
         fi"
    )
}

fn nushell_folder(folders: &Folders) -> PathBuf {
    // On macOS nushell follows XDG only if the variable is set.
    if cfg!(target_os = "macos") && env::var_os("XDG_CONFIG_HOME").is_none() {
        return folders.home.join("Library/Application Support/nushell");
    }
    folders.config.join("nushell")
}

/// The user's profile on this host. PowerShell knows its path, as Windows may keep the documents folder elsewhere.
fn powershell_profile(folders: &Folders) -> Result<PathBuf> {
    if !cfg!(windows) {
        return Ok(folders.config.join("powershell/Microsoft.PowerShell_profile.ps1"));
    }
    let asked = ["pwsh", "powershell"].into_iter().find_map(CommandLine::find);
    let asked = asked.ok_or_else(|| Error::failed("neither pwsh nor powershell is on PATH"))?;
    let output = asked.args(["-NoProfile", "-NonInteractive", "-Command", "$PROFILE"]).output(PATIENCE)?;
    let path = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    if !path.is_absolute() {
        return Err(Error::failed("PowerShell does not say where its profile is")
            .hint("greenroom completions powershell   # and have $PROFILE read it"));
    }
    Ok(path)
}

/// The path as bash and zsh read it, with `$HOME`, so that the same dotfiles work in another home folder.
fn posix(path: &Path, folders: &Folders) -> String {
    match path.strip_prefix(&folders.home) {
        Ok(rest) => format!("\"$HOME\"/{}", quote(rest.as_os_str())),
        Err(_) => quote(path.as_os_str()),
    }
}
