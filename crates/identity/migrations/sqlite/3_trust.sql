-- Sessions know from where and with what they are used; a session of the
-- command line (method `device`) has a client and a scope besides.
ALTER TABLE identity_sessions ADD COLUMN address TEXT;
ALTER TABLE identity_sessions ADD COLUMN agent TEXT;
ALTER TABLE identity_sessions ADD COLUMN client TEXT;
ALTER TABLE identity_sessions ADD COLUMN scope TEXT;
CREATE INDEX identity_sessions_user ON identity_sessions (user_ref, ended_at);

ALTER TABLE identity_tokens ADD COLUMN last_used_address TEXT;
ALTER TABLE identity_tokens ADD COLUMN warned_at INTEGER;

-- Access and refresh tokens of a session, and short tokens of workloads, which
-- have no session. Hashes only.
CREATE TABLE identity_bearers (
    digest TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    session_id TEXT,
    subject TEXT NOT NULL,
    scope TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    spent_at INTEGER
) STRICT;
CREATE INDEX identity_bearers_session ON identity_bearers (session_id);
CREATE INDEX identity_bearers_end ON identity_bearers (expires_at);

-- Devices that wait for somebody to admit them (RFC 8628).
CREATE TABLE identity_devices (
    device_digest TEXT NOT NULL PRIMARY KEY,
    user_digest TEXT NOT NULL UNIQUE,
    client TEXT NOT NULL,
    scope TEXT NOT NULL,
    address TEXT,
    agent TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    polled_at INTEGER,
    pause INTEGER NOT NULL,
    decision TEXT,
    user_ref TEXT,
    granted TEXT
) STRICT;

-- Failed attempts, so that the next one has to wait.
CREATE TABLE identity_attempts (
    name TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_at INTEGER NOT NULL
) STRICT;

-- Tokens of other issuers that have been exchanged, until they run out.
CREATE TABLE identity_exchanged (
    digest TEXT NOT NULL PRIMARY KEY,
    uses INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- Accounts that Portway itself keeps.
CREATE TABLE identity_accounts (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    user_ref TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    admin INTEGER NOT NULL,
    handle BLOB NOT NULL UNIQUE,
    password TEXT,
    password_at INTEGER,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    signed_in_at INTEGER,
    disabled_at INTEGER
) STRICT;

-- One-time links with which somebody sets the password of an account.
CREATE TABLE identity_invites (
    digest TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX identity_invites_account ON identity_invites (account_id);

CREATE TABLE identity_recovery_codes (
    digest TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL
) STRICT;
CREATE INDEX identity_recovery_codes_account ON identity_recovery_codes (account_id);

CREATE TABLE identity_passkeys (
    id TEXT NOT NULL PRIMARY KEY,
    credential BLOB NOT NULL UNIQUE,
    account_id TEXT NOT NULL,
    name TEXT NOT NULL,
    static_state BLOB NOT NULL,
    dynamic_state BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;
CREATE INDEX identity_passkeys_account ON identity_passkeys (account_id);

-- What the server remembers between the two halves of a passkey ceremony.
CREATE TABLE identity_ceremonies (
    challenge TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    account_id TEXT,
    state BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
