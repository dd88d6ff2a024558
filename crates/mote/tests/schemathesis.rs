//! Schemathesis, which others wrote, makes requests of the OpenAPI document: none of them may be a fault of the server.
//! `cargo xtask schemathesis` has it make a hundred thousand.

use std::path::{Path, PathBuf};
use std::process::Command;

use mote_testkit::{Request, Server, call, exchange};
use serde_json::{Value, json};

/// How many requests there are to be with each token; one run is made in any case.
const VARIABLE: &str = "MOTE_SCHEMATHESIS_REQUESTS";
/// Seconds of a run at most.
const RUN: &str = "--max-time=40";
/// What would end the token that all is asked with.
const ENDS: [(&str, &str); 5] = [
    ("delete", "/v1/access_tokens"),
    ("delete", "/v1/user"),
    ("put", "/v1/user"),
    ("post", "/v1/user/password-reset"),
    ("delete", "/v1/products/{productIdOrSlug}"),
];

fn program() -> PathBuf {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/schemathesis/.venv/bin/st");
    assert!(program.exists(), "Schemathesis is not installed: run cargo xtask test");
    program
}

fn send(server: &Server, path: &str, authorization: &str, form: &[(&str, &str)]) -> Value {
    let url = format!("{}{path}", server.url);
    let answer =
        call(&Request { method: "POST", url, authorization: Some(authorization.into()), form }).unwrap();
    assert!(answer.status < 300, "{path}: {answer:?}");
    answer.body
}

fn basic(user: &str, password: &str) -> String {
    use base64::Engine;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
}

/// A user's token, and a product's with a device, by the values of the parameters that name them.
fn furnish(server: &Server) -> ([String; 2], Value) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let grant = [("grant_type", "password"), ("username", Server::ADMIN), ("password", Server::PASSWORD)];
    let signed_in = send(server, "/oauth/token", &basic("particle", "particle"), &grant);
    let user = format!("Bearer {}", text(&signed_in["access_token"]));
    let made = send(server, "/v1/products", &user, &[("name", "Asked"), ("platform_id", "13")]);
    let path = format!("/v1/products/{}", made["product"]["id"]);
    let client = send(server, &format!("{path}/clients"), &user, &[("name", "a"), ("type", "installed")]);
    let client = basic(&text(&client["client"]["id"]), &text(&client["client"]["secret"]));
    let minted = send(server, "/oauth/token", &client, &[("grant_type", "client_credentials")]);
    let product = format!("Bearer {}", text(&minted["access_token"]));
    let device = "e00fce680123456789abcdef";
    send(server, &format!("{path}/devices"), &product, &[("id", device)]);
    let named = json!({
        "productIdOrSlug": ["asked", made["product"]["id"].to_string(), "unknown"],
        "deviceId": [device, "0123456789abcdef01234567"],
        "deviceID": [device, "0123456789abcdef01234567"],
        "groupName": ["one", "two"],
        "ledgerName": ["one", "two"],
    });
    ([product, user], named)
}

/// The server's document, with the names of what there is, and without what would end the token or never ends itself.
fn document(server: &Server, named: &Value) -> Value {
    let (_, bytes) = exchange("GET", &format!("{}/openapi.json", server.url), None, None).unwrap();
    let mut document: Value = serde_json::from_slice(&bytes).unwrap();
    for (path, operations) in document["paths"].as_object_mut().unwrap() {
        let operations = operations.as_object_mut().unwrap();
        operations.retain(|method, operation| {
            let ends = ENDS
                .iter()
                .any(|(of, at)| of == method && (path == at || (*at == ENDS[0].1 && path.starts_with(at))));
            !ends && !operation["responses"].to_string().contains("text/event-stream")
        });
        // Of the path as a whole, and of each operation.
        let lists = operations.iter_mut().filter_map(|(name, of)| {
            if name == "parameters" { Some(of) } else { of.get_mut("parameters") }?.as_array_mut()
        });
        for parameter in lists.flatten() {
            if let Some(values) = parameter["name"].as_str().and_then(|name| named.get(name)) {
                parameter["schema"] = json!({ "type": "string", "enum": values });
            }
        }
    }
    document
}

/// How many requests the server has answered with this class of status, or with any.
fn answered(server: &Server, class: &str) -> u64 {
    let (_, text) = exchange("GET", &format!("{}/metrics", server.url), None, None).unwrap();
    let text = String::from_utf8(text).unwrap();
    let counts =
        text.lines().filter(|line| line.starts_with("mote_http_requests_total") && line.contains(class));
    counts.filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok()).sum()
}

#[test]
fn no_request_is_a_fault_of_the_server() {
    let wanted: u64 =
        std::env::var(VARIABLE).ok().map_or(0, |text| text.parse().expect("a number of requests"));
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(Path::new(env!("CARGO_BIN_EXE_mote")), &folder.path().join("data"), &[]);
    let (tokens, named) = furnish(&server);
    let file = folder.path().join("openapi.json");
    std::fs::write(&file, document(&server, &named).to_string()).unwrap();
    for (token, kind) in tokens.iter().zip(["a product's token", "a user's token"]) {
        let before = answered(&server, "");
        // One worker: CPython 3.11 cannot parse in several threads what Hypothesis has it parse.
        for seed in 1.. {
            let ran = Command::new(program())
                .args(["run", "--url", &server.url, "--header", &format!("Authorization: {token}"), RUN])
                .args(["--checks=not_a_server_error", "--phases=examples,coverage,fuzzing", "--workers=1"])
                .args(["--max-examples=200", "--generation-database=none", "--warnings=off", "--no-color"])
                .args(["--request-timeout=35", "--continue-on-failure", &format!("--seed={seed}")])
                .arg(&file)
                .current_dir(folder.path())
                .output()
                .unwrap();
            assert!(ran.status.success(), "with {kind}: {}", String::from_utf8_lossy(&ran.stdout));
            let asked = answered(&server, "") - before;
            assert_eq!(answered(&server, "5xx"), 0, "a fault was answered that Schemathesis did not see");
            println!("{asked} requests with {kind}");
            assert!(asked > 100, "hardly anything was asked: {}", String::from_utf8_lossy(&ran.stdout));
            if asked >= wanted {
                break;
            }
        }
    }
}
