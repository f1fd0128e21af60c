-- Rows whose fields are quiet rest (state 6) until their hour or day is over: they are looked for by that time alone.

-- +goose Up
CREATE INDEX outbox_resting ON outbox(side, next, id) WHERE state = 6;
PRAGMA user_version = 5;
