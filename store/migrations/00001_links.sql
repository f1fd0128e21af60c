-- What is known about records, and where the reading of both sides stands.
--
-- link        one row: this Salesforce record and that Marketo record are the same thing. While only one side is known
--             the other id is NULL. object and state are numbers of the code (objects, cycle.LinkState).
--             email is the keyed hash of the address on Salesforce, email_marketo that on Marketo; an empty
--             email_marketo means "the same". They are here so that an address can be taken back without an index.
-- salesforce  the id of a side leads to its link. These two only grow; a change of a person does not touch them.
-- marketo
-- company     as marketo, for the few ids of Marketo that are texts: companies are known by their Account's id.
-- email       an address leads to the links that carry it; sides is 1 for Salesforce, 2 for Marketo, 3 for both.
-- baseline    on which values both sides last agreed: a version byte, then 8 bytes of keyed hash for each field by its
--             number, zeros where a field was never agreed upon. Of its own, so that it alone is touched by a change.
-- recheck     links to be read afresh on both sides.
-- feed        how far a feed was read.
-- setting     small facts by name.
-- tally       numbers for the screens, kept by the transactions that move them; nothing is ever counted by a scan.

-- +goose Up
CREATE TABLE link (
    id            INTEGER PRIMARY KEY,
    object        INTEGER NOT NULL,
    state         INTEGER NOT NULL,
    salesforce    TEXT,
    marketo       ANY,
    email         BLOB,
    email_marketo BLOB
) STRICT;
CREATE TABLE salesforce (id TEXT PRIMARY KEY, link INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE marketo (id INTEGER PRIMARY KEY, link INTEGER NOT NULL) STRICT;
CREATE TABLE company (id TEXT PRIMARY KEY, link INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE email (
    hash  BLOB NOT NULL,
    link  INTEGER NOT NULL,
    sides INTEGER NOT NULL,
    PRIMARY KEY (hash, link)
) STRICT, WITHOUT ROWID;
CREATE TABLE baseline (link INTEGER PRIMARY KEY, prints BLOB NOT NULL) STRICT;
CREATE TABLE recheck (link INTEGER PRIMARY KEY) STRICT;
CREATE TABLE feed (name TEXT PRIMARY KEY, cursor TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE tally (name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
PRAGMA user_version = 1;
