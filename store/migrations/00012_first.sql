-- Rows of a first sync that write values wait like the ids that it writes back: nearly all of them are sent and answered once.
--
-- outbox_first  was outbox_id. action is what the row does, carries whether it writes the other record's id, fields the values, sealed for
--               the number that follows from side and link. All else follows from the link.

-- +goose Up
ALTER TABLE outbox_id RENAME TO outbox_first;
ALTER TABLE outbox_first ADD COLUMN action INTEGER NOT NULL DEFAULT 3;
ALTER TABLE outbox_first ADD COLUMN carries INTEGER NOT NULL DEFAULT 1;
ALTER TABLE outbox_first ADD COLUMN fields BLOB;
PRAGMA user_version = 12;
