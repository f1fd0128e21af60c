package app

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/fault"
	"github.com/doppio-sync/doppio/engine/sandbox/org"
	"github.com/doppio-sync/doppio/store"
)

// TestSimulatedFound tells the shortest stories of what simulated days found to be wrong once.
func TestSimulatedFound(t *testing.T) {
	found(t, map[string]func(s *town){
		"a band is taken away, what was written meanwhile overwrites a score, and the band is set again before that is heard of": func(s *town) {
			id := s.make("Lead", map[string]string{"LastName": "Banded", "Company": "Found GmbH", "Lead_Score__c": "93"})
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			band := `{"rules":[{"name":"score","fields":["Lead.Lead_Score__c"],"do":[{"band":{"margin":3}}]}]}`
			s.rules(band)
			s.setPerson(person, "leadScore", "251") // in the band of 93
			s.sync()
			s.rules(`{}`)
			s.set(id, "Title", "Edited")
			s.sync()
			if score, _ := s.marketo(person, "leadScore"); score != "93" {
				s.t.Fatalf("the score is %q: nothing was overwritten", score)
			}
			s.rules(band)
			s.sync()
			s.told(id, "251")
		},
		"two meet, and before what the one says is written to the other somebody empties it there": func(s *town) {
			person := s.makePerson(map[string]string{"lastName": "Met", "email": "met@found.example", "city": "Of Marketo"})
			s.later()
			id := s.contact("Met", "met@found.example")
			s.set(id, "MailingCity", "Of Salesforce")
			ctx, cancel := context.WithCancel(s.t.Context())
			defer cancel()
			s.arriving(func(call string) {
				if strings.HasPrefix(call, http.MethodPost) && strings.HasSuffix(call, "/leads.json") {
					cancel()
				}
			})
			if _, err := s.a.Sync(ctx, sampleName, SyncOptions{}); err == nil {
				s.t.Fatal("nothing was cut off")
			}
			s.line.expect(nil, nil)
			s.setPerson(person, "city", "")
			s.later()
			if city, _ := s.marketo(person, "city"); city != "Of Salesforce" {
				s.t.Fatalf("the city is %q: nothing was overwritten", city)
			}
			s.told(id, "")
		},
		"a write whose answer is lost is sent again, and overwrites what somebody entered in between": func(s *town) {
			var ids []string
			for n := range 50 { // of fewer each goes under the condition that nobody changed it
				ids = append(ids, s.make("Lead", map[string]string{"LastName": fmt.Sprint("Lost ", n), "Company": "Found GmbH"}))
			}
			s.later()
			for _, id := range ids {
				person, _ := s.salesforce(id, "Marketo_Person_Id__c")
				s.setPerson(person, "title", "Of Marketo")
			}
			var lost, edited atomic.Bool
			arrives, served := map[int][]func(){}, map[int][]func(){}
			for n := range 30 {
				arrives[n] = []func(){func() {
					if call := strings.Fields(s.line.last()); strings.HasSuffix(call[2], "/composite") && len(call[3]) > 3 && call[3] > "5" && lost.CompareAndSwap(false, true) { // the writes
						s.must(s.pair.Dice().Next(fault.LostResponse, 1))
					}
				}}
				served[n] = []func(){func() {
					if title, _ := s.salesforce(ids[7], "Title"); title == "Of Marketo" && edited.CompareAndSwap(false, true) {
						s.set(ids[7], "Title", "Of Salesforce")
					}
				}}
			}
			s.line.expect(arrives, served)
			s.sync()
			if title, _ := s.salesforce(ids[7], "Title"); title != "Of Marketo" {
				s.t.Fatalf("the title is %q: nothing was overwritten", title)
			}
			s.told(ids[7], "Of Salesforce")
		},
		"what a write replaced that put a value back in Marketo is told, though its answer was lost and the log tells late": func(s *town) {
			id := s.make("Lead", map[string]string{"LastName": "Back", "Company": "Found GmbH"})
			_, err := s.a.ChangeSettings(s.t.Context(), sampleName, "conflicts=marketo")
			s.must(err)
			s.later()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			s.set(id, "Title", "Of Salesforce")
			typed, between := 0, time.Time{}
			for range 2 {
				s.arriving(func(call string) {
					if !strings.HasPrefix(call, http.MethodPost) || !strings.HasSuffix(call, "/leads.json") || typed == 2 {
						return
					}
					s.setPerson(person, "title", []string{"First", "Second"}[typed])
					if typed++; typed == 2 {
						time.Sleep(5 * time.Second)
						between = s.pair.Now()
						time.Sleep(5 * time.Second) // Salesforce has answered
						s.must(s.pair.Dice().Next(fault.LostResponse, 1))
					}
				})
				s.sync()
			}
			s.line.expect(nil, nil)
			if title, _ := s.marketo(person, "title"); title != "First" || typed != 2 {
				s.t.Fatalf("the title is %q: nothing was put back", title)
			}
			s.readMarketoUntil(between) // the log tells of what was typed later than of what replaced it
			s.later()
			s.told(id, "Second")
		},
		"what a write took away whose answer was lost is told, though its field was edited once more since": func(s *town) {
			id := s.make("Lead", map[string]string{"LastName": "Cut off", "Company": "Found GmbH"})
			s.later()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			s.set(id, "Title", "Of Salesforce")
			s.setPerson(person, "title", "Of Marketo")
			ctx, cancel := context.WithCancel(s.t.Context())
			defer cancel()
			served := map[int][]func(){}
			for n := range 30 {
				served[n] = []func(){func() {
					if title, _ := s.salesforce(id, "Title"); title == "Of Marketo" {
						cancel()
					}
				}}
			}
			s.line.expect(nil, served)
			if _, err := s.a.Sync(ctx, sampleName, SyncOptions{}); err == nil {
				s.t.Fatal("the cycle was not cut off")
			}
			s.line.expect(nil, nil)
			time.Sleep(betweenCycles)
			s.set(id, "Title", "Once more")
			s.sync()
			s.told(id, "Of Salesforce")
		},
		"what did not travel when an import was made is not agreed upon because the import came through": func(s *town) {
			var ids []string
			for n := range 4 {
				ids = append(ids, s.make("Lead", map[string]string{"LastName": fmt.Sprint("Imported ", n), "Company": "Found GmbH", "City": "Before"}))
			}
			s.later()
			for _, id := range ids {
				s.must(s.pair.Org().Set(id, map[string]string{"Title": "Edited", "City": "Of Salesforce"}))
			}
			s.must(s.a.SetMode(s.t.Context(), sampleName, record.Rehearse)) // planned, and not sent
			s.later()
			s.pair.Org().SetFieldAccess("Lead.City", false, false)
			s.must(s.a.SetMode(s.t.Context(), sampleName, record.Live))
			s.line.bulkFrom = 3
			s.sync()
			_, events := (&life{town: s}).link(ids[0])
			if !slices.ContainsFunc(events, func(e store.Event) bool { return e.Kind == "written" && e.New.Text() == "Edited" }) {
				s.t.Fatal("nothing was imported")
			}
			if slices.ContainsFunc(events, func(e store.Event) bool { return e.Kind == "written" && e.New.Text() == "Of Salesforce" }) {
				s.t.Error("the city counts as written")
			}
		},
		"somebody edits in Marketo what an import in the queue is about to write": func(s *town) {
			var ids []string
			for n := range 4 {
				ids = append(ids, s.make("Lead", map[string]string{"LastName": fmt.Sprint("Queued ", n), "Company": "Found GmbH"}))
			}
			s.later()
			for _, id := range ids {
				s.set(id, "City", "Of Salesforce")
			}
			person, _ := s.salesforce(ids[0], "Marketo_Person_Id__c")
			var edited atomic.Bool
			served := map[int][]func(){}
			for n := range 60 {
				served[n] = []func(){func() {
					if call := strings.Fields(s.line.last()); call[1] == http.MethodPost && strings.Contains(call[2], "/bulk/") && edited.CompareAndSwap(false, true) {
						s.setPerson(person, "city", "Of Marketo")
					}
				}}
			}
			s.line.bulkFrom = 3
			s.line.expect(nil, served)
			s.sync()
			s.line.expect(nil, nil)
			if city, _ := s.marketo(person, "city"); city != "Of Salesforce" || !edited.Load() {
				s.t.Fatalf("the city is %q: nothing was overwritten", city)
			}
			s.later()
			s.told(ids[0], "Of Marketo")
		},
		"a lead that the filter keeps out, and whose person is ticked, is converted into a contact that passes": func(s *town) {
			s.must(s.pair.Instance().AddField("keptOut", "Kept Out", "boolean"))
			id := s.make("Lead", map[string]string{"LastName": "Out", "Company": "Found GmbH"})
			s.sync()
			person, _ := s.salesforce(id, "Marketo_Person_Id__c")
			setFilter(s.t, s.a, "lead where Do_Not_Sync_to_Marketo is not true\nwho leaves is marked in keptOut")
			s.set(id, doNotSync, "true")
			s.later()
			if ticked, _ := s.marketo(person, "keptOut"); ticked != "true" {
				s.t.Fatalf("the tick is %q", ticked)
			}
			made, err := s.pair.Org().ConvertInto(id, org.Conversion{})
			s.must(err)
			s.later()
			s.linked(made.Contact, person)
			if ticked, _ := s.marketo(person, "keptOut"); ticked == "true" {
				s.t.Error("the person is ticked still")
			}
		},
		"a field is hidden while a value of it is being put back": func(s *town) {
			id := s.undoneUnsent()
			s.pair.Org().SetFieldAccess("Lead.City", false, false)
			s.later()
			s.told(id, "Before")
		},
		"a field comes to travel one way while a value of it is being put back on both sides": func(s *town) {
			id := s.undoneUnsent()
			_, err := s.a.SetMapping(s.t.Context(), sampleName, edited(s.t, s.a, func(d *MappingDocument) {
				mappedField(s.t, d, record.Lead, "City").Direction = "to_marketo"
			}))
			s.must(err)
			s.later()
			s.told(id, "Before")
		},
		"Marketo takes a value that is put back, and Salesforce's field is not to be written any more": func(s *town) {
			id, n := s.overwritten()
			s.pair.Org().SetFieldAccess("Lead.City", true, false)
			_, err := s.a.Undo(s.t.Context(), sampleName, UndoOptions{Cycle: n}, func(UndoResult) (bool, error) { return true, nil })
			s.must(err)
			s.later()
			_, _, err = s.a.Retry(s.t.Context(), sampleName, Retried{})
			s.must(err)
			s.later()
			s.told(id, "Before")
		},
	})
}

// overwritten is a lead whose city went from Before to After on both sides in a cycle.
func (s *town) overwritten() (id string, n int64) {
	s.t.Helper()
	id = s.make("Lead", map[string]string{"LastName": "Back", "Company": "Found GmbH", "City": "Before"})
	s.later()
	s.set(id, "City", "After")
	return id, s.sync().Cycle.N
}

// undoneUnsent is a lead of which a value is to be put back on both sides, and nothing was sent yet.
func (s *town) undoneUnsent() (id string) {
	s.t.Helper()
	id, n := s.overwritten()
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	_, err := s.a.Undo(ctx, sampleName, UndoOptions{Cycle: n}, func(UndoResult) (bool, error) {
		s.line.expect(map[int][]func(){0: {cancel}}, nil)
		return true, nil
	})
	s.line.expect(nil, nil)
	if err == nil {
		s.t.Fatal("nothing was cut off")
	}
	return id
}

func (s *town) rules(file string) {
	s.t.Helper()
	_, err := s.a.SetRules(s.t.Context(), sampleName, []byte(file))
	s.must(err)
}

// told fails unless the history of a record tells that a value was overwritten.
func (s *town) told(id, value string) {
	s.t.Helper()
	if _, events := (&life{town: s}).link(id); !slices.ContainsFunc(events, func(e store.Event) bool { return e.Kind == "overwrote" && e.Old.Text() == value }) {
		s.t.Errorf("nobody is told that %q was overwritten: %+v", value, events)
	}
}
