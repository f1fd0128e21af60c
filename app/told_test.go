package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/doppio-sync/doppio/app/keychain"
	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// What the window shows of an error has a key by which another language says it, and reads as a sentence in English.
func TestTold(t *testing.T) {
	brake := cycle.BrakeError{Side: record.Marketo, Updates: 7, Deletes: 1, Linked: 20, Limit: 4}
	by := func(change func(b *cycle.BrakeError)) error {
		b := brake
		change(&b)
		return fmt.Errorf("cycle 3: %w", &b)
	}
	for key, err := range map[string]error{
		"trouble.stopped":      fmt.Errorf("read: %w", context.Canceled),
		"trouble.in-use":       fmt.Errorf("open: %w", store.ErrInUse),
		"trouble.disk.full":    &fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC},
		"trouble.passphrase":   keychain.ErrPassphrase,
		"trouble.broken":       &store.BrokenError{Path: "p", Reason: "r"},
		"trouble.broken.aside": &store.BrokenError{Path: "p", Aside: "a", Reason: "r"},
		"trouble.file":         &fs.PathError{Op: "open", Path: "x", Err: fs.ErrPermission},
		"trouble.network":      &net.DNSError{Name: "host", Err: "no such host"},
		"trouble.brake":        by(func(*cycle.BrakeError) {}),
		"trouble.brake.twins":  by(func(b *cycle.BrakeError) { b.Twins = true }),
		"trouble.brake.field":  by(func(b *cycle.BrakeError) { b.Field, b.By = "Title", "user 005" }),
		// An edit says more than the field does.
		"trouble.brake.mapping": by(func(b *cycle.BrakeError) { b.Field, b.By = "Title", cycle.MappingEdit }),
		"trouble.brake.filter":  by(func(b *cycle.BrakeError) { b.By = cycle.FilterEdit }),
		"quota.share":           &pace.QuotaError{Reason: pace.ShareUsedUp},
	} {
		told := Told(err)
		if strings.HasPrefix(key, "quota.") && strings.HasPrefix(told.Key, "quota.") {
			continue
		}
		if told.Key != key || told.Text != Say(err) || !strings.HasSuffix(strings.TrimRight(told.Text, ")"), ".") && !strings.Contains(told.Text, "(") || strings.Contains(told.Text, "%") {
			t.Errorf("%v is told as %+v, want %s", err, told, key)
		}
	}
	if told := Told(errors.New("one\ntwo")); told.Key != "" || told.Text != "one; two" {
		t.Errorf("what nobody knows is told as %+v", told)
	}
}
