//! Files of keys.

use super::*;

fn hex(keys: &ServerKeys) -> Vec<String> {
    keys.all().iter().map(|key| key.to_hex().to_string()).collect()
}

#[test]
fn a_key_comes_back_from_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.key");
    assert!(matches!(ServerKeys::load(&path), Err(KeyFileError::Missing(_))));
    let keys = ServerKeys::create(&path).unwrap();
    assert_eq!(hex(&ServerKeys::load(&path).unwrap()), hex(&keys));
    assert!(ServerKeys::create(&path).is_err(), "a key is never overwritten");
    assert_eq!(hex(&keys.reload().unwrap()), hex(&keys));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_key_and_its_successor_stand_in_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.key");
    let before = ServerKeys::create(&path).unwrap();
    let old = before.all()[0].clone();
    let both = before.replace(vec![old.clone(), ServerKey::generate()]).unwrap();
    assert_eq!(hex(&before.reload().unwrap()), hex(&both));
    assert_eq!(hex(&both)[0], *old.to_hex());
    let new = both.replace(vec![both.all()[1].clone()]).unwrap();
    assert_eq!(hex(&both.reload().unwrap()), hex(&new));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let read = |text: &str| ServerKeys::parse(text).map(|keys| keys.all().len());
    let one = old.to_hex();
    assert_eq!(read(&format!("{},\n{}", *one, *one)), Ok(2));
    assert_eq!(read(&format!("{} {} {}", *one, *one, *one)), Err(MalformedKey::TooMany(2)));
    assert_eq!(read(&format!("{},{}", *one, &one[1..])), Err(MalformedKey::Length(63)));
    assert_eq!(read(","), Err(MalformedKey::Empty));
}

#[test]
fn one_process_at_a_time_replaces_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let keys = ServerKeys::create(&folder.path().join("server.key")).unwrap();
    let lock = keys.lock().unwrap();
    assert!(matches!(keys.lock(), Err(KeyFileError::Locked(_))));
    drop(lock);
    assert!(keys.lock().unwrap().is_some());
    assert!(ServerKeys::from(&keys.all()[0]).lock().unwrap().is_none());
}

#[cfg(unix)]
#[test]
fn a_key_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.key");
    let keys = ServerKeys::create(&path).unwrap();
    let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    // A link leads to the file: that is replaced, and stays as it was.
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let linked = ServerKeys::load(&link).unwrap().replace(vec![ServerKey::generate()]).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!((mode(), hex(&keys.reload().unwrap())), (0o600, hex(&linked)));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(ServerKeys::load(&path).unwrap_err().to_string().contains("chmod 600"));
}

#[test]
fn what_is_no_key_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.key");
    ServerKeys::create(&path).unwrap();
    let long = "0".repeat(5000);
    for (text, why) in [
        ("", "it is empty"),
        (" \n", "it is empty"),
        ("0123\n", "it has 4 hex digits; a key has 64"),
        ("01:23", "character 3 is not a hex digit"),
        (&long, "it is not text"),
    ] {
        fs::write(&path, text).unwrap();
        let error = ServerKeys::load(&path).unwrap_err();
        assert!(matches!(error, KeyFileError::Malformed { .. }));
        assert!(error.to_string().contains(why), "{error}");
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    }
    fs::write(&path, [0xff; 64]).unwrap();
    assert!(ServerKeys::load(&path).unwrap_err().to_string().contains("it is not text"));
}
