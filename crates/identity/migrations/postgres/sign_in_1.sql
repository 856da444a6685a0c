-- Answers of providers that have been used, as SHA-256, until they would have
-- run out anyway.
CREATE TABLE sign_in_used (
    mark TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

-- Which provider a session came from.
CREATE TABLE sign_in_sessions (
    session_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    provider TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);

-- Users that were made for accounts nobody knew, as the catalog reads them.
CREATE TABLE sign_in_users (
    provider TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    user_ref TEXT COLLATE "C" NOT NULL UNIQUE,
    document TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (provider, subject)
);
