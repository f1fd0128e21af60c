-- What happened: one row is one line of a link's story. It is only ever added to, and taken away from the old end.
-- content holds the old and the new value, sealed for this row's id; NULL when the line tells of no value. Ids rise with
-- time, so the old end is found by halving, without an index on time.

-- +goose Up
CREATE TABLE history (
    id      INTEGER PRIMARY KEY,
    link    INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    cycle   INTEGER NOT NULL,
    side    INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    field   INTEGER,
    detail  TEXT,
    content BLOB
) STRICT;
CREATE INDEX history_link ON history(link, id);
PRAGMA user_version = 3;
