//! How the binary is linked.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // The places that the loader has to fill in are listed in a few pages instead of two megabytes, which all are read at each
    // start. Of Linux's C library it takes glibc 2.36, of August 2022.
    let glibc = std::env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|env| env == "gnu");
    if glibc && std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
        // What is marked as cold stands together, so that its pages are not between those that are needed.
        println!("cargo:rustc-link-arg-bins=-Wl,-z,keep-text-section-prefix");
    }
}
