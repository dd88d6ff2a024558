//! What shells and `man` know of this program, made from the same words as its help.

use std::io::Write;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::Failure;
use crate::config::Arguments;

/// Prints what a shell completes commands by.
pub(super) fn completions(shell: Shell) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "mote", &mut text);
    std::io::stdout().lock().write_all(&text).map_err(Failure::other)
}

/// Writes a page of the manual for every command: `mote.1`, `mote-serve.1`, and so on.
pub(super) fn manual(folder: &Path) -> Result<(), Failure> {
    let written = std::fs::create_dir_all(folder).and_then(|()| {
        let mut command = Arguments::command();
        command.build();
        page(&command, "mote", folder)
    });
    written.map_err(|e| Failure::other(format!("{}: {e}", folder.display())))
}

fn page(command: &clap::Command, name: &str, folder: &Path) -> std::io::Result<()> {
    let mut text = Vec::new();
    Man::new(command.clone()).title(name).render(&mut text)?;
    std::fs::write(folder.join(format!("{name}.1")), text)?;
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help" && !inner.is_hide_set())
    {
        page(inner, &format!("{name}-{}", inner.get_name()), folder)?;
    }
    Ok(())
}
