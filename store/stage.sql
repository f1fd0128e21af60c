-- The scratch file of a first sync: what was read of both sides, until it is joined. Losing it costs only the reading.
--
-- staged       one row per record. place is the bucket (the beginning of grouped) and below it the order of arrival; grouped
--              is the keyed hash of the address, or of the record where it has none; record is sealed for this place.
-- staged_last  how many places were given.
-- staged_id    an index that is made when reading has ended: keeping it row by row costs a third of the writing.
-- feed         how far a feed was read.
CREATE TABLE IF NOT EXISTS staged (
    place   INTEGER PRIMARY KEY,
    side    INTEGER NOT NULL,
    id      ANY NOT NULL,
    other   ANY,
    grouped BLOB NOT NULL,
    record  BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS staged_other ON staged(place) WHERE other IS NOT NULL;
CREATE TABLE IF NOT EXISTS staged_last (one INTEGER PRIMARY KEY, place INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS feed (name TEXT PRIMARY KEY, cursor TEXT NOT NULL) STRICT, WITHOUT ROWID;
