-- What waits of a first sync has one number for its place, and is added at the end of its table by it; so are creations of the records that
-- Marketo keeps beside people: companies, opportunities, their roles, custom objects.
--
-- outbox_first  id is what the outbox calls the row: 1 << 60 | side << 56 | turn << 48 | link, where the turn of people is 0. does is
--               object << 4 | carries << 3 | action; an object of 0 is the link's, or the person.

-- +goose Up
CREATE TABLE outbox_planned (
    id     INTEGER PRIMARY KEY,
    does   INTEGER NOT NULL,
    cycle  INTEGER NOT NULL,
    since  INTEGER NOT NULL,
    fields BLOB
) STRICT;
INSERT INTO outbox_planned(id, does, cycle, since, fields)
    SELECT (1 << 60) | (side << 56) | link, (carries << 3) | action, cycle, since, fields FROM outbox_first ORDER BY side, link;
DROP TABLE outbox_first;
ALTER TABLE outbox_planned RENAME TO outbox_first;
PRAGMA user_version = 17;
