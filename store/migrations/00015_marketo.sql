-- The table of Marketo's ids has no hidden numbers any more: a statement that puts many rows into a table with them keeps in memory what each
-- page that it touches was before, and a first sync of very many puts ids on all pages.

-- +goose Up
CREATE TABLE marketo_id (id INTEGER PRIMARY KEY, link INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO marketo_id(id, link) SELECT id, link FROM marketo ORDER BY id;
DROP TABLE marketo;
ALTER TABLE marketo_id RENAME TO marketo;
PRAGMA user_version = 15;
