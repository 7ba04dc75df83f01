//! The files of a compose project: the file and its override, those that they include, and the services that others extend.

use std::path::Path;
use std::rc::Rc;

use super::super::files;
use super::super::variables::{Environment, Variables};
use super::super::yaml::{self, Merge, Node};
use super::interpolation::interpolated;
use super::service::{Service, texts};
use crate::error::Result;

/// How deep files include and extend each other.
const DEPTH: usize = 8;

/// The variables of a project, and beside its file.
const DOTENV: &str = ".env";

/// The services of a project.
pub(super) struct Project<'a> {
    root: &'a Path,
    environment: Environment<'a>,
    services: Vec<Service>,
}

/// Files that count together: the later ones change the first.
struct Files<'a> {
    names: Vec<String>,
    /// What paths in them begin at, without a slash at its end.
    folder: String,
    variables: Variables<'a>,
    /// The files of these variables.
    dotenv: Vec<String>,
}

impl<'a> Project<'a> {
    /// The services of these files and of what they include. Exit 2 where one cannot be read.
    pub(super) fn services(
        root: &'a Path,
        environment: Environment<'a>,
        names: &[&str],
    ) -> Result<Vec<Service>> {
        let mut project = Self { root, environment, services: Vec::new() };
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let files = project.files(names, String::new(), vec![DOTENV.to_owned()])?;
        project.take(&files, 0)?;
        Ok(project.services)
    }

    fn files(&self, names: Vec<String>, folder: String, dotenv: Vec<String>) -> Result<Files<'a>> {
        let of: Vec<&str> = dotenv.iter().map(String::as_str).collect();
        let variables = Variables::with_files(self.environment, self.root, &of)?;
        Ok(Files { names, folder, variables, dotenv })
    }

    fn take(&mut self, files: &Files<'a>, depth: usize) -> Result<()> {
        for name in &files.names {
            let Some(document) = self.document(name)? else { continue };
            let of_file = |key: &str| document.map().and_then(|map| map.get(key)).map(Rc::clone);
            for included in of_file("include").iter().flat_map(|node| node.list()) {
                self.include(included, name, files, depth)?;
            }
            let services = of_file("services");
            for (service, node) in services.iter().filter_map(|node| node.map()).flat_map(|map| &map.pairs) {
                let known = self.services.iter().position(|there| there.name == *service);
                let mut taken = known
                    .map_or_else(|| Service::new(service, name, node.line), |at| self.services.remove(at));
                self.take_service(&mut taken, node, name, files, depth)?;
                self.services.insert(known.unwrap_or(self.services.len()), taken);
            }
        }
        Ok(())
    }

    /// Takes the files of an entry of `include`: a path, or a mapping with `path`, `project_directory` and `env_file`.
    fn include(&mut self, node: &Rc<Node>, name: &str, files: &Files<'a>, depth: usize) -> Result<()> {
        let part = |key: &str| -> Vec<String> {
            let found = match node.map() {
                Some(map) => map.get(key).map(|node| texts(node)),
                None => (key == "path").then(|| texts(node)),
            };
            let found = found.unwrap_or_default();
            found.iter().map(|text| beside(&files.folder, &interpolated(text, &files.variables))).collect()
        };
        let names = part("path");
        for included in &names {
            let is_there = !included.contains("://") && files::has(self.root, included);
            if depth == DEPTH || !is_there {
                let message = format!("{included}, which it includes, is no file here");
                return Err(files::unread(Path::new(name), node.line, message));
            }
        }
        let Some(first) = names.first() else { return Ok(()) };
        let folder = part("project_directory").into_iter().next();
        let folder =
            folder.unwrap_or_else(|| first.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned());
        let own = Some(part("env_file")).filter(|own| !own.is_empty());
        let own = own.unwrap_or_else(|| vec![beside(&folder, DOTENV)]);
        // What the including project sets counts more.
        let dotenv = [files.dotenv.clone(), own].concat();
        let included = self.files(names, folder, dotenv)?;
        self.take(&included, depth + 1)
    }

    /// Takes what a service says, after what the service says that it extends.
    fn take_service(
        &self,
        service: &mut Service,
        node: &Node,
        name: &str,
        files: &Files<'a>,
        depth: usize,
    ) -> Result<()> {
        let Some(map) = node.map() else { return Ok(()) };
        if let Some(extends) = map.get("extends") {
            let part = |key: &str| extends.map().and_then(|map| map.get(key)?.text());
            let other = extends.text().or_else(|| part("service")).unwrap_or_default();
            let file = part("file").map(|file| beside(&files.folder, &interpolated(file, &files.variables)));
            let file = file.unwrap_or_else(|| name.to_owned());
            let found = match self.document(&file)? {
                Some(document) if depth < DEPTH => {
                    document.map().and_then(|map| map.get("services")?.map()?.get(other)).map(Rc::clone)
                }
                _ => None,
            };
            let Some(found) = found else {
                let message = format!("{other}, which it extends, is no service of {file}");
                return Err(files::unread(Path::new(name), extends.line, message));
            };
            let folder = if file == name {
                files.folder.clone()
            } else {
                file.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
            };
            let there = self.files(Vec::new(), folder, files.dotenv.clone())?;
            self.take_service(service, &found, &file, &there, depth + 1)?;
        }
        service.take(self.root, &files.folder, map, &files.variables)
    }

    fn document(&self, name: &str) -> Result<Option<Rc<Node>>> {
        let Some(text) = files::text(self.root, name)? else { return Ok(None) };
        yaml::parse(&text, Merge::OwnFirst)
            .map_err(|bad| files::unread(Path::new(name), bad.line, bad.message))
    }
}

/// A path that is written in a file of this folder, from the project's.
pub(super) fn beside(folder: &str, path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    if folder.is_empty() || path.starts_with('/') { path.to_owned() } else { format!("{folder}/{path}") }
}
