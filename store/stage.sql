-- The scratch file of a first sync: what was read of both sides, until it is joined. Losing it costs only the reading.
--
-- shelf     records that were read together and whose addresses' hashes begin alike, sealed together for this place: the bucket, and
--           below it n, how many records came before the first of them. A row a record would cost four times the work. Rows come to the end,
--           so that a page of the file is written once; which ones are of a bucket is known in memory.
-- again     records that may have come before, and the number of the last time: only that one counts.
-- carrier   made when anybody carries an id of the other side: every record by its id, where it lies, and whom it names.
-- progress  how many records came, how many of them carry an id, and whether carrier is made.
-- feed      how far a feed was read.
CREATE TABLE IF NOT EXISTS shelf (n INTEGER PRIMARY KEY, place INTEGER NOT NULL, records BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS again (side INTEGER NOT NULL, id TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (side, id)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS carrier (
    n     INTEGER PRIMARY KEY,
    side  INTEGER NOT NULL,
    id    TEXT NOT NULL,
    other TEXT,
    place INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS progress (one INTEGER PRIMARY KEY, came INTEGER NOT NULL, carrying INTEGER NOT NULL, ordered INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS feed (name TEXT PRIMARY KEY, cursor TEXT NOT NULL) STRICT, WITHOUT ROWID;
PRAGMA user_version = 3;
