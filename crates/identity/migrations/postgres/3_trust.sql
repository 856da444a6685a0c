-- Sessions know from where and with what they are used; a session of the
-- command line (method `device`) has a client and a scope besides.
ALTER TABLE identity_sessions ADD COLUMN address TEXT;
ALTER TABLE identity_sessions ADD COLUMN agent TEXT;
ALTER TABLE identity_sessions ADD COLUMN client TEXT;
ALTER TABLE identity_sessions ADD COLUMN scope TEXT;
CREATE INDEX identity_sessions_user ON identity_sessions (user_ref, ended_at);

ALTER TABLE identity_tokens ADD COLUMN last_used_address TEXT;
ALTER TABLE identity_tokens ADD COLUMN warned_at BIGINT;

-- Access and refresh tokens of a session, and short tokens of workloads, which
-- have no session. Hashes only.
CREATE TABLE identity_bearers (
    digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    session_id TEXT COLLATE "C",
    subject TEXT NOT NULL,
    scope TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    spent_at BIGINT
);
CREATE INDEX identity_bearers_session ON identity_bearers (session_id);
CREATE INDEX identity_bearers_end ON identity_bearers (expires_at);

-- Devices that wait for somebody to admit them (RFC 8628).
CREATE TABLE identity_devices (
    device_digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_digest TEXT COLLATE "C" NOT NULL UNIQUE,
    client TEXT NOT NULL,
    scope TEXT NOT NULL,
    address TEXT,
    agent TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    polled_at BIGINT,
    pause BIGINT NOT NULL,
    decision TEXT,
    user_ref TEXT,
    granted TEXT
);

-- Failed attempts, so that the next one has to wait.
CREATE TABLE identity_attempts (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);

-- Tokens of other issuers that have been exchanged, until they run out.
CREATE TABLE identity_exchanged (
    digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    uses BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Accounts that Portway itself keeps.
CREATE TABLE identity_accounts (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    user_ref TEXT COLLATE "C" NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    admin BIGINT NOT NULL,
    handle BYTEA NOT NULL UNIQUE,
    password TEXT,
    password_at BIGINT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    signed_in_at BIGINT,
    disabled_at BIGINT
);

-- One-time links with which somebody sets the password of an account.
CREATE TABLE identity_invites (
    digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account_id TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX identity_invites_account ON identity_invites (account_id);

CREATE TABLE identity_recovery_codes (
    digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account_id TEXT COLLATE "C" NOT NULL
);
CREATE INDEX identity_recovery_codes_account ON identity_recovery_codes (account_id);

CREATE TABLE identity_passkeys (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    credential BYTEA NOT NULL UNIQUE,
    account_id TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    static_state BYTEA NOT NULL,
    dynamic_state BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX identity_passkeys_account ON identity_passkeys (account_id);

-- What the server remembers between the two halves of a passkey ceremony.
CREATE TABLE identity_ceremonies (
    challenge TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    account_id TEXT COLLATE "C",
    state BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);
