//! The frameworks, what tells them, and their commands as their own documentation has them (`docs/one-off-dynos.md`).

use std::path::Path;

use super::Place;
use super::files::{has, text};
use super::node;
use crate::error::Result;

/// A framework, as the project's files tell it.
pub(super) struct Framework {
    /// Its name.
    pub(super) name: &'static str,
    /// The file that told it.
    pub(super) evidence: &'static str,
    /// Its console.
    pub(super) console: Option<String>,
    /// Its command that migrates the database.
    pub(super) migrate: Option<String>,
    /// What is missing where one of the two is.
    pub(super) lacks: &'static str,
}

impl Framework {
    /// The framework of the project in this folder; none that is known here. Node comes last: many projects of the others
    /// have a package.json too.
    pub(super) fn of(root: &Path, place: Place) -> Result<Option<Self>> {
        for told in [rails, django, phoenix] {
            if let Some(framework) = told(root, place)? {
                return Ok(Some(framework));
            }
        }
        match laravel(root, place) {
            Some(laravel) => Ok(Some(laravel)),
            None => node::node(root),
        }
    }

    fn new(name: &'static str, evidence: &'static str, console: &str, migrate: &str) -> Self {
        let (console, migrate) = (Some(console.to_owned()), Some(migrate.to_owned()));
        Self { name, evidence, console, migrate, lacks: "" }
    }
}

/// Rails: its program, or its gem. Before Rails 5, only Rake migrates.
fn rails(root: &Path, _: Place) -> Result<Option<Framework>> {
    let major = text(root, "Gemfile.lock")?.as_deref().and_then(major_version_of_rails);
    let (evidence, program) = match major {
        _ if has(root, "bin/rails") => ("bin/rails", "bin/rails"),
        Some(_) => ("Gemfile.lock", "bundle exec rails"),
        None => return Ok(None),
    };
    let migrate = match major {
        Some(..5) => "bundle exec rake db:migrate".to_owned(),
        _ => format!("{program} db:migrate"),
    };
    Ok(Some(Framework::new("Rails", evidence, &format!("{program} console"), &migrate)))
}

/// The version of the gem `railties` in a Gemfile.lock, which indents the gems themselves by four spaces: `    railties (7.1.3)`.
fn major_version_of_rails(lock: &str) -> Option<u32> {
    let version = lock.lines().find_map(|line| line.strip_prefix("    railties ("))?;
    version.split('.').next()?.parse().ok()
}

/// Django. Other programs are called manage.py too. On a dyno, its questions would end a command without a terminal.
fn django(root: &Path, place: Place) -> Result<Option<Framework>> {
    let is_django = text(root, "manage.py")?.is_some_and(|text| text.to_lowercase().contains("django"));
    let migrate = match place {
        Place::Dyno => "python manage.py migrate --noinput",
        Place::Here => "python manage.py migrate",
    };
    let django = || Framework::new("Django", "manage.py", "python manage.py shell", migrate);
    Ok(is_django.then(django))
}

/// Phoenix. Its guide limits the connections of one-off commands, as a database allows only so many. An image has the
/// release that `mix phx.gen.release` prepared, and no Mix.
fn phoenix(root: &Path, place: Place) -> Result<Option<Framework>> {
    let Some(mix) = text(root, "mix.exs")?.filter(|text| text.contains("{:phoenix")) else { return Ok(None) };
    if place == Place::Here {
        return Ok(Some(Framework::new("Phoenix", "mix.exs", "iex -S mix", "mix ecto.migrate")));
    }
    if has(root, "heroku.yml")
        && has(root, "rel/overlays/bin/migrate")
        && let Some(app) = app_of_mix(&mix)
    {
        let evidence = "rel/overlays/bin/migrate and heroku.yml";
        let console = format!("bin/{app} start_iex");
        return Ok(Some(Framework::new("Phoenix", evidence, &console, "bin/migrate")));
    }
    let (console, migrate) = ("POOL_SIZE=2 iex -S mix", "POOL_SIZE=2 mix ecto.migrate");
    Ok(Some(Framework::new("Phoenix", "mix.exs", console, migrate)))
}

/// The name in `app: :hello`.
fn app_of_mix(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("app:")?;
    let name = rest.trim_start().strip_prefix(':')?;
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
    (end > 0).then_some(&name[..end])
}

/// Laravel. Without `--force` it asks first where the app is in production.
fn laravel(root: &Path, place: Place) -> Option<Framework> {
    let migrate = match place {
        Place::Dyno => "php artisan migrate --force",
        Place::Here => "php artisan migrate",
    };
    has(root, "artisan").then(|| Framework::new("Laravel", "artisan", "php artisan tinker", migrate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_rails_is_in_the_lock() {
        let lock = |line: &str| format!("GEM\n  specs:\n    rails (9)\n      railties (= 8.0.1)\n{line}\n");
        assert_eq!(major_version_of_rails(&lock("    railties (8.0.1)")), Some(8));
        assert_eq!(major_version_of_rails(&lock("    railties (4.2.11.3)\r")), Some(4));
        assert_eq!(major_version_of_rails(&lock("")), None);
    }

    #[test]
    fn the_name_of_a_mix_app_is_an_atom() {
        assert_eq!(app_of_mix("[\n app: :hello_2,\n"), Some("hello_2"));
        assert_eq!(app_of_mix("app: :"), None);
        assert_eq!(app_of_mix("app: name()"), None);
        assert_eq!(app_of_mix(""), None);
    }
}
