//! What a library says of itself, in its `library.properties`.

use std::collections::BTreeMap;

use semver::Version;
use serde::{Deserialize, Serialize};

use crate::Error;

/// Characters of a name at most.
const LONGEST_NAME: usize = 64;
/// Bytes of a version at most.
const LONGEST_VERSION: usize = 64;
/// Characters of any other value at most.
const LONGEST: usize = 4000;
/// Architectures, and other libraries that one needs, at most.
const MOST: usize = 64;

/// The fields of a `library.properties` (vendor's guide to libraries, library.properties fields); empty where it says
/// nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Properties {
    /// Name, as its author writes it.
    pub name: String,
    /// Semantic version.
    pub version: String,
    /// Who wrote it.
    pub author: String,
    /// What it is under.
    pub license: String,
    /// What it does, in a sentence.
    pub sentence: String,
    /// The same in more words.
    pub paragraph: String,
    /// Its page.
    pub url: String,
    /// Its repository.
    pub repository: String,
    /// What kind of thing it is for.
    pub category: String,
    /// The hardware that it is for; none for all.
    pub architectures: Vec<String>,
    /// The libraries that it needs, and in which version.
    pub dependencies: BTreeMap<String, String>,
}

impl Properties {
    /// Reads lines of `name=value`; those that begin with `#` and fields that nobody knows are left aside.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let mut properties = Self::default();
        for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
            let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) else {
                continue;
            };
            properties.set(key.trim(), value.trim())?;
        }
        properties.checked()
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), Error> {
        if value.chars().count() > LONGEST || value.contains('\0') {
            return Err(wrong(format!("has a field of more than {LONGEST} characters")));
        }
        if let Some(other) = key.strip_prefix("dependencies.") {
            self.dependencies.insert(other.to_owned(), value.to_owned());
            return Ok(());
        }
        let field = match key {
            "name" => &mut self.name,
            "version" => &mut self.version,
            "author" => &mut self.author,
            "license" => &mut self.license,
            "sentence" => &mut self.sentence,
            "paragraph" => &mut self.paragraph,
            "url" => &mut self.url,
            "repository" => &mut self.repository,
            "category" => &mut self.category,
            "architectures" => {
                let named = value.split(',').map(str::trim).filter(|one| !one.is_empty());
                self.architectures = named.map(str::to_owned).collect();
                return Ok(());
            }
            _ => return Ok(()),
        };
        value.clone_into(field);
        Ok(())
    }

    fn checked(mut self) -> Result<Self, Error> {
        let needed = [
            ("name", &self.name),
            ("version", &self.version),
            ("author", &self.author),
            ("sentence", &self.sentence),
        ];
        if let Some((field, _)) = needed.iter().find(|(_, value)| value.is_empty()) {
            return Err(wrong(format!("says no {field}: name, version, author and sentence are needed")));
        }
        if !is_name(&self.name) {
            return Err(wrong(format!(
                "has a name that is not one: {LONGEST_NAME} letters, digits, dashes, underscores and plus signs at most, \
                 a letter or digit first"
            )));
        }
        let version = Version::parse(&self.version).ok().filter(|_| self.version.len() <= LONGEST_VERSION);
        if version.is_none_or(|version| !version.build.is_empty()) {
            return Err(wrong(
                "has a version that is no semantic one, such as 1.0.0, without build metadata",
            ));
        }
        if self.architectures.iter().any(|one| one == "*") {
            self.architectures.clear();
        }
        if self.architectures.len() > MOST || self.dependencies.len() > MOST {
            return Err(wrong(format!("names more than {MOST} architectures or dependencies")));
        }
        if !self.dependencies.keys().all(|name| is_name(name)) {
            return Err(wrong("needs a library whose name is none"));
        }
        Ok(self)
    }

    /// Its architectures in lower case, each once.
    pub(super) fn folded_architectures(&self) -> Vec<String> {
        let mut folded: Vec<String> = self.architectures.iter().map(|one| one.to_lowercase()).collect();
        folded.sort_unstable();
        folded.dedup();
        folded
    }
}

/// Whether a text can be a library's name (npm package `particle-library-manager`, `validation`).
pub(super) fn is_name(text: &str) -> bool {
    let plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'+');
    text.len() <= LONGEST_NAME
        && text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
        && text.bytes().all(plain)
}

fn wrong(why: impl Into<String>) -> Error {
    Error::invalid("library.properties", why)
}

/// Reads what a library says of itself: for the fuzzer.
///
/// # Panics
/// Where that goes wrong.
#[cfg(feature = "fuzzing")]
pub fn fuzz(text: &str) {
    let Ok(properties) = Properties::parse(text) else { return };
    assert!(is_name(&properties.name) && Version::parse(&properties.version).is_ok());
    assert!(properties.folded_architectures().len() <= MOST);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(line: &str) -> Result<Properties, Error> {
        let text = format!("name=blink\nversion=1.0.0\nauthor=Jane\nsentence=Blinks.\n{line}\n");
        Properties::parse(&text)
    }

    #[test]
    fn fields_are_read() {
        let properties = with(
            "# a comment = nothing\r\nlicense = MIT\r\nurl=https://a.example/?b=c\nparagraph=\nunknown=x\nno field\n\
             architectures=Particle-Photon, boron,boron\ndependencies.neopixel=0.0.10\ncategory=Sensors",
        );
        let properties = properties.unwrap();
        assert_eq!((properties.license.as_str(), properties.url.as_str()), ("MIT", "https://a.example/?b=c"));
        assert_eq!(properties.architectures, ["Particle-Photon", "boron", "boron"]);
        assert_eq!(properties.folded_architectures(), ["boron", "particle-photon"]);
        assert_eq!(properties.dependencies["neopixel"], "0.0.10");
        assert_eq!(with("architectures=*").unwrap().architectures, [""; 0]);
    }

    #[test]
    fn what_is_missing_or_odd_is_named() {
        for (line, named) in [
            ("name=", "no name"),
            ("version=", "no version"),
            ("author=", "no author"),
            ("sentence=", "no sentence"),
            ("name=-x", "name"),
            ("name=a b", "name"),
            ("name=a/../b", "name"),
            ("name=\u{e4}", "name"),
            ("version=1.0", "semantic"),
            ("version=v1.0.0", "semantic"),
            ("version=1.0.0+build", "semantic"),
            ("version=01.0.0", "semantic"),
            ("dependencies.a b=1", "needs a library"),
        ] {
            let why = with(line).unwrap_err().to_string();
            assert!(why.contains(named), "{line}: {why}");
        }
        assert!(with("version=1.0.0-rc.1").is_ok());
        assert!(with(&format!("name={}", "x".repeat(65))).is_err());
        assert!(with(&format!("url={}", "x".repeat(4001))).is_err());
        let many: Vec<String> = (0..65).map(|n| format!("dependencies.a{n}=1")).collect();
        assert!(with(&many.join("\n")).is_err());
    }
}
