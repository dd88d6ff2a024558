//! How the binary is linked.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The functions that run at a start and on the usual requests, as `cargo xtask order` found them.
const ORDER: &str = "symbols.order";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // The places that the loader has to fill in are listed in a few pages instead of two megabytes, which all are read at each
    // start. Of Linux's C library it takes glibc 2.36, of August 2022.
    let glibc = env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|env| env == "gnu");
    if glibc && env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
        // What is marked as cold stands together, so that its pages are not between those that are needed.
        println!("cargo:rustc-link-arg-bins=-Wl,-z,keep-text-section-prefix");
    }
    println!("cargo:rerun-if-changed={ORDER}");
    if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        put_in_order(&folder("CARGO_MANIFEST_DIR").join(ORDER));
    }
}

/// Has the linker put the functions that run together next to each other, where it knows how: the kernel maps a program in
/// pieces of 64 KiB and more, so that what stands apart occupies several times what it is.
fn put_in_order(order: &Path) {
    // What has another name by now is left where it is.
    let flags = [
        format!("-Wl,--symbol-ordering-file={}", order.display()),
        "-Wl,--no-warn-symbol-ordering".to_owned(),
    ];
    if knows(&flags) {
        for flag in flags {
            println!("cargo:rustc-link-arg-bins={flag}");
        }
    }
}

/// Whether the linker takes these flags, which is tried with a program that does nothing.
fn knows(flags: &[String]) -> bool {
    let out = folder("OUT_DIR");
    let program = out.join("nothing.rs");
    let given = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let linker = env::var("RUSTC_LINKER").map(|linker| format!("-Clinker={linker}"));
    let mut rustc = Command::new(env::var_os("RUSTC").expect("cargo names the compiler"));
    rustc.args(given.split('\x1f').filter(|flag| !flag.is_empty())).args(linker);
    rustc.arg("--target").arg(env::var_os("TARGET").expect("cargo names the target"));
    rustc.args(flags.iter().map(|flag| format!("-Clink-arg={flag}")));
    rustc.arg("-o").arg(out.join("nothing")).arg(&program).stdout(Stdio::null()).stderr(Stdio::null());
    std::fs::write(&program, "fn main() {}").is_ok() && rustc.status().is_ok_and(|status| status.success())
}

fn folder(variable: &str) -> PathBuf {
    env::var_os(variable).map(PathBuf::from).expect("cargo names its folders")
}
