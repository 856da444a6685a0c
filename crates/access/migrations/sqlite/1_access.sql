-- Bindings and rules that somebody made in the portal, as they were written.
CREATE TABLE access_items (
    id TEXT NOT NULL PRIMARY KEY,
    sort TEXT NOT NULL,
    body TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

-- Who looks through whose eyes, until when.
CREATE TABLE access_views (
    digest TEXT NOT NULL PRIMARY KEY,
    actor TEXT NOT NULL,
    subject TEXT NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT;
