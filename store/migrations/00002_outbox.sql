-- What waits: writes that are planned and not yet acknowledged, and changes that wait for a person's decision.
--
-- outbox   one row per link and target side. turn orders the sending: lane * 2, plus 1 for what is not a company or an
--          account. next and since are Unix nanoseconds. failure names the outbox_failure of a refused row, else NULL.
--          fields holds the values to write, sealed for this row's id; NULL when the row only carries an id.
-- outbox_failure
--          refused rows that are open, by what ails them; n is kept by the transactions that move rows in and out.
-- hold     one row per link and field (65535: the whole record). content holds both values and candidates, sealed.

-- +goose Up
CREATE TABLE outbox (
    id      INTEGER PRIMARY KEY,
    link    INTEGER NOT NULL,
    side    INTEGER NOT NULL,
    object  INTEGER NOT NULL,
    target  TEXT,
    source  TEXT,
    action  INTEGER NOT NULL,
    state   INTEGER NOT NULL,
    turn    INTEGER NOT NULL,
    first   INTEGER NOT NULL,
    cycle   INTEGER NOT NULL,
    tries   INTEGER NOT NULL,
    next    INTEGER NOT NULL,
    since   INTEGER NOT NULL,
    cause   TEXT,
    failure INTEGER,
    carry   TEXT,
    fields  BLOB
) STRICT;
CREATE UNIQUE INDEX outbox_link ON outbox(link, side);
CREATE INDEX outbox_waiting ON outbox(side, turn, since, id, next) WHERE state = 1;
CREATE INDEX outbox_sending ON outbox(id) WHERE state = 2;
CREATE INDEX outbox_done ON outbox(cycle) WHERE state = 3;
CREATE INDEX outbox_failed ON outbox(failure, id) WHERE failure IS NOT NULL;
CREATE TABLE outbox_failure (
    id     INTEGER PRIMARY KEY,
    side   INTEGER NOT NULL,
    object INTEGER NOT NULL,
    cause  TEXT NOT NULL,
    n      INTEGER NOT NULL,
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    UNIQUE (side, object, cause)
) STRICT;
CREATE TABLE hold (
    id      INTEGER PRIMARY KEY,
    link    INTEGER NOT NULL,
    field   INTEGER NOT NULL,
    cause   TEXT NOT NULL,
    since   INTEGER NOT NULL,
    content BLOB
) STRICT;
CREATE UNIQUE INDEX hold_link ON hold(link, field);
PRAGMA user_version = 2;
