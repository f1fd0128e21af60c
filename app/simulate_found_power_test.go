package app

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/store"
)

// TestSimulatedFoundPower tells such stories of a computer: its power fails, its clock is wrong, or nobody is there.
func TestSimulatedFoundPower(t *testing.T) {
	found(t, map[string]func(s *town){
		"the clock was ahead when a write overwrote what somebody entered in that moment, and is set right before that is heard of": func(s *town) {
			id := s.make("Lead", map[string]string{"LastName": "Ahead", "Company": "Found GmbH"})
			s.later()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			s.line.wrong.Store(int64(26 * time.Hour))
			s.sync()
			s.set(id, "Title", "Of Salesforce")
			var edited atomic.Bool
			s.arriving(func(call string) {
				if strings.HasPrefix(call, http.MethodPost) && strings.HasSuffix(call, "/leads.json") && edited.CompareAndSwap(false, true) {
					s.setPerson(person, "title", "Of Marketo")
				}
			})
			s.sync()
			s.line.expect(nil, nil)
			if title, _ := s.marketo(person, "title"); title != "Of Salesforce" || !edited.Load() {
				s.t.Fatalf("the title is %q: nothing was overwritten", title)
			}
			s.line.wrong.Store(0)
			s.later()
			s.told(id, "Of Marketo")
		},
		"the clock is set ahead while a write is planned, the next cycle is cut off, and then the clock is right again": func(s *town) {
			id := s.make("Lead", map[string]string{"LastName": "Ahead", "Company": "Found GmbH"})
			s.later()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			s.set(id, "Title", "Of Salesforce")
			edited := false
			s.arriving(func(call string) {
				switch {
				case strings.HasSuffix(call, "/composite"): // Marketo's log was read
					s.line.wrong.Store(int64(26 * time.Hour))
				case strings.HasPrefix(call, http.MethodPost) && strings.HasSuffix(call, "/leads.json") && !edited:
					s.setPerson(person, "title", "Of Marketo")
					edited = true
				}
			})
			s.sync()
			s.setPerson(person, "city", "Anywhere")
			ctx, cancel := context.WithCancel(s.t.Context())
			defer cancel()
			s.arriving(func(call string) {
				if strings.HasPrefix(call, http.MethodGet) && strings.HasSuffix(call, "/leads.json") {
					cancel()
				}
			})
			if _, err := s.a.Sync(ctx, sampleName, SyncOptions{}); err == nil || !edited {
				s.t.Fatal("nothing was overwritten, or nothing cut off")
			}
			s.line.expect(nil, nil)
			s.line.wrong.Store(0)
			s.later()
			s.told(id, "Of Marketo")
		},
		"nobody is here for weeks, the comparison afterwards is cut off, and nobody is here for weeks again": func(s *town) {
			id := s.make("Lead", map[string]string{"LastName": "Away", "Company": "Found GmbH"})
			s.later()
			vacation()
			s.failsWhen(func(w *store.Workspace) (bool, error) {
				state, err := w.Setting(s.t.Context(), cycle.Epoch)
				return strings.Contains(state, `"after"`), err
			})
			s.must(s.pair.Org().Delete(id))
			vacation() // the recycle bin has emptied itself
			s.later()
			if k, _ := (&life{town: s}).link(id); k.Link.State != cycle.Ended {
				s.t.Errorf("the link of a record that is gone is in state %d", k.Link.State)
			}
		},
		"a subscription's person takes part no longer, the power fails as its twin is deleted, and the person takes part again": func(s *town) {
			person := s.make("Lead", map[string]string{"LastName": "Subscriber", "Company": "Found GmbH", "Email": "subscriber@found.example"})
			s.later()
			id := s.make("Subscription__c", map[string]string{"Name": "S-found", "Lead__c": person, "Plan__c": "Team"})
			s.later()
			setFilter(s.t, s.a, "lead where Do_Not_Sync_to_Marketo is not true\nwho leaves is unlinked")
			s.set(person, doNotSync, "true")
			deleted, fails := false, map[int][]func(){}
			for n := range 60 {
				fails[n] = []func(){func() {
					if strings.Contains(s.line.last(), "/subscription_c/delete.json") {
						deleted = true
						s.line.power.lasts(1)
					}
				}}
			}
			for range 2 {
				s.line.expect(nil, fails)
				_, err := s.a.Sync(s.t.Context(), sampleName, SyncOptions{})
				if s.line.expect(nil, nil); deleted == (err == nil) {
					s.t.Fatalf("the twin is deleted: %v, the cycle ended with %v", deleted, err)
				}
			}
			s.line.power.lasts(0)
			s.set(person, doNotSync, "false")
			s.later()
			s.mirrored(id)
		},
		"a subscription is created, the power fails before that is kept, and its lead is converted": func(s *town) {
			lead := s.make("Lead", map[string]string{"LastName": "Turned", "Company": "Found GmbH"})
			s.later()
			id := s.make("Subscription__c", map[string]string{"Name": "S-found", "Lead__c": lead, "Plan__c": "Team"})
			s.failsWhen(func(w *store.Workspace) (bool, error) {
				known, err := w.Known(s.t.Context(), record.Salesforce, []record.ID{record.ID(id)})
				row := known[0].Out[record.Marketo]
				return row != nil && row.State == cycle.Sending, err
			})
			_, err := s.pair.Org().Convert(lead, "")
			s.must(err)
			s.later()
			s.mirrored(id) // its lead is none any more: it has no twin
		},
	})
}

// arriving has something happen before each call of the cycles that follow arrives; a call is its method and path.
func (s *town) arriving(does func(call string)) {
	arrives := map[int][]func(){}
	for n := range 60 {
		arrives[n] = []func(){func() { does(strings.Join(strings.Fields(s.line.last())[1:3], " ")) }}
	}
	s.line.expect(arrives, nil)
}

// failsWhen has the power fail in one cycle after the other, each time a little later, until one leaves the workspace as it is to be.
func (s *town) failsWhen(is func(w *store.Workspace) (bool, error)) {
	s.t.Helper()
	for kept, over := 1, false; !over; kept++ {
		s.line.power.lasts(kept)
		if _, err := s.a.Sync(s.t.Context(), sampleName, SyncOptions{}); err == nil {
			s.t.Fatal("nothing was cut off")
		}
		s.line.power.lasts(0)
		s.within(func(w *store.Workspace) (err error) {
			over, err = is(w)
			return err
		})
	}
}

// mirrored fails unless a record and its twin in Marketo say the same, or there is no twin where there is to be none.
func (s *town) mirrored(id string) {
	s.t.Helper()
	s.pair.CompareMirrored(func(d sandbox.Difference) bool {
		if d.SalesforceID == id {
			s.t.Errorf("it and its twin differ in %s (%q, %q)", d.SalesforceField, d.Salesforce, d.Marketo)
		}
		return true
	})
}
