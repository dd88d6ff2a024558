//! Open files, of which every connection is one.

/// Files that the server needs beside its callers' connections: the database's, binaries, requests of integrations.
const OTHERS: u64 = 512;
/// Connections that are taken however few files there may be.
const FEWEST: u32 = 64;

/// Raises the process's own limit of open files as far as it needs and the system lets it, and gives how many of the wanted
/// connections fit. Many systems start programs with 1024 and let them have far more.
pub(crate) fn connections_that_fit(wanted: u32) -> u32 {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Nofile);
        let needed = u64::from(wanted) + OTHERS;
        if limit.current.is_some_and(|files| files < needed) {
            limit.current = Some(limit.maximum.map_or(needed, |most| most.min(needed)));
            // Where it is refused, what there was stays, and is read again below.
            let _ = setrlimit(Resource::Nofile, limit);
        }
        fitting(wanted, getrlimit(Resource::Nofile).current)
    }
    #[cfg(not(unix))]
    fitting(wanted, None)
}

fn fitting(wanted: u32, files: Option<u64>) -> u32 {
    let room = files.map_or(wanted, |files| u32::try_from(files.saturating_sub(OTHERS)).unwrap_or(u32::MAX));
    wanted.min(room.max(FEWEST))
}

#[cfg(test)]
mod tests {
    use super::fitting;

    #[test]
    fn connections_leave_files_for_the_rest() {
        assert_eq!(fitting(10_000, None), 10_000);
        assert_eq!(fitting(10_000, Some(1_000_000)), 10_000);
        assert_eq!(fitting(10_000, Some(1024)), 512);
        assert_eq!(fitting(10_000, Some(100)), 64);
        assert_eq!(fitting(20, Some(100)), 20);
    }
}
