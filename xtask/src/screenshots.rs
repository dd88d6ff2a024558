//! `cargo xtask screenshots`: the pictures of the console that the documents show.

use std::process::{Command, ExitCode};

/// Where they are.
const FOLDER: &str = "docs/screenshots";

pub(crate) fn run() -> ExitCode {
    let made = crate::test::install().and_then(|()| {
        std::fs::create_dir_all(FOLDER).map_err(|e| format!("{FOLDER}: {e}"))?;
        let folder = std::fs::canonicalize(FOLDER).map_err(|e| format!("{FOLDER}: {e}"))?;
        let mut test = Command::new("cargo");
        test.args([
            "test",
            "-p",
            "mote",
            "--test",
            "console",
            "--",
            "--ignored",
            "--exact",
            "looks::screenshots",
        ]);
        let passed = test.env("MOTE_SCREENSHOTS", folder).status().is_ok_and(|status| status.success());
        if passed { Ok(()) } else { Err("the pictures were not made".to_owned()) }
    });
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
