-- Objects that Marketo is only given: opportunities, contact roles, sales persons, custom objects.
--
-- object  the names of custom objects by the numbers under which the other tables know them. The numbers of the others are the code's.
-- follow  a link depends on the Salesforce record parent: it waits for it, or Marketo's id of it is part of what it wrote. When that
--         record gets or loses its place in Marketo, the link is read afresh.
--
-- outbox.turn is lane * 32 plus the kind of write from now on (turn.go). Until now it was lane * 2, plus 1 for people.

-- +goose Up
CREATE TABLE object (n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE follow (parent TEXT NOT NULL, link INTEGER NOT NULL, PRIMARY KEY (parent, link)) STRICT, WITHOUT ROWID;
CREATE INDEX follow_link ON follow(link);
UPDATE outbox SET turn = (turn / 2) * 32 + CASE WHEN turn % 2 = 1 THEN 3 WHEN action = 1 THEN 2 ELSE 5 END;
PRAGMA user_version = 6;
