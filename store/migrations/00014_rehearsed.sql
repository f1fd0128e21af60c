-- The plan that the last rehearsal announced, until it is carried out.
--
-- rehearsed  one row per write that was announced: the link and the side that is written to, and a keyed hash of all that it writes, 0
--            for an id that is known only when its record was made. state: 0 announced, 1 written as announced, 2 written after it was
--            planned anew, 3 written and never announced. Kept by the transactions that acknowledge the writes.

-- +goose Up
CREATE TABLE rehearsed (
    side  INTEGER NOT NULL,
    link  INTEGER NOT NULL,
    print INTEGER NOT NULL,
    state INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (side, link)
) STRICT, WITHOUT ROWID;
CREATE INDEX rehearsed_otherwise ON rehearsed(state) WHERE state > 1;
PRAGMA user_version = 14;
