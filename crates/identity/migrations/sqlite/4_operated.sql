-- Whether a token's maker ran Portway when it was made, so that no policy
-- binds it.
ALTER TABLE identity_tokens ADD COLUMN operated INTEGER NOT NULL DEFAULT 0;

-- What devices that wait are counted by: the network, as for failed attempts.
ALTER TABLE identity_devices ADD COLUMN network TEXT NOT NULL DEFAULT 'unknown';

-- Tokens of the provider that a front end asked for, encrypted, for as long as
-- the session and they themselves last.
CREATE TABLE identity_provider_tokens (
    session_id TEXT NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL,
    expires_at INTEGER
) STRICT;
