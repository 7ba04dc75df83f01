//! Buildpacks, given by a name (`heroku/nodejs`) or a URL.

use serde_json::{Value, json};

/// The buildpack that is detected if none is set.
pub(crate) const DETECTED: &str = "heroku/nodejs";

const URN: &str = "urn:buildpack:";
const REGISTRY: &str = "https://buildpack-registry.s3.amazonaws.com/buildpacks/";

/// The short name of an official buildpack, else the URL.
pub(crate) fn name(word: &str) -> &str {
    let registered = word.strip_prefix(REGISTRY).and_then(|file| file.strip_suffix(".tgz"));
    registered.or_else(|| word.strip_prefix(URN)).unwrap_or(word)
}

/// `{url, name}`, as in builds and buildpack installations.
pub(crate) fn json(word: &str) -> Value {
    let url = if word.contains(':') { word.to_owned() } else { format!("{URN}{word}") };
    json!({ "url": url, "name": name(word) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buildpacks_have_names_and_urls() {
        assert_eq!(
            name("https://buildpack-registry.s3.amazonaws.com/buildpacks/heroku/ruby.tgz"),
            "heroku/ruby"
        );
        assert_eq!(json("heroku/ruby"), json!({ "url": "urn:buildpack:heroku/ruby", "name": "heroku/ruby" }));
        let own = "https://github.com/playhouse/stage-machinery";
        assert_eq!(json(own), json!({ "url": own, "name": own }));
    }
}
