// Package store keeps one workspace in one SQLite file: which records are linked, on which values they agreed, what
// waits to be written, what is held, what happened, and what the screens show of all that. It fulfils cycle.Ledger.
//
// In flow the pages and answers that a cycle decides, each as one transaction; out flow what is known of a link, rows
// to send, and numbers that cost the same at any size. What people wrote reaches the disk only as keyed hashes or
// sealed (promise 10); the key is in the keychain and is handed in as Keys. DESIGN.md tells why the tables are as they are.
package store
