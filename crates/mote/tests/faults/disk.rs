//! A disk that is full, and one that can be read only.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use mote_testkit::Server;

use crate::desk::{Desk, audit_holds, binary, until};

/// Gives the server a disk of its own of 64 MiB, in a namespace that ends with it; its log is on it too.
const SMALL_DISK: &str = r#"mount -t tmpfs -o size=64m tmpfs "$0" && exec "$@" 2>"$0/log""#;

/// The same place as the server sees it.
fn seen_by(server: &Server, path: &Path) -> PathBuf {
    Path::new(&format!("/proc/{}/root", server.process())).join(path.strip_prefix("/").unwrap())
}

/// Takes what room there is.
fn fill(path: &Path) {
    let mut file = std::fs::File::create(path).unwrap();
    for size in [1 << 16, 1 << 10, 1] {
        while file.write_all(&vec![1; size]).is_ok() {}
    }
}

#[test]
fn a_full_disk_refuses_writes_and_loses_none() {
    let folder = tempfile::tempdir().unwrap();
    let small = folder.path().join("disk");
    std::fs::create_dir(&small).unwrap();
    let place = small.to_str().unwrap();
    // Who is not root may have a namespace in which he is.
    let unshare: &[&str] = if rustix_is_root() { &["--mount"] } else { &["--mount", "--map-root-user"] };
    let under = [&["unshare"], unshare, &["sh", "-c", SMALL_DISK, place]].concat();
    let data = small.join("data");
    let mut server = Server::start_under(&under, binary(), &data, &[]);
    let desk = Desk::open(&server);
    let revoked = crate::desk::text(&desk.mint().unwrap(), "/access_token");
    let ballast = seen_by(&server, &small.join("ballast"));
    let (tokens, refusals) = desk.while_minting(|| {
        for round in 0..3 {
            fill(&ballast);
            until("a write is refused", || desk.mint().is_some_and(|answer| answer.status == 507));
            // What only reads goes on, and an upload is refused as a whole.
            assert_eq!(desk.opens(&desk.token), Some(200));
            assert_eq!(desk.upload(100 + round, 200_000), Some(507));
            std::fs::remove_file(&ballast).unwrap();
            until("writes go on", || desk.mint().is_some_and(|answer| answer.status == 200));
            assert_eq!(desk.upload(1 + round, 200_000), Some(201));
        }
    });
    assert!(refusals.iter().all(|status| matches!(status, 503 | 507)), "{refusals:?}");
    assert_eq!(desk.status("DELETE", "/v1/access_tokens/current", &revoked), Some(200));
    assert!(desk.downloads(1, 200_000) && desk.downloads(3, 200_000));
    // What is on the disk is what was acknowledged, as another process reads it.
    let kept = folder.path().join("kept");
    let copied = Command::new("cp").arg("-r").arg(seen_by(&server, &data)).arg(&kept).status();
    server.kill();
    assert!(copied.unwrap().success());
    audit_holds(&["--data", kept.to_str().unwrap()]);
    let again = Server::start(binary(), &kept, &[]);
    let desk = desk.at(&again);
    desk.all_open(&tokens);
    assert_eq!(desk.opens(&revoked), Some(401));
}

fn rustix_is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

#[test]
fn a_disk_that_cannot_be_written_refuses_writes_and_goes_on_when_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("failing.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/failing.c");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .arg(source)
        .arg("-ldl")
        .status();
    assert!(built.unwrap().success());
    let switch = folder.path().join("errno");
    let data = folder.path().join("data");
    let preload = format!("LD_PRELOAD={}", library.display());
    let (of, with) =
        (format!("FAILING_DISK={}", data.display()), format!("FAILING_ERRNO={}", switch.display()));
    let mut server = Server::start_under(&["env", &preload, &of, &with], binary(), &data, &[]);
    let desk = Desk::open(&server);
    let (tokens, refusals) = desk.while_minting(|| {
        // EROFS, EIO.
        for (round, errno) in [(0, "30"), (1, "5"), (2, "30")] {
            std::fs::write(&switch, errno).unwrap();
            until("a write is refused", || desk.mint().is_some_and(|answer| answer.status == 503));
            assert_eq!(desk.opens(&desk.token), Some(200));
            assert_eq!(desk.upload(100 + round, 200_000), Some(503));
            std::fs::remove_file(&switch).unwrap();
            until("writes go on", || desk.mint().is_some_and(|answer| answer.status == 200));
            assert_eq!(desk.upload(1 + round, 200_000), Some(201));
        }
    });
    assert!(refusals.iter().all(|status| *status == 503), "{refusals:?}");
    server.kill_and_restart();
    let desk = desk.at(&server);
    desk.all_open(&tokens);
    assert!((1..=3).all(|version| desk.downloads(version, 200_000)));
    audit_holds(&["--data", data.to_str().unwrap()]);
}
