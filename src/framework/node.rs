//! Node, and the programs that migrate its databases.

use std::path::Path;

use serde_json::Value;

use super::files::{has, text, unreadable};
use super::kinds::Framework;
use crate::error::Result;

/// What migrates: the package that has the program, its name with Node's, the program. `--no-install`: if the package was
/// pruned after the build, another version of it must not be downloaded and run on the database.
const MIGRATIONS: [(&str, &str, &str); 3] = [
    ("prisma", "Node with Prisma", "npx --no-install prisma migrate deploy"),
    ("knex", "Node with Knex", "npx --no-install knex migrate:latest"),
    ("sequelize-cli", "Node with Sequelize", "npx --no-install sequelize-cli db:migrate"),
];

/// What tells that a project is in another language, and has a package.json for its assets.
const OTHERS: [&str; 9] = [
    "Gemfile",
    "Pipfile",
    "build.gradle",
    "composer.json",
    "go.mod",
    "mix.exs",
    "pom.xml",
    "pyproject.toml",
    "requirements.txt",
];

/// Node, by its package.json. One that also is in another language counts if it depends on what migrates.
pub(super) fn node(root: &Path) -> Result<Option<Framework>> {
    let name = "package.json";
    let Some(text) = text(root, name)? else { return Ok(None) };
    let package: Value = serde_json::from_str(&text).map_err(|error| unreadable(name, error))?;
    let depends =
        |on: &str| ["dependencies", "devDependencies"].iter().any(|kind| package[kind].get(on).is_some());
    let migration = MIGRATIONS.iter().find(|(package, ..)| depends(package));
    if migration.is_none() && OTHERS.iter().any(|other| has(root, other)) {
        return Ok(None);
    }
    Ok(Some(Framework {
        name: migration.map_or("Node", |(_, name, _)| name),
        evidence: name,
        console: Some("node".to_owned()),
        migrate: migration.map(|(.., line)| (*line).to_owned()),
        lacks: "package.json has none of prisma, knex, sequelize-cli among its dependencies",
    }))
}
