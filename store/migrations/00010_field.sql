-- What the data dictionary counts of a field.
--
-- field_day  values of a field that were written to either side, by day (Unix time / 86400), the Salesforce object whose mapping the
--            field belongs to, and its number. Kept by the transactions that acknowledge the writes.

-- +goose Up
CREATE TABLE field_day (
    day    INTEGER NOT NULL,
    object INTEGER NOT NULL,
    field  INTEGER NOT NULL,
    n      INTEGER NOT NULL,
    PRIMARY KEY (day, object, field)
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 10;
