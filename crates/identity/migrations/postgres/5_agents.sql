-- The agent that holds a token and acts for whoever made it.
ALTER TABLE identity_tokens ADD COLUMN agent TEXT;
