//! `mote.toml`: the same options by the same names, for what neither flag nor variable sets.

use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;

use clap::ValueEnum;
use toml::{Table, Value};

use super::values::network;
use super::{Options, Secret, StoreOptions};
use crate::Failure;

/// The file that is read when none is named.
const USUAL: &str = "mote.toml";
/// The variable that may hold the server key.
pub(super) const KEY_VARIABLE: &str = "MOTE_SERVER_KEY";

impl StoreOptions {
    /// Fills in what the file says.
    pub(crate) fn with_file(mut self) -> Result<Self, Failure> {
        let mut lines = Lines::read(&self)?;
        self.fill(&mut lines)?;
        Ok(self)
    }

    fn fill(&mut self, lines: &mut Lines) -> Result<(), Failure> {
        lines.text("data", &mut self.data)?;
        lines.text("database", &mut self.database)?;
        lines.text("blobs", &mut self.blobs)?;
        lines.text("server-key-file", &mut self.server_key_file)?;
        self.server_key = std::env::var(KEY_VARIABLE).ok().map(Secret);
        Ok(())
    }
}

impl Options {
    /// Fills in what the file says; a line that means nothing is refused.
    pub(crate) fn with_file(mut self) -> Result<Self, Failure> {
        let mut lines = Lines::read(&self.store)?;
        self.store.fill(&mut lines)?;
        let serve = &mut self.serve;
        lines.text("listen", &mut serve.listen)?;
        lines.text("public-url", &mut serve.public_url)?;
        lines.choice("signup", &mut serve.signup)?;
        lines.text("admin-email", &mut serve.admin_email)?;
        lines.text("admin-password", &mut serve.admin_password)?;
        lines.text("tls-cert", &mut serve.tls_cert)?;
        lines.text("tls-key", &mut serve.tls_key)?;
        lines.networks("trusted-proxies", &mut serve.trusted_proxies)?;
        lines.choice("team-tokens", &mut serve.team_tokens)?;
        lines.choice("claim-unknown", &mut serve.claim_unknown)?;
        lines.text("events", &mut serve.events)?;
        lines.networks("allow-hook-networks", &mut serve.allow_hook_networks)?;
        lines.number("history-days", &mut serve.history_days)?;
        lines.number("audit-days", &mut serve.audit_days)?;
        lines.number("max-connections", &mut serve.max_connections)?;
        lines.number("max-requests", &mut serve.max_requests)?;
        lines.number("max-credential-requests", &mut serve.max_credential_requests)?;
        lines.number("max-guesses", &mut serve.max_guesses)?;
        lines.text("unlimited-networks", &mut serve.unlimited_networks)?;
        lines.text("smtp-url", &mut serve.smtp_url)?;
        lines.text("mail-from", &mut serve.mail_from)?;
        lines.choice("log-format", &mut serve.log_format)?;
        lines.text("log", &mut serve.log)?;
        lines.end()?;
        Ok(self)
    }
}

/// The lines of a file that are not used yet.
#[derive(Default)]
struct Lines {
    file: String,
    table: Table,
}

impl Lines {
    fn read(options: &StoreOptions) -> Result<Self, Failure> {
        let path = match &options.config {
            Some(path) => path.as_path(),
            None if Path::new(USUAL).exists() => Path::new(USUAL),
            None => return Ok(Self::default()),
        };
        let file = path.display().to_string();
        let text =
            std::fs::read_to_string(path).map_err(|e| Failure::usage(format!("cannot read {file}: {e}")))?;
        // The parser's own message shows the line, which may hold a secret.
        let table = text.parse().map_err(|e: toml::de::Error| {
            let before = e.span().and_then(|place| text.get(..place.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            Failure::usage(format!("{file} is not well-formed TOML: {} in line {line}", e.message()))
        })?;
        Ok(Self { file, table })
    }

    fn refuse(&self, name: &str, why: &str) -> Failure {
        Failure::usage(format!("{name} in {}: {why}", self.file))
    }

    /// The text of a line; `bare` has that of what may stand without quotes.
    fn take(
        &mut self,
        name: &str,
        bare: impl Fn(&Value) -> Option<String>,
    ) -> Result<Option<String>, Failure> {
        match self.table.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(value) => bare(&value).map(Some).ok_or_else(|| self.refuse(name, "must be text in quotes")),
        }
    }

    fn text<T: FromStr<Err: Display>>(&mut self, name: &str, option: &mut Option<T>) -> Result<(), Failure> {
        let text = self.take(name, |_| None)?;
        self.parse(name, text, option)
    }

    fn number<T: FromStr<Err: Display>>(
        &mut self,
        name: &str,
        option: &mut Option<T>,
    ) -> Result<(), Failure> {
        let text = self.take(name, |value| value.as_integer().map(|number| number.to_string()))?;
        self.parse(name, text, option)
    }

    fn parse<T: FromStr<Err: Display>>(
        &self,
        name: &str,
        text: Option<String>,
        option: &mut Option<T>,
    ) -> Result<(), Failure> {
        if let Some(text) = text
            && option.is_none()
        {
            *option = Some(text.parse().map_err(|why: T::Err| self.refuse(name, &why.to_string()))?);
        }
        Ok(())
    }

    fn choice<T: ValueEnum>(&mut self, name: &str, option: &mut Option<T>) -> Result<(), Failure> {
        if let Some(text) = self.take(name, |value| value.as_bool().map(|on| on.to_string()))?
            && option.is_none()
        {
            let known: Vec<_> = T::value_variants().iter().filter_map(ValueEnum::to_possible_value).collect();
            let names: Vec<_> = known.iter().map(|value| value.get_name().to_owned()).collect();
            *option = Some(
                T::from_str(&text, false)
                    .map_err(|_| self.refuse(name, &format!("is {}", names.join(" or "))))?,
            );
        }
        Ok(())
    }

    fn networks(&mut self, name: &str, option: &mut Vec<ipnet::IpNet>) -> Result<(), Failure> {
        if let Some(text) = self.take(name, |_| None)?
            && option.is_empty()
        {
            let networks: Result<_, _> = text.split(',').map(network).collect();
            *option = networks.map_err(|why| self.refuse(name, &why))?;
        }
        Ok(())
    }

    fn end(&self) -> Result<(), Failure> {
        match self.table.keys().next() {
            Some(name) => Err(self.refuse(name, "there is no such option; mote serve --help lists them")),
            None => Ok(()),
        }
    }
}
