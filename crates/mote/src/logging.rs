//! Where the log goes, and in which form.

use crate::config::{LogFilter, LogFormat};

/// Starts logging to standard error.
pub(crate) fn start(format: LogFormat, filter: &LogFilter) {
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter.filter())
        .with_writer(std::io::stderr)
        .log_internal_errors(false);
    match format {
        LogFormat::Text => log.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init(),
        LogFormat::Json => log.json().init(),
    }
}

/// The same for a command that says itself what it does: warnings alone.
pub(crate) fn start_for_command() {
    start(LogFormat::Text, &LogFilter::warnings());
}
