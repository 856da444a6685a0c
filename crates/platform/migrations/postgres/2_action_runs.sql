-- What was done: one row for each run of an action, written before it starts.
-- A row whose state is `running` counts as interrupted after alive_until.
CREATE TABLE action_runs (
    id          TEXT COLLATE "C" PRIMARY KEY,
    action      TEXT COLLATE "C" NOT NULL,
    door        TEXT             NOT NULL,
    state       TEXT COLLATE "C" NOT NULL,
    actor_kind  TEXT             NOT NULL,
    actor       TEXT COLLATE "C" NOT NULL,
    input       TEXT             NOT NULL,
    started_at  BIGINT           NOT NULL,
    alive_until BIGINT           NOT NULL,
    ended_at    BIGINT,
    error       TEXT,
    output      TEXT
);
CREATE INDEX action_runs_by_action ON action_runs (action, id);
CREATE INDEX action_runs_by_actor ON action_runs (actor, id);
CREATE INDEX action_runs_by_state ON action_runs (state, id);
