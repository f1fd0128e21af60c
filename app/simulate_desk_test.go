package app

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/store"
)

// What is done in Doppio itself, between two cycles.

// decides has a person decide what is open: one of the decisions, and all that was refused.
func (o *office) decides() {
	o.hasty = true
	ctx := o.t.Context()
	holds, err := o.a.Holds(ctx, sampleName)
	if err != nil {
		o.t.Error(err)
	}
	if len(holds) > 0 {
		h := holds[o.rng.IntN(len(holds))]
		d := Decision{Take: []record.Side{record.Salesforce, record.Marketo}[o.rng.IntN(2)]}
		switch {
		case h.Cause == "brake":
			o.resumes()
			return
		case h.Cause == cycle.TwoPeople:
			d = []Decision{{Merge: true}, {Skip: true}}[o.rng.IntN(2)]
			o.moved[string(h.Marketo)] = true
		case h.Field == "":
			d = Decision{Skip: true}
			if len(h.Candidates) > 0 {
				if id := h.Candidates[o.rng.IntN(len(h.Candidates))].ID; !o.chosen[id] { // who was chosen for somebody stays with them
					o.chosen[id], d = true, Decision{Link: id}
				}
			}
		}
		o.diary("decide %s of %s: %v %v", h.Cause, h.Salesforce, d, o.a.Resolve(ctx, sampleName, h.ID, d))
	}
	n, _, err := o.a.Retry(ctx, sampleName, Retried{})
	o.diary("try %d refused writes again: %v", n, said(err))
}

func said(err error) string {
	if err == nil {
		return "done"
	}
	return Say(err)
}

// resumes lets the sync go on after a brake.
func (o *office) resumes() {
	_, err := o.a.Sync(o.t.Context(), sampleName, SyncOptions{Resume: true})
	o.diary("it may go on: %v", said(err))
}

// hurries asks for some people at once.
func (o *office) hurries() {
	o.hasty = true
	var who []string
	for range 1 + o.rng.IntN(3) {
		side, object := record.Salesforce, []record.Object{record.Lead, record.Contact}[o.rng.IntN(2)]
		if o.rng.IntN(2) == 0 {
			side, object = record.Marketo, record.Person
		}
		if id, email := o.anyone(side, object); id != "" {
			who = append(who, []string{id, email}[o.rng.IntN(2)])
		}
	}
	who = slices.DeleteFunc(who, func(text string) bool { return text == "" })
	if len(who) > 0 {
		_, err := o.a.Sync(o.t.Context(), sampleName, SyncOptions{Now: who, NowOnly: o.rng.IntN(2) == 0})
		o.diary("%v are wanted now: %v", who, said(err))
	}
}

// undoes puts back what a cycle wrote, or one value.
func (o *office) undoes() {
	o.hasty = true
	ctx := o.t.Context()
	var what UndoOptions
	if err := o.a.beside(ctx, sampleName, true, func(w *store.Workspace) error {
		events, err := w.EventsBefore(ctx, 0, 60)
		events = slices.DeleteFunc(events, func(e store.Event) bool { return e.Kind != "written" && e.Kind != "overwrote" })
		if len(events) > 0 {
			e := events[o.rng.IntN(len(events))]
			what = UndoOptions{Change: e.ID}
			if o.rng.IntN(2) == 0 {
				what = UndoOptions{Cycle: e.Cycle}
			}
		}
		return err
	}); err != nil {
		o.t.Error(err)
	}
	if what == (UndoOptions{}) {
		return
	}
	what.AllowBrake = true
	var planned UndoResult
	at := o.pair.Now()
	_, err := o.a.Undo(ctx, sampleName, what, func(r UndoResult) (bool, error) { planned = r; return true, nil })
	o.diary("put back %+v: %d values: %v", what, len(planned.Changes), said(err))
	if err := o.a.beside(ctx, sampleName, true, func(w *store.Workspace) error {
		mapping, err := mappingOf(ctx, w)
		for _, c := range planned.Changes {
			object, _ := mapping.Object(c.Object)
			for _, f := range object.Fields {
				if f.Salesforce == c.Field {
					o.diary("  %s of %s goes back to %q", c.Field, c.Salesforce, c.Back)
					o.edited = append(o.edited, edit{at, record.Salesforce, string(c.Salesforce), f.Salesforce, c.Back}, edit{at, record.Marketo, string(c.Marketo), f.Marketo, c.Back})
				}
			}
		}
		return err
	}); err != nil {
		o.t.Error(err)
	}
}

// onlyLooks lets a cycle or two only look: nothing may be written (promise 5).
func (o *office) onlyLooks() {
	ctx := o.t.Context()
	if err := o.a.SetMode(ctx, sampleName, record.Observe); err != nil {
		o.t.Error(err)
	}
	before := o.pair.Journal()
	for range 1 + o.rng.IntN(2) {
		_, err := o.a.Sync(ctx, sampleName, SyncOptions{Rehearse: o.rng.IntN(2) == 0})
		o.diary("a cycle only looks: %v", said(err))
	}
	o.wroteNothing("a cycle that only looks", before.Salesforce.Writes, before.Marketo.Writes)
	if err := o.calmly(func() error { return o.a.SetMode(ctx, sampleName, record.Live) }); err != nil {
		o.t.Error(err)
	}
}

// wroteNothing notes a broken promise when something was written since a count of writes.
func (o *office) wroteNothing(what string, salesforce, marketo int) {
	now := o.pair.Journal()
	if s, m := now.Salesforce.Writes-salesforce, now.Marketo.Writes-marketo; s+m > 0 {
		o.broken = append(o.broken, "promise 5: "+what+" wrote")
		o.diary("%s wrote %d and %d records", what, s, m)
	}
}

// resets changes what the workspace decides by itself.
func (o *office) resets() {
	assign := []string{
		"deletes=mark", "deletes=unlink", "deletes=delete", "merges=hold", "merges=marketo", "conflicts=newest", "conflicts=hold", "conflicts=default",
		"conflicts=marketo", "conflicts=salesforce", "brake_records=8", "brake_records=100",
	}[o.rng.IntN(12)]
	also := map[string]string{"brake_records=8": "brake_percent=5", "brake_records=100": "brake_percent=20"}[assign]
	all := slices.DeleteFunc([]string{assign, also}, func(s string) bool { return s == "" })
	_, err := o.a.ChangeSettings(o.t.Context(), sampleName, all...)
	o.diary("settings %v: %v", all, err)
}

// forgetsTokens has Marketo forget the places in its log, as it does after a while.
func (o *office) forgetsTokens() {
	o.pair.Instance().ForgetTokens()
	o.diary("Marketo forgets its tokens")
}

// vacation is how long a laptop stays closed in summer.
func vacation() { time.Sleep(20 * 24 * time.Hour) }

// backsUp keeps a copy of the workspace's file; putsBack puts the last one in its place.
func (o *office) backsUp() {
	o.backup = o.files()
	o.diary("a backup is made")
}

func (o *office) putsBack() {
	if o.backup == nil {
		return
	}
	var errs []error
	for path := range o.files() {
		errs = append(errs, os.Remove(path))
	}
	for _, path := range slices.Sorted(maps.Keys(o.backup)) {
		errs = append(errs, os.WriteFile(path, o.backup[path], 0o600))
	}
	pairs, err := o.a.Pairs(o.t.Context(), sampleName)
	rules, err2 := o.a.Rules(o.t.Context(), sampleName)
	if err := errors.Join(append(errs, err, err2)...); err != nil {
		o.t.Error(err)
	}
	if len(pairs) == 0 {
		o.webinar.Campaign = ""
	}
	if rules.Tasks == nil {
		o.ruled = time.Time{}
	}
	o.restored, o.unread = o.pair.Now(), true
	o.remembers()
	o.heeds()
	o.diary("the backup is put back")
}

// files are the workspace's file and what SQLite keeps beside it.
func (o *office) files() map[string][]byte {
	if err := o.file.close(); err != nil {
		o.t.Error(err)
	}
	files := map[string][]byte{}
	if err := filepath.WalkDir(o.a.home, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.Contains(filepath.Base(path), ".db") || strings.HasSuffix(path, ".session") {
			return err
		}
		files[path], err = os.ReadFile(path)
		return err
	}); err != nil {
		o.t.Error(err)
	}
	return files
}

// historyLost tells whether what became of something that was done at a time may have stood in a history that a backup replaced, or was
// done before anything was read again: who came and went in between was never seen.
func (o *office) historyLost(at time.Time) bool { return !at.After(o.restored) }
