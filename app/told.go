package app

import (
	"context"
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"syscall"

	"github.com/doppio-sync/doppio/app/keychain"
	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/rule"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// plain are errors whose own text says everything, with the keys by which other languages say it; what was being done when they came up
// helps nobody.
var plain = []struct {
	err error
	key string
}{
	{store.ErrInUse, "trouble.in-use"},
	{store.ErrNewer, "trouble.newer"},
	{store.ErrOutdated, "trouble.outdated"},
	{store.ErrDiskFull, "trouble.disk.full"},
	{store.ErrDisk, "trouble.disk"},
	{store.ErrReadOnly, "trouble.read-only"},
	{store.ErrForeign, "trouble.foreign"},
	{store.ErrWrongKey, "trouble.wrong-key"},
	{keychain.ErrUnavailable, "trouble.keychain"},
	{keychain.ErrPassphrase, "trouble.passphrase"},
	{keychain.ErrNoPassphrase, "trouble.passphrase.none"},
	{keychain.ErrDamaged, "trouble.secrets"},
	{keychain.ErrSpoiled, "trouble.secret"},
	{errUnreadable, "trouble.key.unreadable"},
	{store.ErrNoKey, "trouble.key.absent"},
}

// Told is what a person reads of an error: what happened and what to do, in English, with a key for other languages where it has one. It names
// no person and no secret.
func Told(err error) Sentence {
	var failure pace.Failure
	var input *InputError
	var broken *store.BrokenError
	var brake *cycle.BrakeError
	var known *told
	var wish *schema.WishError
	var entry *rule.EntryError
	switch {
	case err == nil:
		return Sentence{}
	case errors.As(err, &known):
		return known.said
	case errors.As(err, &input):
		return Sentence{Key: input.said.Key, Args: input.said.Args, Text: input.Text}
	case errors.As(err, &wish):
		return Sentence(wish.Said)
	case errors.As(err, &entry):
		return Sentence(entry.Said)
	case errors.Is(err, context.Canceled):
		return pace.Say("trouble.stopped", "Stopped. What was acknowledged is kept; the next run goes on from there.")
	case errors.As(err, &failure):
		return failure.Sentence()
	case errors.As(err, &broken) && broken.Aside == "":
		return pace.Say("trouble.broken", "The workspace's file %1 is damaged (%2); close Doppio and open the workspace again: it will be checked and set aside.", broken.Path, broken.Reason)
	case errors.As(err, &broken):
		return pace.Say("trouble.broken.aside", "The workspace's file was damaged (%2). It was kept as %1. Put a backup back in its place, or make the workspace anew and connect it again: both systems are then compared, and nothing is overwritten blindly.", broken.Aside, broken.Reason)
	case errors.As(err, &brake):
		return toldBrake(brake)
	}
	for _, known := range plain {
		if errors.Is(err, known.err) {
			return Sentence{Key: known.key, Args: []string{place(err)}, Text: sentence(known.err.Error()) + place(err)}
		}
	}
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return pace.Say("trouble.file", "A file of Doppio's cannot be read or written; check its permissions and those of its folder.%1", place(err))
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return Sentence{Key: "trouble.disk.full", Args: []string{""}, Text: sentence(store.ErrDiskFull.Error())}
	case networkBroke(err):
		return pace.Say("trouble.network", "The network did not carry the call. Check the connection and the address, then try again. (%1)", err.Error())
	}
	return Sentence{Text: strings.ReplaceAll(err.Error(), "\n", "; ")}
}

// toldBrake says why a cycle stopped and how it goes on.
func toldBrake(b *cycle.BrakeError) Sentence {
	n := func(n int) string { return strconv.Itoa(n) }
	var s Sentence
	switch changed, deleted, linked, side, limit := n(b.Updates), n(b.Deletes), n(b.Linked), sideName(b.Side), n(b.Limit); {
	case b.Twins:
		s = pace.Say("trouble.brake.twins", "Stopped before the first write: %1 of %2 records would be removed from %3, because they are gone in Salesforce, more than the %4 that the brake allows. Look at the plan with a rehearsal, then go on with sync --resume.", deleted, linked, side, limit)
	case b.By == cycle.MappingEdit:
		s = pace.Say("trouble.brake.mapping", "Stopped before the first write: because the mapping was changed, %1 of %3 linked people would be changed and %2 deleted in %4, more than the %5 that the brake allows. Look at the plan with a rehearsal, then go on with sync --resume.", changed, deleted, linked, side, limit)
	case b.By == cycle.FilterEdit:
		s = pace.Say("trouble.brake.filter", "Stopped before the first write: because the filter was changed, %1 of %3 linked people would be changed and %2 deleted in %4, more than the %5 that the brake allows. Look at the plan with a rehearsal, then go on with sync --resume.", changed, deleted, linked, side, limit)
	case b.Field != "":
		s = pace.Say("trouble.brake.field", "Stopped before the first write: %1 of %3 linked people would be changed and %2 deleted in %4, more than the %5 that the brake allows. Most of it is about %6. Look at the plan with a rehearsal, then go on with sync --resume.", changed, deleted, linked, side, limit, b.Field)
	default:
		s = pace.Say("trouble.brake", "Stopped before the first write: %1 of %3 linked people would be changed and %2 deleted in %4, more than the %5 that the brake allows. Look at the plan with a rehearsal, then go on with sync --resume.", changed, deleted, linked, side, limit)
	}
	return s
}
