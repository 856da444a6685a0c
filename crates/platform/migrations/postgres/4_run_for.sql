-- The person for whom a program or an agent asked, where that is not the actor.
ALTER TABLE action_runs ADD COLUMN on_behalf_of TEXT;
