-- What waits of a first sync for nothing but the other side's id on a record: one of these takes a fifth of the work of a row of
-- the outbox, and a first sync has one or two for everybody.
--
-- outbox_id  the id of this link's other record is to be written on its record on a side. since is in Unix nanoseconds. Whatever
--            else is to be said of it, that it was refused or tried, makes a row of the outbox of it.

-- +goose Up
CREATE TABLE outbox_id (
    side  INTEGER NOT NULL,
    link  INTEGER NOT NULL,
    cycle INTEGER NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (side, link)
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 11;
