-- Answers of providers that have been used, as SHA-256, until they would have
-- run out anyway.
CREATE TABLE sign_in_used (
    mark TEXT NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT;

-- Which provider a session came from.
CREATE TABLE sign_in_sessions (
    session_id TEXT NOT NULL PRIMARY KEY,
    provider TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Users that were made for accounts nobody knew, as the catalog reads them.
CREATE TABLE sign_in_users (
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_ref TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (provider, subject)
) STRICT;
