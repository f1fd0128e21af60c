-- What the screens draw.
--
-- cycle      one row per cycle: its report as JSON, and the most that waited at once per target side. ended is 0 while
--            it runs, and stays so when the process was killed. events is the last line of history before it began.
-- allowance  what a side's daily calls were spent: one row per side and day, the day as the pacer names it.
-- call       the same by purpose.
-- refusal    refused writes by hour (Unix time / 3600), side and cause.
-- audit      pairs that were read on both sides and held against their baselines, by day (Unix time / 86400), and how
--            many of them were not clean.

-- +goose Up
CREATE TABLE cycle (
    n             INTEGER PRIMARY KEY,
    started       INTEGER NOT NULL,
    ended         INTEGER NOT NULL DEFAULT 0,
    to_marketo    INTEGER NOT NULL DEFAULT 0,
    to_salesforce INTEGER NOT NULL DEFAULT 0,
    events        INTEGER NOT NULL,
    report        TEXT
) STRICT;
CREATE INDEX cycle_ended ON cycle(ended);
CREATE TABLE allowance (
    side  INTEGER NOT NULL,
    day   TEXT NOT NULL,
    used  INTEGER NOT NULL,
    most  INTEGER NOT NULL,
    share INTEGER NOT NULL,
    at    INTEGER NOT NULL,
    PRIMARY KEY (side, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE call (
    side    INTEGER NOT NULL,
    day     TEXT NOT NULL,
    purpose TEXT NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (side, day, purpose)
) STRICT, WITHOUT ROWID;
CREATE TABLE refusal (
    hour  INTEGER NOT NULL,
    side  INTEGER NOT NULL,
    cause TEXT NOT NULL,
    n     INTEGER NOT NULL,
    PRIMARY KEY (hour, side, cause)
) STRICT, WITHOUT ROWID;
CREATE TABLE audit (day INTEGER PRIMARY KEY, pairs INTEGER NOT NULL, dirty INTEGER NOT NULL) STRICT;
PRAGMA user_version = 4;
