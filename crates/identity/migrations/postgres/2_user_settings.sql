-- What people keep for themselves: stars, saved views, what they looked at.
CREATE TABLE identity_user_settings (
    user_ref TEXT COLLATE "C" NOT NULL,
    bucket TEXT COLLATE "C" NOT NULL,
    setting TEXT COLLATE "C" NOT NULL,
    value TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (user_ref, bucket, setting)
);
