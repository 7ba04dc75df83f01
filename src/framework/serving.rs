//! How a project of a known framework is served, migrated and tested, for the files of a new project.

use std::path::Path;

use serde_json::Value;

use super::Place;
use super::files::{has, text};
use super::kinds::Framework;
use crate::error::Result;

/// The commands of a project's framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serving {
    /// The framework.
    pub framework: &'static str,
    /// The process type `web`, as the framework's guide for Heroku has it; none where the files do not tell.
    pub web: Option<String>,
    /// What migrates the database; none where it has nothing that does.
    pub migrate: Option<String>,
    /// What runs the tests.
    pub test: &'static str,
}

/// The commands of the project in this folder; none for a framework that is not known.
pub fn serving(root: &Path) -> Result<Option<Serving>> {
    let Some(Framework { name, migrate, .. }) = Framework::of(root, Place::Dyno)? else { return Ok(None) };
    let (web, test) = match name {
        "Rails" => (
            Some(rails(root)),
            if has(root, "spec/spec_helper.rb") { "bundle exec rspec" } else { "bin/rails test" },
        ),
        "Django" => (django(root)?, "python manage.py test"),
        "Phoenix" => (Some("mix phx.server".to_owned()), "mix test"),
        "Laravel" => (Some("heroku-php-apache2 public/".to_owned()), "php artisan test"),
        _ => (node(root)?, "npm test"),
    };
    Ok(Some(Serving { framework: name, web, migrate, test }))
}

fn rails(root: &Path) -> String {
    let has_puma = has(root, "config/puma.rb");
    let line = if has_puma {
        "bundle exec puma -C config/puma.rb"
    } else {
        "bin/rails server -p $PORT -e $RAILS_ENV"
    };
    line.to_owned()
}

/// The package with the settings, which manage.py names, has `wsgi.py` as well.
fn django(root: &Path) -> Result<Option<String>> {
    let manage = text(root, "manage.py")?.unwrap_or_default();
    let before = manage.split_once(".settings").map_or("", |(before, _)| before);
    let package = before.rsplit(['"', '\'']).next().unwrap_or_default();
    let is_name = !package.is_empty() && package.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    Ok((is_name && has(root, &format!("{package}/wsgi.py"))).then(|| format!("gunicorn {package}.wsgi")))
}

fn node(root: &Path) -> Result<Option<String>> {
    let package: Value =
        serde_json::from_str(&text(root, "package.json")?.unwrap_or_default()).unwrap_or_default();
    let start = package["scripts"]["start"].is_string().then_some("npm start");
    Ok(start.or(has(root, "server.js").then_some("node server.js")).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn each_framework_is_served_as_its_guide_says() {
        for (files, web, test) in [
            (&[("bin/rails", "")][..], Some("bin/rails server -p $PORT -e $RAILS_ENV"), "bin/rails test"),
            (
                &[("bin/rails", ""), ("config/puma.rb", ""), ("spec/spec_helper.rb", "")],
                Some("bundle exec puma -C config/puma.rb"),
                "bundle exec rspec",
            ),
            (
                &[
                    (
                        "manage.py",
                        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'stage.settings') # django",
                    ),
                    ("stage/wsgi.py", ""),
                ],
                Some("gunicorn stage.wsgi"),
                "python manage.py test",
            ),
            (&[("manage.py", "import django")], None, "python manage.py test"),
            (&[("mix.exs", "{:phoenix, \"1\"}")], Some("mix phx.server"), "mix test"),
            (&[("artisan", "")], Some("heroku-php-apache2 public/"), "php artisan test"),
            (&[("package.json", r#"{"scripts":{"start":"x"}}"#)], Some("npm start"), "npm test"),
            (&[("package.json", "{}"), ("server.js", "")], Some("node server.js"), "npm test"),
            (&[("package.json", "{}")], None, "npm test"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            for (name, text) in files {
                let path = folder.path().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            let told = serving(folder.path()).unwrap().unwrap();
            assert_eq!((told.web.as_deref(), told.test), (web, test), "{files:?}");
        }
        assert_eq!(serving(tempfile::tempdir().unwrap().path()).unwrap(), None);
    }
}
