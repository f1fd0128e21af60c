-- What the screens draw.
--
-- cycle    one row per cycle: its report as JSON, and the backlog it left per target side. ended is 0 while it runs.
-- call     calls to a side by day (Unix days) and by purpose, so that a daily allowance survives a restart.
-- refusal  refused writes by hour, side and cause.
-- audit    pairs that were read on both sides and held against their baselines, by day, and how many were not clean.

-- +goose Up
CREATE TABLE cycle (
    n             INTEGER PRIMARY KEY,
    started       INTEGER NOT NULL,
    ended         INTEGER NOT NULL DEFAULT 0,
    to_marketo    INTEGER NOT NULL DEFAULT 0,
    to_salesforce INTEGER NOT NULL DEFAULT 0,
    report        TEXT
) STRICT;
CREATE INDEX cycle_started ON cycle(started);
CREATE TABLE call (
    side    INTEGER NOT NULL,
    day     INTEGER NOT NULL,
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
