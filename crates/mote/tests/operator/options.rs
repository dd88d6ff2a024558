//! The options: what is refused, which is stronger, and how they are written.

use std::path::Path;

use mote_testkit::Server;

use super::{BINARY, Desk, PASSWORD, message};

#[test]
fn a_wrong_value_is_named_and_ends_with_2() {
    let desk = Desk::new();
    desk.write("unknown.toml", "lisen = \"127.0.0.1:0\"\n");
    desk.write("broken.toml", "listen = \n");
    desk.write("secret.toml", "listen = \"127.0.0.1:0\"\nadmin-password = \"hush hush\n");
    desk.write("choice.toml", "signup = \"perhaps\"\n");
    desk.write("listen.toml", "listen = \"foo\"\n");
    desk.write("most.toml", "max-connections = \"5\"\n");
    desk.write("days.toml", "history-days = 0\n");
    desk.write("log.toml", "log = \"blah\"\n");
    desk.write("bare.toml", "admin-password = 12345678\n");
    let cases: &[(&[&str], &str)] = &[
        (&["serve", "--listen", "nonsense"], "'--listen <IP:PORT>': is IP:PORT, such as 127.0.0.1:8080"),
        (&["serve", "--listen", "localhost:8080"], "such as 127.0.0.1:8080"),
        (&["serve", "--signup", "perhaps"], "open, closed"),
        (&["serve", "--log-format", "xml"], "text, json"),
        (&["serve", "--trusted-proxies", "foo"], "10.0.0.0/8"),
        (&["serve", "--history-days", "0"], "from 1 to 3650"),
        (&["serve", "--audit-days", "0"], "from 1 to 3650"),
        (&["serve", "--max-connections", "9"], "from 10 to 1000000"),
        (&["serve", "--public-url", "ftp://x"], "'--public-url <URL>': is http:// or https://"),
        (&["serve", "--public-url", "https://user:pw@x"], "such as https://mote.example.com"),
        (&["serve", "--tls-cert", "x"], "--tls-cert and --tls-key"),
        (&["serve", "--admin-email", "a@b.example"], "--admin-email and --admin-password"),
        (&["serve", "--tls-cert", "nowhere", "--tls-key", "nowhere"], "nowhere"),
        (&["serve", "--log", "x=y=z"], "--log"),
        (&["serve", "--log", "blah"], "'--log <FILTER>': is a level (error, warn"),
        (&["serve", "--log="], "'--log <FILTER>': is a level (error, warn"),
        (&["serve", "--database", "mysql://u:pw@x"], "--database begins with mysql://, which is unknown"),
        (&["check", "--database="], "--database is empty"),
        (&["user", "create", "--email", "me@example.com", "--database", "."], "the database . is a folder"),
        (&["serve", "--server-key-file", "."], "the server key . is a folder"),
        (&["serve", "--config", "unknown.toml"], "lisen in unknown.toml: there is no such option"),
        (&["serve", "--config", "broken.toml"], "broken.toml is not well-formed TOML"),
        (&["serve", "--config", "secret.toml"], "in line 2"),
        (&["serve", "--config", "choice.toml"], "is open or closed"),
        (&["serve", "--config", "listen.toml"], "listen in listen.toml: is IP:PORT, such as 127.0.0.1:8080"),
        (
            &["serve", "--config", "most.toml"],
            "max-connections in most.toml: is a number of connections from 10",
        ),
        (
            &["serve", "--config", "days.toml"],
            "history-days in days.toml: is a number of days from 1 to 3650",
        ),
        (&["serve", "--config", "log.toml"], "log in log.toml: is a level"),
        (&["serve", "--config", "bare.toml"], "admin-password in bare.toml: must be text in quotes"),
        (&["serve", "--config", "missing.toml"], "cannot read missing.toml"),
        (&["nonsense"], "nonsense"),
    ];
    for (arguments, named) in cases {
        let output = desk.mote(arguments, &[], "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", message(&output));
        assert!(message(&output).contains(named), "{arguments:?}: {}", message(&output));
        assert!(!message(&output).contains("hush"), "{}", message(&output));
    }
    assert!(!desk.path("mote-data").exists(), "a refused start makes nothing");
}

#[test]
fn a_flag_is_stronger_than_a_variable_and_that_than_the_file() {
    let desk = Desk::new();
    desk.write("mote.toml", "data = \"of-file\"\n");
    let create = |arguments: &[&str], variables: &[(&str, &str)]| {
        let all = [&["user", "create", "--email", "me@example.com"], arguments].concat();
        desk.works(&all, variables, PASSWORD);
    };
    create(&[], &[]);
    assert!(desk.path("of-file/mote.db").exists() && !desk.path("mote-data").exists());
    create(&[], &[("MOTE_DATA", "of-variable")]);
    assert!(desk.path("of-variable/server.key").exists());
    create(&["--data", "of-flag"], &[("MOTE_DATA", "of-variable")]);
    assert!(desk.path("of-flag/mote.db").exists());
}

#[test]
fn every_line_of_the_example_file_is_an_option() {
    let example =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../mote.example.toml"));
    let example = example.unwrap();
    let options: Vec<&str> = example
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| line.contains(" = \""))
        .collect();
    let help = Desk::new().works(&["serve", "--help"], &[], "");
    // An option's own line has its value behind it; others only mention it.
    let lines = help.lines().filter_map(|line| line.trim().strip_prefix("--"));
    let flags = lines.filter_map(|line| line.split_once(" <")).map(|(flag, _)| flag);
    for flag in flags.filter(|flag| *flag != "config") {
        assert!(
            options.iter().any(|line| line.starts_with(&format!("{flag} = "))),
            "{flag} is not in the file"
        );
    }
    for line in options {
        let name = line.split(' ').next().unwrap();
        assert!(help.contains(&format!("--{name} ")), "{name} is no option");
    }
}

#[test]
fn numbers_and_switches_in_the_file_may_stand_without_quotes() {
    let desk = Desk::new();
    desk.write(
        "mote.toml",
        "history-days = 30\naudit-days = \"30\"\nmax-connections = 1_000\nteam-tokens = true\nclaim-unknown = \"off\"\n",
    );
    let server = Server::start(Path::new(BINARY), &desk.path("mote-data"), &[]);
    drop(server);
    // They are read, not passed over.
    desk.write("mote.toml", "max-guesses = 0\n");
    let refused = desk.mote(&["serve"], &[], "");
    assert!(message(&refused).contains("max-guesses in mote.toml: is a number, 1 at least"));
    desk.write("mote.toml", "signup = true\n");
    let refused = desk.mote(&["serve"], &[], "");
    assert!(message(&refused).contains("signup in mote.toml: is open or closed"));
}
