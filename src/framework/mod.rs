//! What `console` and `migrate` run, on a dyno or on this machine: a line of the configuration, a process type of the Procfile, or the command
//! of the framework that the project's files tell.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::hint::Hint;
use crate::procfile;
use crate::text;

mod files;
mod kinds;
mod node;
mod serving;

use kinds::Framework;
pub use serving::{Serving, serving};

/// What a command of the project is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// An interactive session with the app's code.
    Console,
    /// Bringing the database's schema up to date.
    Migrate,
}

/// Where a command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On a one-off dyno, where Heroku replaces the name of a process type with its command.
    Dyno,
    /// On this machine.
    Here,
}

/// The command for a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskCommand {
    /// Its words; a single one is a line of shell.
    pub words: Vec<OsString>,
    /// What named it, such as `Rails: bin/rails`.
    pub reason: String,
}

impl Task {
    /// Its key in `[commands]`, and the process type of the Procfile that names its command.
    fn key(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Migrate => "migrate",
        }
    }

    /// What a message calls it.
    fn noun(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Migrate => "migration",
        }
    }

    /// A line to fill in.
    fn example(self) -> &'static str {
        match self {
            Self::Console => "bin/rails console",
            Self::Migrate => "bin/rails db:migrate",
        }
    }

    /// The command for this task in the project whose root is this folder, with `arguments` after it.
    ///
    /// Exit 2 where nothing names one, and where a file that would tell cannot be read.
    pub fn command(
        self,
        place: Place,
        config: &Config,
        root: &Path,
        arguments: &[OsString],
    ) -> Result<TaskCommand> {
        let configured = match self {
            Self::Console => &config.commands.console,
            Self::Migrate => &config.commands.migrate,
        };
        if let Some(line) = configured {
            let reason = format!("configured as [commands] {}", self.key());
            return Ok(TaskCommand { words: words(line, arguments), reason });
        }
        let procfile = procfile::read(root);
        if let Some(command) =
            procfile::command_of(&procfile, self.key()).filter(|command| !command.is_empty())
        {
            let line = match place {
                // Heroku replaces the bare name with the command of the running slug's Procfile.
                Place::Dyno => self.key(),
                Place::Here => command,
            };
            let reason = format!("process type {} of the Procfile", self.key());
            return Ok(TaskCommand { words: words(line, arguments), reason });
        }
        let found = Framework::of(root, place);
        let found = found.map_err(|error| error.context("cannot tell what to run").hint(self.setting()))?;
        let Some(framework) = found else { return Err(self.unknown(root, None)) };
        let line = match self {
            Self::Console => &framework.console,
            Self::Migrate => &framework.migrate,
        };
        match line {
            Some(line) => {
                let reason = format!("{}: {}", framework.name, framework.evidence);
                Ok(TaskCommand { words: words(line, arguments), reason })
            }
            None => Err(self.unknown(root, Some(&framework))),
        }
    }

    /// The line that sets its command.
    fn setting(self) -> Hint {
        let key = format!("commands.{}", self.key());
        Hint::setting(&key, self.example()).note("in greenroom.toml, above its first [section]")
    }

    /// The error where nothing names its command.
    fn unknown(self, root: &Path, framework: Option<&Framework>) -> Error {
        let key = self.key();
        let looked = match framework {
            Some(framework) => framework.lacks.to_owned(),
            None => format!("{} is not a Rails, Django, Phoenix, Laravel or Node project", root.display()),
        };
        Error::usage(format!(
            "greenroom.toml has no [commands] {key}, the Procfile no type {key}, and {looked}"
        ))
        .context(format!("no {} command found", self.noun()))
        .hint(self.setting())
    }
}

/// The Procfile's `release:` command in this folder, if it migrates: it is named so, or by one of the frameworks' commands.
pub fn migrating_release(root: &Path) -> Option<String> {
    let procfile = procfile::read(root);
    let command = procfile::command_of(&procfile, "release")?;
    migrates(command).then(|| command.to_owned())
}

/// Whether a command migrates the database: it is named so, or by one of the frameworks' commands.
pub fn migrates(command: &str) -> bool {
    let lowercase = command.to_lowercase();
    // `db:prepare` is Rails' word for creating or migrating, `db:schema:load` for creating the tables at once.
    ["migrat", "db:prepare", "db:schema:load"].iter().any(|word| lowercase.contains(word))
}

/// The command by which the framework of the project in this folder migrates; none where none is recognized.
pub fn migration(root: &Path) -> Option<String> {
    Framework::of(root, Place::Dyno).ok()??.migrate
}

/// A line of shell and the arguments after it. Plain words stay words, so that a process type's name stays bare.
fn words(line: &str, arguments: &[OsString]) -> Vec<OsString> {
    let line = line.trim();
    let is_plain = |word: &str| text::quote(OsStr::new(word)) == word;
    if !line.contains('\n') && line.split_whitespace().all(is_plain) {
        return line.split_whitespace().map(OsString::from).chain(arguments.iter().cloned()).collect();
    }
    let quoted = arguments.iter().map(|argument| format!(" {}", text::quote(argument)));
    vec![OsString::from(line.to_owned() + &quoted.collect::<String>())]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with these files.
    fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    fn commands(files: &[(&str, &str)]) -> [String; 2] {
        let (folder, config) = (project(files), Config::default());
        [Task::Console, Task::Migrate].map(|task| {
            match task.command(Place::Dyno, &config, folder.path(), &[]) {
                Ok(TaskCommand { words, reason }) => format!("{} ({reason})", text::join(words)),
                Err(error) => error.to_string().replace(&folder.path().display().to_string(), "PROJECT"),
            }
        })
    }

    const PHOENIX: &str = "  def project do\n    [app: :hello_world, version: \"0.1.0\"]\n  end\n\n      \
                           {:phoenix, \"~> 1.7\"},\n";

    #[test]
    fn each_framework_has_its_commands() {
        let rails = "GEM\n  specs:\n    railties (7.1.3)\n      actionpack (= 7.1.3)\n";
        let old = "GEM\n  specs:\n    railties (4.2.11.3)\n";
        let react = r#"{"dependencies": {"react": "1"}}"#;
        for (files, evidence, console, migrate) in [
            (
                &[("bin/rails", ""), ("package.json", react)][..],
                "Rails: bin/rails",
                "bin/rails console",
                "bin/rails db:migrate",
            ),
            (
                &[("Gemfile.lock", rails)],
                "Rails: Gemfile.lock",
                "bundle exec rails console",
                "bundle exec rails db:migrate",
            ),
            (
                &[("Gemfile.lock", old), ("bin/rails", "")],
                "Rails: bin/rails",
                "bin/rails console",
                "bundle exec rake db:migrate",
            ),
            (
                &[("manage.py", "import django\n"), ("requirements.txt", "")],
                "Django: manage.py",
                "python manage.py shell",
                "python manage.py migrate --noinput",
            ),
            (
                &[("mix.exs", PHOENIX)],
                "Phoenix: mix.exs",
                "POOL_SIZE=2 iex -S mix",
                "POOL_SIZE=2 mix ecto.migrate",
            ),
            (
                &[("mix.exs", PHOENIX), ("rel/overlays/bin/migrate", ""), ("heroku.yml", "")],
                "Phoenix: rel/overlays/bin/migrate and heroku.yml",
                "bin/hello_world start_iex",
                "bin/migrate",
            ),
            (
                &[("artisan", ""), ("package.json", react)],
                "Laravel: artisan",
                "php artisan tinker",
                "php artisan migrate --force",
            ),
            (
                &[("package.json", r#"{"dependencies": {"knex": "3", "prisma": "6"}}"#)],
                "Node with Prisma: package.json",
                "node",
                "npx --no-install prisma migrate deploy",
            ),
            (
                &[("package.json", r#"{"dependencies": {"knex": "3"}}"#)],
                "Node with Knex: package.json",
                "node",
                "npx --no-install knex migrate:latest",
            ),
            (
                &[("package.json", r#"{"devDependencies": {"sequelize-cli": "6"}}"#)],
                "Node with Sequelize: package.json",
                "node",
                "npx --no-install sequelize-cli db:migrate",
            ),
        ] {
            assert_eq!(
                commands(files),
                [format!("{console} ({evidence})"), format!("{migrate} ({evidence})")]
            );
        }
    }

    #[test]
    fn what_is_not_recognized_names_the_key() {
        let unknown = "greenroom.toml has no [commands] console, the Procfile no type console, and PROJECT is not a \
                       Rails, Django, Phoenix, Laravel or Node project";
        let jobs = "import flask_script\n";
        let phony = "{:plug, \"~> 1.0\"}";
        let sinatra = "GEM\n  specs:\n    sinatra (4.0.0)\n      railties-like (>= 1)\n";
        for files in [
            &[][..],
            &[("manage.py", jobs)],
            &[("mix.exs", phony)],
            &[("Gemfile.lock", sinatra), ("Gemfile", ""), ("package.json", "{}")],
        ] {
            assert_eq!(commands(files)[0], format!("no console command found: {unknown}"), "{files:?}");
        }
        let [console, migrate] = commands(&[("package.json", r#"{"dependencies": {"sequelize": "6"}}"#)]);
        assert_eq!(console, "node (Node: package.json)");
        assert_eq!(
            migrate,
            "no migration command found: greenroom.toml has no [commands] migrate, the Procfile no type migrate, and \
             package.json has none of prisma, knex, sequelize-cli among its dependencies"
        );
        let folder = project(&[]);
        let error = Task::Migrate.command(Place::Dyno, &Config::default(), folder.path(), &[]).unwrap_err();
        assert_eq!(error.kind().exit_code(), 2);
        let hints: Vec<_> = error.hints().map(ToString::to_string).collect();
        assert_eq!(
            hints,
            ["commands.migrate = \"bin/rails db:migrate\"   # in greenroom.toml, above its first [section]"]
        );
    }

    #[test]
    fn a_file_that_cannot_be_read_is_an_error_with_the_key() {
        let said = commands(&[("package.json", "{")]);
        assert!(said[0].starts_with("cannot tell what to run: cannot read package.json: EOF"), "{said:?}");
        let folder = project(&[("mix.exs", &"x".repeat((1 << 20) + 1))]);
        let error = Task::Console.command(Place::Dyno, &Config::default(), folder.path(), &[]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot tell what to run: cannot read mix.exs: it is larger than 1 MiB"
        );
        assert_eq!(error.hints().count(), 1);
    }

    #[test]
    fn the_procfile_comes_before_the_framework_and_configuration_before_both() {
        let folder = project(&[("bin/rails", ""), ("Procfile", "console: bin/console\nmigrate:\n")]);
        let mut config = Config::default();
        let arguments = ["--sandbox".into(), "a b".into()];
        let run = |task: Task, config: &Config| {
            task.command(Place::Dyno, config, folder.path(), &arguments).unwrap()
        };
        assert_eq!(run(Task::Console, &config).words, ["console", "--sandbox", "a b"]);
        assert_eq!(run(Task::Console, &config).reason, "process type console of the Procfile");
        assert_eq!(run(Task::Migrate, &config).reason, "Rails: bin/rails", "the type has no command");
        config.commands.console = Some(" cd web && bin/rails console ".into());
        assert_eq!(run(Task::Console, &config).words, ["cd web && bin/rails console --sandbox 'a b'"]);
        assert_eq!(run(Task::Console, &config).reason, "configured as [commands] console");
        config.commands.console = Some("RAILS_ENV=test rails  console".into());
        let words = ["RAILS_ENV=test", "rails", "console", "--sandbox", "a b"];
        assert_eq!(run(Task::Console, &config).words, words);
    }

    #[test]
    fn a_release_command_that_migrates_is_evidence_its_words() {
        for (command, migrates) in [
            ("bin/rails db:migrate", true),
            ("test -z \"$DATABASE_URL\" || bin/rails db:migrate", true),
            ("bundle exec rails db:prepare", true),
            ("POOL_SIZE=2 mix ecto.migrate", true),
            ("python manage.py migrate --noinput", true),
            ("npx prisma migrate deploy", true),
            ("bin/hello eval Hello.Release.Migrate", true),
            ("./run-migrations.sh", true),
            ("bin/rails assets:sync", false),
            ("bin/release", false),
            ("", false),
        ] {
            let folder = project(&[("Procfile", &format!("web: migrate\nrelease: {command}\n"))]);
            assert_eq!(migrating_release(folder.path()).as_deref(), migrates.then_some(command));
        }
        assert_eq!(migrating_release(project(&[]).path()), None);
    }
}
