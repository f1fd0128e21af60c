-- What was written to Marketo and which its activities did not tell of yet. A link may have been written to several times.
--
-- outbox_echo  cycle sent it; since, in Unix nanoseconds, is how old the row was. fields holds the values, sealed for this row's id.

-- +goose Up
CREATE TABLE outbox_echo (
    id     INTEGER PRIMARY KEY,
    link   INTEGER NOT NULL,
    cycle  INTEGER NOT NULL,
    since  INTEGER NOT NULL,
    fields BLOB NOT NULL
) STRICT;
CREATE INDEX outbox_echo_link ON outbox_echo(link);
CREATE INDEX outbox_echo_cycle ON outbox_echo(cycle);
DELETE FROM outbox WHERE state = 3;
UPDATE tally SET n = 0 WHERE name IN ('outbox.3.1', 'outbox.3.2');
DROP INDEX outbox_done;
PRAGMA user_version = 7;
