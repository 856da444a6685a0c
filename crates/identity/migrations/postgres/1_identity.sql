-- Secrets (tokens, session ids, sign-in codes) are stored as SHA-256 only.
CREATE TABLE identity_tokens (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL UNIQUE,
    scope TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT
);
-- One working token per name, so that events and messages are clear.
CREATE UNIQUE INDEX identity_tokens_name ON identity_tokens (name) WHERE revoked_at IS NULL;

CREATE TABLE identity_sessions (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    digest TEXT COLLATE "C" NOT NULL UNIQUE,
    user_ref TEXT NOT NULL,
    method TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX identity_sessions_created ON identity_sessions (created_at);

CREATE TABLE identity_sign_in_codes (
    digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

-- The private half is encrypted with a key that is not in the database.
CREATE TABLE identity_signing_keys (
    kid TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    public_jwk TEXT NOT NULL,
    sealed_private BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT
);
