-- What people keep for themselves: stars, saved views, what they looked at.
CREATE TABLE identity_user_settings (
    user_ref TEXT NOT NULL,
    bucket TEXT NOT NULL,
    setting TEXT NOT NULL,
    value TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (user_ref, bucket, setting)
) STRICT;
