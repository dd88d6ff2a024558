-- Releases of Device OS that the operator registered, and their binaries. `internal_version` is what their parts call
-- themselves; `state` is the number of its word.
CREATE TABLE device_os_releases (
    id INTEGER PRIMARY KEY NOT NULL,
    version TEXT NOT NULL UNIQUE,
    internal_version INTEGER NOT NULL,
    state SMALLINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE TABLE device_os_modules (
    release_id BIGINT NOT NULL,
    file_name TEXT NOT NULL,
    platform_id INTEGER NOT NULL,
    about TEXT NOT NULL,
    size BIGINT NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (release_id, file_name)
) WITHOUT ROWID;
