-- Bindings and rules that somebody made in the portal, as they were written.
CREATE TABLE access_items (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    sort TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    changed_by TEXT COLLATE "C" NOT NULL,
    changed_at BIGINT NOT NULL
);

-- Who looks through whose eyes, until when.
CREATE TABLE access_views (
    digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    actor TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    ends_at BIGINT NOT NULL
);
