//! What another command has to be told to work on the same store.

use std::path::Path;

use mote_store::Location;

use super::StoreOptions;
use super::file::KEY_VARIABLE;

/// How to name a store once more, as far as a command in the same folder does not find it by itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SameStore {
    /// Flags as a shell takes them, each with a space before it.
    pub(crate) flags: String,
    /// What holds a secret, or may: it is named, and not shown.
    pub(crate) unsaid: Vec<&'static str>,
}

impl StoreOptions {
    /// Of what flags and variables say. A file says the same once more.
    pub(crate) fn same_store(&self) -> SameStore {
        let mut same = SameStore { flags: String::new(), unsaid: Vec::new() };
        let path = |path: &Option<_>| path.as_deref().map(|path: &Path| path.display().to_string());
        same.flag("--config", path(&self.config));
        same.flag("--data", path(&self.data));
        match &self.database {
            // Shown alone is what has neither user nor parameters.
            Some(text) if Location::parse(text).to_string() != *text => {
                same.unsaid.push("--database (or MOTE_DATABASE)");
            }
            database => same.flag("--database", database.clone()),
        }
        same.flag("--server-key-file", path(&self.server_key_file));
        if std::env::var_os(KEY_VARIABLE).is_some() {
            same.unsaid.push(KEY_VARIABLE);
        }
        same
    }
}

impl SameStore {
    fn flag(&mut self, name: &str, value: Option<String>) {
        if let Some(value) = value {
            self.flags.extend([" ", name, " ", &quoted(&value)]);
        }
    }
}

/// A word of a shell.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_named_again_without_its_secrets() {
        let same = |options: StoreOptions| options.same_store();
        assert_eq!(same(StoreOptions::default()), SameStore { flags: String::new(), unsaid: vec![] });
        let named = same(StoreOptions {
            config: Some("/etc/mote/mote.toml".into()),
            data: Some("it's here".into()),
            database: Some("other.db".into()),
            ..StoreOptions::default()
        });
        assert_eq!(named.flags, r" --config /etc/mote/mote.toml --data 'it'\''s here' --database other.db");
        for (database, is_shown) in [
            ("postgres://db.example.com/mote", true),
            ("postgres://mote:hush@db.example.com/mote", false),
            ("postgres://db.example.com/mote?password=hush", false),
        ] {
            let named = same(StoreOptions { database: Some(database.into()), ..StoreOptions::default() });
            assert_eq!(named.flags.contains(database), is_shown, "{database}");
            assert_eq!(named.unsaid.is_empty(), is_shown, "{database}");
            assert!(!named.flags.contains("hush"));
        }
    }
}
