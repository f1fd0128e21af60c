-- What a person was before.
--
-- former          ids that a link had before: of a lead that was converted, of a record that was merged into another or is gone.
--                 They lead to the person's story, and decide nothing as long as the id leads to a link of its own.
-- history.object  the object whose mapping a line's field number belongs to; NULL means that of the link. Set when a link comes
--                 to belong to another object.

-- +goose Up
CREATE TABLE former (
    side INTEGER NOT NULL,
    id   TEXT NOT NULL,
    link INTEGER NOT NULL,
    PRIMARY KEY (side, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX former_link ON former(link);
ALTER TABLE history ADD COLUMN object INTEGER;
PRAGMA user_version = 9;
