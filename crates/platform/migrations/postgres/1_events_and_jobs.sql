-- What happened. Rows are only ever added; sequence order is commit order.
CREATE TABLE events (
    seq        BIGINT PRIMARY KEY,
    id         TEXT COLLATE "C" NOT NULL,
    time       BIGINT           NOT NULL,
    type       TEXT COLLATE "C" NOT NULL,
    actor_kind TEXT             NOT NULL,
    actor      TEXT             NOT NULL,
    subject    TEXT COLLATE "C" NOT NULL,
    cause      TEXT,
    data       TEXT             NOT NULL
);
CREATE INDEX events_by_subject ON events (subject, seq);
CREATE INDEX events_by_type ON events (type, seq);

-- The last sequence number given out. Whoever appends changes this row first,
-- and so holds every other writer back until the end of its transaction.
CREATE TABLE event_head (
    seq BIGINT NOT NULL
);
INSERT INTO event_head (seq) VALUES (0);

-- What is to be done. A row without a lease waits for run_at. A row with a
-- lease is being worked on; its run_at is the far future unless somebody has
-- asked for another run meanwhile.
CREATE TABLE jobs (
    queue       TEXT COLLATE "C" NOT NULL,
    key         TEXT COLLATE "C" NOT NULL,
    payload     TEXT   NOT NULL,
    reason      TEXT   NOT NULL,
    run_at      BIGINT NOT NULL,
    attempts    BIGINT NOT NULL,
    last_error  TEXT,
    lease_owner TEXT,
    lease_until BIGINT,
    fence       BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (queue, key)
);
CREATE INDEX jobs_by_due ON jobs (queue, coalesce(lease_until, run_at));

-- Every claim takes the next number, so that a number is never used twice,
-- even for a job that was finished and made again.
CREATE TABLE job_fence (
    last BIGINT NOT NULL
);
INSERT INTO job_fence (last) VALUES (0);
