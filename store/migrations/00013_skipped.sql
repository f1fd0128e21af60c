-- hold.skipped  1 where a person left the question alone: nothing waits for it, and it is kept so that the same question is not asked again.

-- +goose Up
ALTER TABLE hold ADD COLUMN skipped INTEGER NOT NULL DEFAULT 0;
PRAGMA user_version = 13;
