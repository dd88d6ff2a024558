//! Kinds of hardware by name, for people.

/// The known platforms: number and name.
pub const PLATFORMS: [(i64, &str); 20] = [
    (0, "Core"),
    (6, "Photon"),
    (8, "P1"),
    (10, "Electron"),
    (12, "Argon"),
    (13, "Boron"),
    (14, "Xenon"),
    (15, "E SoM X"),
    (22, "A SoM"),
    (23, "B SoM"),
    (24, "X SoM"),
    (25, "B5 SoM"),
    (26, "Tracker"),
    (28, "Tracker M"),
    (32, "P2 and Photon 2"),
    (35, "M SoM"),
    (37, "Electron 2"),
    (38, "Sulu"),
    (42, "Tachyon"),
    (43, "Linux"),
];

/// A platform as people know it: its number, and its name where it is a known one.
#[must_use]
pub fn platform_name(platform: i64) -> String {
    match PLATFORMS.iter().find(|(number, _)| *number == platform) {
        Some((_, name)) => format!("{platform} ({name})"),
        None => platform.to_string(),
    }
}
