-- What a side refused for the sake of a field waits beside the other fields of its row.
--
-- outbox.failure  names the outbox_failure of every row of which something was refused, also where the rest of it waits, is being sent or
--                 rests. Which changes were refused, and why, is sealed among its fields.

-- +goose Up
PRAGMA user_version = 16;
