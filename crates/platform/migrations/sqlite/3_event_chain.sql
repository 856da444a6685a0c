-- Who asked, from where and why, how it ended, and the chain: `hash` covers
-- every field and the hash of the event before. Rows from before this
-- migration have none; the chain begins at event_head.chain_from.
ALTER TABLE events ADD COLUMN on_behalf_of TEXT;
ALTER TABLE events ADD COLUMN address TEXT;
ALTER TABLE events ADD COLUMN request TEXT;
ALTER TABLE events ADD COLUMN reason TEXT;
ALTER TABLE events ADD COLUMN outcome TEXT NOT NULL DEFAULT 'allowed';
ALTER TABLE events ADD COLUMN hash BLOB;
ALTER TABLE event_head ADD COLUMN chain_from INTEGER NOT NULL DEFAULT 1;
ALTER TABLE event_head ADD COLUMN hash BLOB;
UPDATE event_head SET chain_from = seq + 1;

-- What people and programs did is little beside what controllers found in
-- sources, so these cost an ingestion nothing.
CREATE INDEX events_by_actor ON events (actor, seq) WHERE actor_kind <> 'system';
CREATE INDEX events_of_people ON events (seq) WHERE actor_kind <> 'system';
CREATE INDEX events_not_allowed ON events (outcome, seq) WHERE outcome <> 'allowed';
