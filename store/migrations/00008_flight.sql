-- What is being sent: one row for each batch, so that marking it does not touch the rows of the outbox.
--
-- outbox_flight  rows is a JSON array of the outbox rows' ids.

-- +goose Up
CREATE TABLE outbox_flight (
    id   INTEGER PRIMARY KEY,
    rows TEXT NOT NULL
) STRICT;
PRAGMA user_version = 8;
