-- Libraries, and who may contribute to each: the account that did so first, until it is gone. `folded` is the name in lower
-- case: two names do not differ in case alone. The operator says which are official, verified and featured.
CREATE TABLE libraries (
    id INTEGER PRIMARY KEY NOT NULL,
    folded TEXT NOT NULL UNIQUE,
    owner_id BIGINT,
    official BOOLEAN NOT NULL,
    verified BOOLEAN NOT NULL,
    featured BOOLEAN NOT NULL,
    installs BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX libraries_by_owner ON libraries (owner_id, folded) WHERE owner_id IS NOT NULL;

-- Their versions. `latest` marks the highest of all, `latest_public` the highest that everybody sees; `published_at` is 0
-- for a private one. `properties` is JSON, of which lists are narrowed by `category`, in lower case, and by architectures.
CREATE TABLE library_versions (
    id INTEGER PRIMARY KEY NOT NULL,
    library_id BIGINT NOT NULL,
    version TEXT NOT NULL,
    latest BOOLEAN NOT NULL,
    latest_public BOOLEAN NOT NULL,
    properties TEXT NOT NULL,
    category TEXT NOT NULL,
    all_architectures BOOLEAN NOT NULL,
    size BIGINT NOT NULL,
    digest BLOB NOT NULL,
    published_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (library_id, version)
);
CREATE INDEX library_versions_latest ON library_versions (library_id) WHERE latest;
CREATE INDEX library_versions_latest_public ON library_versions (library_id) WHERE latest_public;

-- The architectures, in lower case, of versions that are not for all of them.
CREATE TABLE library_architectures (
    version_id BIGINT NOT NULL,
    architecture TEXT NOT NULL,
    PRIMARY KEY (version_id, architecture)
) WITHOUT ROWID;
