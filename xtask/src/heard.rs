//! Commands that are listened to: what they say is passed on, and what tells of their failure is kept, to be said once more at
//! the end of a long run. Whoever is shown only the end of it sees what failed.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::process::{Command, Stdio};
use std::thread;

/// Lines that are kept of one error or one failed test; what comes first tells most.
const BLOCK: usize = 20;
/// Lines that are kept in all.
const ALL: usize = 120;
/// Lines that are kept of who failed without a word that we know.
const LAST: usize = 20;

/// Runs a command to its end, its words passed on as they come. The failure names it and has what it said of the failure.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    if std::io::stderr().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let spawned = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|e| format!("{command:?}: {e}"))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let words = thread::scope(|scope| {
        let out = scope.spawn(|| listen(out, std::io::stdout()));
        let err = scope.spawn(|| listen(err, std::io::stderr()));
        [out, err].map(|listener| listener.join().unwrap_or_default())
    });
    let done = child.wait().map_err(|e| format!("{command:?}: {e}"))?;
    if done.success() { Ok(()) } else { Err(format!("{}{command:?}: {done}", Words::told(words))) }
}

/// Passes on what is said, until there is no more.
fn listen(from: Option<impl Read>, mut to: impl Write) -> Words {
    let mut words = Words::default();
    let Some(from) = from else { return words };
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        // Who reads it may have gone; the command is heard to its end.
        let _ = to.write_all(&line);
        words.hear(&String::from_utf8_lossy(&line));
        line.clear();
    }
    words
}

/// What was said on one of a command's two ways.
#[derive(Default)]
struct Words {
    telling: Vec<String>,
    last: VecDeque<String>,
    /// How the block ends that is being said, and how many of its lines are kept.
    block: Option<(End, usize)>,
}

/// Where a block ends.
#[derive(Clone, Copy, PartialEq)]
enum End {
    /// rustc and Cargo: at an empty line.
    Empty,
    /// A test: where the next one's block begins, or the list of all.
    List,
}

impl Words {
    fn hear(&mut self, line: &str) {
        let line = plain(line.trim_end());
        if self.last.len() == LAST {
            self.last.pop_front();
        }
        self.last.push_back(line.clone());
        if line.starts_with("---- ") && line.ends_with(" ----") {
            self.block = Some((End::List, 0));
        } else if line.starts_with("error") || line.starts_with("Diff in ") {
            self.block = Some((End::Empty, 0));
        }
        let Some((end, kept)) = &mut self.block else { return };
        let over = match end {
            End::Empty => line.is_empty(),
            End::List => line == "failures:",
        };
        if over {
            self.block = None;
        } else if *kept < BLOCK && self.telling.len() < ALL {
            *kept += 1;
            self.telling.push(line);
        }
    }

    /// What tells of a failure; where nobody said such a thing, the last that was said.
    fn told(ways: [Self; 2]) -> String {
        let silent = ways.iter().all(|words| words.telling.is_empty());
        let lines = |words: Self| if silent { Vec::from(words.last) } else { words.telling };
        ways.into_iter().flat_map(lines).map(|line| line + "\n").collect()
    }
}

/// Without a terminal's colours (ECMA-48, SGR).
fn plain(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.split_once('m').map_or(part, |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hear(said: &str) -> Words {
        let mut words = Words::default();
        said.lines().for_each(|line| words.hear(line));
        words
    }

    #[test]
    fn of_failed_tests_is_kept_what_they_said() {
        let said = "running 3 tests\ntest a ... ok\ntest b ... FAILED\ntest c ... FAILED\n\nfailures:\n\n\
            ---- b stdout ----\n\nthread 'b' panicked at src/b.rs:1:2:\nassertion failed: b\n\n\
            ---- c stdout ----\nthread 'c' panicked\n\n\nfailures:\n    b\n    c\n\n\
            test result: FAILED. 1 passed; 2 failed\n\nrunning 1 test\ntest d ... ok\n";
        let told =
            Words::told([hear(said), hear("   Compiling one\nerror: 1 target failed:\n    `--lib`\n\n")]);
        let lines: Vec<_> = told.lines().filter(|line| !line.is_empty()).collect();
        let kept = [
            "---- b stdout ----",
            "thread 'b' panicked at src/b.rs:1:2:",
            "assertion failed: b",
            "---- c stdout ----",
            "thread 'c' panicked",
            "error: 1 target failed:",
            "    `--lib`",
        ];
        assert_eq!(lines, kept);
    }

    #[test]
    fn of_errors_is_kept_what_they_are_and_no_colour() {
        let said = "    \u{1b}[1m\u{1b}[32mChecking\u{1b}[0m one\n\u{1b}[1m\u{1b}[91merror[E0425]\u{1b}[0m: no such value\n \
            --> src/a.rs:1:2\n\nwarning: something\n";
        assert_eq!(Words::told([hear(""), hear(said)]), "error[E0425]: no such value\n --> src/a.rs:1:2\n");
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let long = "---- a stdout ----\n".to_owned() + &"at main\n".repeat(1000);
        assert_eq!(hear(&long).telling.len(), BLOCK);
        assert_eq!(hear(&"error: no\n\n".repeat(1000)).telling.len(), ALL);
        let silent = Words::told([hear(&"well\n".repeat(1000)), hear("bad\n")]);
        assert_eq!(silent, "well\n".repeat(LAST) + "bad\n");
    }

    #[test]
    fn a_command_is_heard_on_both_its_ways() {
        let mut shell = Command::new("sh");
        let why = run(shell.args(["-c", "echo 'error: one'; echo 'error: two' >&2; exit 3"])).unwrap_err();
        assert!(why.starts_with("error: one\nerror: two\n"), "{why}");
        assert!(why.ends_with("exit status: 3"), "{why}");
        assert_eq!(run(Command::new("sh").args(["-c", "echo 'error: none'"])), Ok(()));
    }
}
