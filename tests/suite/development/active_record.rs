//! What `development which` says of a `config/database.yml`, against Active Record itself reading the same file.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::Scene;
use super::shapes::{RAILS, Shape};
use crate::skipped;

/// Reads folders and variables, a JSON object a line, and answers with Active Record's settings of the first database.
const SCRIPT: &str = r##"
require "json"; require "yaml"; require "erb"
require "active_record"; require "active_record/database_configurations"; require "active_support/core_ext/object/blank"
class Anything < BasicObject
  def method_missing(*) = ::Anything.new
  def to_s = ""
  def to_str = ""
  def nil? = false
end
module Rails
  def self.env = "development"
  def self.application = Anything.new
  def self.root = "."
end
ENV["RAILS_ENV"] = "development"
before = ENV.to_h
STDIN.each_line do |line|
  asked = JSON.parse(line)
  ENV.replace(before.merge(asked["variables"]))
  answer = begin
    text = ERB.new(File.read(File.join(asked["folder"], "config/database.yml"))).result
    loaded = YAML.respond_to?(:unsafe_load) ? YAML.unsafe_load(text) : YAML.load(text)
    all = ActiveRecord::DatabaseConfigurations.new(loaded).configs_for(env_name: "development")
    found = (all.find { |one| one.name == "primary" } || all.first).configuration_hash
    found.slice(:database, :host, :port, :username, :user)
  rescue Exception => error
    { error: "#{error.class}: #{error.message}"[0, 200] }
  end
  puts JSON.generate(answer)
end
"##;

/// A difference: for Active Record 6.1, which Debian has, a `url:` without a value is one all the same.
const DIFFERS: &str = "an unset url: leaves DATABASE_URL";

/// What Rails does around Active Record, which is not asked here.
fn is_railties(files: &[(&str, &str)], variables: &[(&str, &str)]) -> bool {
    let names = |name: &str| files.iter().any(|(file, _)| file.starts_with(name));
    let shares = files.iter().any(|(_, text)| text.contains("shared:"));
    shares
        || names(".env")
        || names("compose")
        || names("docker-compose")
        || variables.iter().any(|(name, _)| name.starts_with("PG"))
}

#[test]
fn active_record_takes_the_same_database() {
    let version = Command::new("ruby").args(["-e", "require 'active_record'"]).output();
    if !version.is_ok_and(|output| output.status.success()) {
        skipped::skip("ruby with ActiveRecord");
        return;
    }
    let scene = Scene::bare();
    let shapes: Vec<&Shape> = RAILS
        .iter()
        .filter(|(_, files, variables, _)| {
            files.iter().any(|(file, _)| *file == "config/database.yml") && !is_railties(files, variables)
        })
        .collect();
    let mut questions = String::new();
    let mut ours = Vec::new();
    for (number, (_, files, variables, _)) in shapes.iter().enumerate() {
        let folder = scene.folder().join(format!("active-record-{number}"));
        for (file, text) in *files {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        let all: serde_json::Map<String, Value> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        questions.extend([json!({ "folder": folder, "variables": all }).to_string().as_str(), "\n"]);
        let mut command = scene.prepared("development");
        command.args(["which", "--json"]).current_dir(&folder).envs(variables.iter().copied());
        ours.push(scene.finish(&mut command));
    }
    let mut ruby = Command::new("ruby")
        .args(["-W0", "-e", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("ruby");
    ruby.stdin.take().expect("a pipe").write_all(questions.as_bytes()).expect("questions");
    let output = ruby.wait_with_output().expect("answers");
    let answers = String::from_utf8(output.stdout).expect("text");
    let answers: Vec<Value> = answers.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(answers.len(), shapes.len());
    let (mut compared, mut wrong) = (0, Vec::new());
    for (((name, ..), ours), theirs) in shapes.iter().zip(&ours).zip(&answers) {
        // What is beyond the subset is refused, and what Ruby itself cannot read is no answer.
        if ours.status != Some(0) || theirs["error"].is_string() {
            continue;
        }
        compared += 1;
        let mine: Value = serde_json::from_str(&ours.stdout).expect("JSON");
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let user = text(&theirs["username"]).or_else(|| text(&theirs["user"]));
        let port = text(&theirs["port"]).or_else(|| Some("5432".to_owned()));
        let of_rails = [text(&theirs["database"]), text(&theirs["host"]), port, user];
        let found = ["database", "host", "port", "user"].map(|key| text(&mine[key]));
        if found != of_rails && *name != DIFFERS {
            wrong.push(format!("{name}: {found:?}, and ActiveRecord {of_rails:?}"));
        }
    }
    assert!(compared >= 20, "{compared} of {} compared", shapes.len());
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
}
