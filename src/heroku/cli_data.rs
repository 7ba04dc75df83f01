//! Where the official CLI keeps its data.

use std::path::PathBuf;

use super::Lookup;

/// The folder, whether or not it is there; found as the CLI finds it: on Windows in `LOCALAPPDATA`, elsewhere, macOS
/// too, where XDG says.
pub fn cli_data_dir(env: Lookup) -> Option<PathBuf> {
    let path = |name| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    path("HEROKU_DATA_DIR").or_else(|| {
        if cfg!(windows) {
            return Some(path("LOCALAPPDATA")?.join("heroku"));
        }
        let data = path("XDG_DATA_HOME").or_else(|| Some(path("HOME")?.join(".local/share")));
        Some(data?.join("heroku"))
    })
}

#[cfg(all(test, not(windows)))]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_variable_counts() {
        let of = |set: &[(&str, &str)]| {
            cli_data_dir(&|name| set.iter().find(|(set, _)| *set == name).map(|(_, value)| value.into()))
        };
        let (home, xdg, own) = (("HOME", "/h"), ("XDG_DATA_HOME", "/x"), ("HEROKU_DATA_DIR", "/own"));
        assert_eq!(of(&[home, xdg, own]), Some("/own".into()));
        assert_eq!(of(&[home, xdg, ("HEROKU_DATA_DIR", "")]), Some("/x/heroku".into()));
        assert_eq!(of(&[home, ("LOCALAPPDATA", "/l")]), Some("/h/.local/share/heroku".into()));
        assert_eq!(of(&[]), None);
    }
}
