package app

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/store"
)

// Ten score changes on one person cost one write: between two cycles, and also when each is planned by a cycle of its own
// while nothing may be sent.
func TestTenScoreChangesCostOneWrite(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		pair, err := sandbox.New(sandbox.Options{People: 60, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer pair.Close()
		a, err := New(Options{Home: home, Secrets: SecretsMemory, Version: "merge", Transport: pair.Transport(), Now: pair.Now})
		if err != nil {
			t.Fatal(err)
		}
		c := pair.Credentials()
		if err := connectSample(ctx, a, c); err != nil {
			t.Fatal(err)
		}
		if err := a.SetMode(ctx, sampleName, record.Live); err != nil {
			t.Fatal(err)
		}
		sync := func(o SyncOptions) {
			t.Helper()
			time.Sleep(betweenCycles)
			if _, err := a.Sync(ctx, sampleName, o); err != nil {
				t.Fatal(err)
			}
		}
		sync(SyncOptions{})
		sync(SyncOptions{})
		person := linkedPerson(t, a)
		scores, err := marketo.New(marketo.Config{
			BaseURL: c.Marketo.BaseURL, ClientID: c.Marketo.ClientID, ClientSecret: pace.Secret(c.Marketo.ClientSecret), Transport: pair.Transport(),
			Mode: func() record.Mode { return record.Live }, Now: pair.Now,
		})
		if err != nil {
			t.Fatal(err)
		}
		score := int64(1000)
		change := func() {
			t.Helper()
			score++
			field := marketo.Field{Name: "leadScore", Type: record.Type{Kind: record.Integer}, Value: record.Of(string(record.MarketoID(score)))}
			done, err := scores.WritePeople(ctx, record.Push, []marketo.Write{{Key: 1, ID: person, Fields: []marketo.Field{field}}})
			if err != nil || done[0].Err != nil {
				t.Fatal(err, done)
			}
		}
		for name, between := range map[string]func(){"between two cycles": func() {}, "a rehearsed cycle each": func() { sync(SyncOptions{Rehearse: true}) }} {
			pair.ResetJournal()
			for range 10 {
				change()
				between()
			}
			sync(SyncOptions{})
			if n := pair.Journal().Of(record.Salesforce).Writes; n != 1 {
				t.Errorf("%s: ten score changes cost %d writes", name, n)
			}
		}
	})
}

// linkedPerson is the Marketo id of somebody who is linked with a Lead.
func linkedPerson(t *testing.T, a *App) (person record.ID) {
	t.Helper()
	must(t, a.within(t.Context(), sampleName, func(w *store.Workspace) error {
		links, err := w.Links(t.Context(), 0, 100_000)
		for _, l := range links {
			if l.State == cycle.Linked && l.Object == record.Lead {
				person = l.Marketo
			}
		}
		return err
	}))
	if person == "" {
		t.Fatal("nobody is linked")
	}
	return person
}
