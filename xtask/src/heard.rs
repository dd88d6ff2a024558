//! Commands that are listened to: what they say is passed on, and what tells of their failure is kept, to be said once more at
//! the end of a long run. Whoever is shown only the end of it sees what failed.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Lines that are kept of one error or one failed test; what comes first tells most.
const BLOCK: usize = 20;
/// Lines that are kept in all.
const ALL: usize = 120;
/// Lines that are kept of who failed without a word that we know.
const LAST: usize = 20;
/// How long a command may take where nobody looks on who would stop it: three times what the longest does.
const PATIENCE: Duration = Duration::from_mins(40);
/// What libtest says of a test that takes long, after the test's name.
const RUNS_LONG: &str = " has been running for over";

/// Runs a command to its end, its words passed on as they come. The failure names it and has what it said of the failure. A
/// command without an end is ended where nobody looks on, and the failure names the tests that it was at; and to leave behind
/// what holds its output is a failure.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let looks_on = std::io::stderr().is_terminal();
    if looks_on {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let limit = (!looks_on).then_some(PATIENCE);
    Listener { limit, on_its_way: Duration::from_mins(1), aloud: true }.run(command)
}

struct Listener {
    /// How long a command may take.
    limit: Option<Duration>,
    /// How long what it has said may be on its way once it has ended.
    on_its_way: Duration,
    /// Whether its words are passed on.
    aloud: bool,
}

impl Listener {
    fn run(&self, command: &mut Command) -> Result<(), String> {
        let mut bounded = self.limit.map(|limit| within(limit, command));
        let spawned =
            bounded.as_mut().unwrap_or(command).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.map_err(|e| format!("{command:?}: {e}"))?;
        let ways = [
            Way::open(child.stdout.take(), self.to(std::io::stdout())),
            Way::open(child.stderr.take(), self.to(std::io::stderr())),
        ];
        let began = Instant::now();
        let done = child.wait().map_err(|e| format!("{command:?}: {e}"))?;
        let is_over = self.limit.is_some_and(|limit| began.elapsed() >= limit);
        let all_heard = ways.each_ref().map(|way| way.ends_within(self.on_its_way)) == [true; 2];
        let why = match (done.success(), all_heard) {
            (true, true) => return Ok(()),
            (true, false) => "it ended, but not all that it has started".to_owned(),
            (false, _) if is_over => format!("it did not end within {:?}", self.limit.unwrap_or_default()),
            (false, _) => done.to_string(),
        };
        Err(format!("{}{command:?}: {why}", Words::told(ways.map(Way::words))))
    }

    fn to(&self, way: impl Write + Send + 'static) -> Box<dyn Write + Send> {
        if self.aloud { Box::new(way) } else { Box::new(std::io::sink()) }
    }
}

/// The same command, with all that it has started ended after so long (`timeout` of coreutils).
fn within(limit: Duration, command: &Command) -> Command {
    let mut bounded = Command::new("timeout");
    bounded.args(["--kill-after=10", &format!("{}s", limit.as_secs_f64())]);
    bounded.arg(command.get_program()).args(command.get_args());
    bounded.current_dir(command.get_current_dir().unwrap_or(Path::new(".")));
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => bounded.env(name, value),
            None => bounded.env_remove(name),
        };
    }
    bounded
}

/// One of a command's two ways to say something.
struct Way {
    words: Arc<Mutex<Words>>,
    over: Receiver<()>,
}

impl Way {
    /// Passes on what is said, until there is no more.
    fn open(from: Option<impl Read + Send + 'static>, mut to: Box<dyn Write + Send>) -> Self {
        let words = Arc::<Mutex<Words>>::default();
        let (tell, over) = mpsc::channel();
        let hears = Arc::clone(&words);
        thread::spawn(move || {
            let Some(from) = from else { return };
            let mut from = BufReader::new(from);
            let mut line = Vec::new();
            while from.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                // Who reads it may have gone; the command is heard to its end.
                let _ = to.write_all(&line);
                hears.lock().unwrap_or_else(PoisonError::into_inner).hear(&String::from_utf8_lossy(&line));
                line.clear();
            }
            drop(tell);
        });
        Self { words, over }
    }

    /// Waits for the end, which comes soon unless something holds the way open that the command has left behind.
    fn ends_within(&self, limit: Duration) -> bool {
        self.over.recv_timeout(limit) != Err(RecvTimeoutError::Timeout)
    }

    fn words(self) -> Words {
        std::mem::take(&mut self.words.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What was said on one of a command's two ways.
#[derive(Default)]
struct Words {
    telling: Vec<String>,
    /// Tests that take long and have not ended.
    long: Vec<String>,
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
        self.hear_of_long(&line);
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

    fn hear_of_long(&mut self, line: &str) {
        let Some(test) = line.strip_prefix("test ") else { return };
        if test.contains(RUNS_LONG) {
            self.long.push(line.to_owned());
        } else if let Some((name, _)) = test.split_once(" ... ") {
            self.long.retain(|long| !long["test ".len()..].starts_with(&format!("{name}{RUNS_LONG}")));
        }
    }

    /// What tells of a failure; where nobody said such a thing, the last that was said.
    fn told(ways: [Self; 2]) -> String {
        let silent = ways.iter().all(|words| words.telling.is_empty() && words.long.is_empty());
        let lines = |mut words: Self| {
            words.telling.append(&mut words.long);
            if silent { Vec::from(words.last) } else { words.telling }
        };
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

    /// Who passes nothing on: what is said here is none of what the tests say of themselves.
    const SILENT: Listener = Listener { limit: None, on_its_way: Duration::from_secs(10), aloud: false };

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
        let why =
            SILENT.run(shell.args(["-c", "echo 'error: one'; echo 'error: two' >&2; exit 3"])).unwrap_err();
        assert!(why.starts_with("error: one\nerror: two\n"), "{why}");
        assert!(why.ends_with("exit status: 3"), "{why}");
        assert_eq!(SILENT.run(Command::new("sh").args(["-c", "echo 'error: none'"])), Ok(()));
    }

    #[test]
    fn a_command_without_an_end_is_ended_and_its_tests_are_named() {
        let says = "echo 'test a has been running for over 60 seconds'; echo 'test b has been running for over 60 seconds'; \
            echo 'test ab has been running for over 60 seconds'; echo 'test a ... ok'; cat /dev/zero | cat >/dev/null";
        let hasty = Listener { limit: Some(Duration::from_secs(1)), ..SILENT };
        let why = hasty.run(Command::new("sh").args(["-c", says])).unwrap_err();
        let names =
            ["test b has been running for over 60 seconds", "test ab has been running for over 60 seconds"];
        assert!(why.starts_with(&names.map(|name| name.to_owned() + "\n").concat()), "{why}");
        assert!(why.ends_with("it did not end within 1s"), "{why}");
    }

    #[test]
    fn a_command_that_leaves_something_behind_fails() {
        // What is left ends when its way to this test does.
        let (left, here) = std::io::pipe().unwrap();
        let mut shell = Command::new("sh");
        shell.args(["-c", "exec 3<&0; cat <&3 & exit 0"]).stdin(left);
        let why = Listener { on_its_way: Duration::ZERO, ..SILENT }.run(&mut shell).unwrap_err();
        drop(here);
        assert!(why.ends_with("it ended, but not all that it has started"), "{why}");
    }
}
